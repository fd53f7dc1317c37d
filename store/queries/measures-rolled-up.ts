import type { Dimension } from '#contract/dimension.ts';
import type { MeasureName } from '#contract/measure.ts';
import { callsAsCounts, type countColumns, countKeys } from '../call-counts.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import type { MeasuresQuestion } from './measures.ts';
import { isoToStore } from './time.ts';
import { isoInZone } from './zone-time.ts';

const hourMs = 3_600_000;
/** Shorter ranges are read from the calls: there is little to gain. */
const longRangeMs = 48 * hourMs;
/** An insert may take a while to be seen by the roll-up. */
const overlapUs = 90_000_000n;

type Column = keyof typeof countColumns;

/** Measures that are sums of the hourly counts. */
const columns: Partial<Record<MeasureName, Column>> = {
  calls: 'calls',
  failed_calls: 'failed',
  attempts: 'attempts',
  failed_attempts: 'failed_attempts',
  duplicate_spans: 'duplicates',
  input_tokens: 'input_tokens',
  cache_read_tokens: 'cache_read_tokens',
  cache_write_tokens: 'cache_write_tokens',
  output_tokens: 'output_tokens',
  reasoning_tokens: 'reasoning_tokens',
  embedding_tokens: 'embedding_tokens',
  cost_usd: 'cost_nanos',
  cost_low_usd: 'cost_low_nanos',
  cost_high_usd: 'cost_high_nanos',
  client_cost_usd: 'client_cost_nanos',
  unpriced_calls: 'unpriced',
};

const keyOf: Partial<Record<Dimension, readonly string[]>> = {
  ...Object.fromEntries(countKeys.map(name => [name, [name]])),
  model: ['model', 'request_model', 'response_model'],
  prompt: ['prompt_name', 'prompt_version'],
};

/** Where a question reads its sums: a table of the columns it needs, and what to do with them. */
export interface RolledUp {
  /** SQL in place of `calls`; filtered already. */
  from: string;
  params: Record<string, unknown>;
  /** SQL of a measure over it. */
  measure: (name: MeasureName) => string;
  /** Orders groups by size. */
  size: string;
}

/**
 * Reads whole hours from the roll-up and the rest from the calls: the ends of the range, and hours that something was stored in
 * since `rolledUpTo` (microseconds, decimal). The sums are those of the calls, to the last digit. Null when the question cannot
 * be answered so, or not with any gain.
 */
export async function rolledUpCalls(
  clickhouse: ClickHouse,
  question: MeasuresQuestion & { measures: readonly MeasureName[] },
  whereSql: string,
): Promise<RolledUp | null> {
  const { rolledUpTo, projectId, fromMs, toMs, measures } = question;
  if (!rolledUpTo || toMs - fromMs < longRangeMs || !canAnswer(question)) return null;
  const first = Math.ceil(fromMs / hourMs) * hourMs;
  const last = Math.floor(toMs / hourMs) * hourMs;
  const since = BigInt(rolledUpTo) > overlapUs ? BigInt(rolledUpTo) - overlapUs : 0n;
  const range = { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs) };
  const stale = await clickhouse.query<{ hour: number }>(
    STALE,
    { ...range, since: since.toString() },
    {
      settings: alertLimits,
    },
  );
  if (stale.length > (last - first) / hourMs / 2) return null;

  const names = [...new Set(['calls', 'unbounded', ...measures.map(name => columns[name]!)])];
  const keys = [...new Set(dimensionsOf(question).flatMap(name => keyOf[name]!))];
  const rest = `start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
    AND (start_time < {first:DateTime64(3)} OR start_time >= {last:DateTime64(3)}
      OR has({stale:Array(UInt32)}, toUnixTimestamp(toStartOfHour(start_time)))) ${whereSql}`;
  const from = `(SELECT toDateTime64(start_time, 9, 'UTC') AS start_time, ${keys.map(key => `${key}, `).join('')}
      ${names.map(name => `${name} AS c_${name}`).join(', ')}
    FROM call_counts_1h FINAL
    WHERE project_id = {project:String} AND start_time >= {first:DateTime64(3)} AND start_time < {last:DateTime64(3)}
      AND NOT has({stale:Array(UInt32)}, toUnixTimestamp(start_time)) AND calls > 0 ${whereSql}
    UNION ALL ${callsAsCounts(['start_time', ...keys], names, rest)})`;
  return {
    from,
    params: { first: isoToStore(first), last: isoToStore(last), stale: stale.map(({ hour }) => hour) },
    measure: name =>
      name === 'cost_high_usd'
        ? 'if(sum(c_unbounded) = 0, sum(c_cost_high_nanos), NULL)'
        : `sum(c_${columns[name]!})`,
    size: 'sum(c_calls)',
  };
}

// Deleted rows count: their hour must lose them.
const STALE = `
SELECT DISTINCT toUnixTimestamp(toStartOfHour(start_time)) AS hour FROM calls
WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
  AND stored_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')`;

const dimensionsOf = ({ groupBy, where }: MeasuresQuestion): Dimension[] => [
  ...groupBy,
  ...where.map(({ dimension }) => dimension),
];

function canAnswer(question: MeasuresQuestion): boolean {
  return (
    question.measures.every(name => columns[name] !== undefined) &&
    dimensionsOf(question).every(name => keyOf[name] !== undefined) &&
    question.interval !== '15m' &&
    (question.interval === undefined || beginsOnHours(question))
  );
}

/** Whether the zone is whole hours from UTC all through the range, so that its days and hours are made of the roll-up's. */
function beginsOnHours({ tz, fromMs, toMs }: MeasuresQuestion): boolean {
  for (let ms = fromMs; ms < toMs; ms += 24 * hourMs) if (!isWholeHour(isoInZone(ms, tz))) return false;
  return isWholeHour(isoInZone(toMs, tz));
}

const isWholeHour = (iso: string) => /(Z|:00)$/.test(iso);
