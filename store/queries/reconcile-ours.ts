import type { SpendKind } from '#contract/spend-words.ts';
import { spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';

export interface OursQuestion {
  projectId: string;
  /** Unix milliseconds on whole quarters of an hour, inclusive. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  /** Empty: all. Calls that name no provider count as well. */
  providers: readonly string[];
}

/** What the ledger holds of one day, model and service; `kinds` has only those that occur. */
export interface OursRow {
  /** Whole days since `fromMs`. */
  day: number;
  provider: string;
  model: string;
  service: string;
  calls: number;
  unpricedCalls: number;
  kinds: Partial<Record<SpendKind, { units: number; unpricedUnits: number; nanos: bigint }>>;
}

const settings = { max_memory_usage: '1000000000', max_execution_time: 30 };

// By when the calls were made: what was booked later for a closed month belongs to its own days here.
const WHERE = `project_id = {project:String} AND bucket >= fromUnixTimestamp({from:UInt32})
  AND origin >= fromUnixTimestamp({from:UInt32}) AND origin < fromUnixTimestamp({to:UInt32})
  AND (empty({providers:Array(String)}) OR provider IN {providers:Array(String)} OR provider = '')`;

const params = ({ projectId, fromMs, toMs, providers }: OursQuestion) => ({
  project: projectId,
  from: fromMs / 1000,
  to: toMs / 1000,
  providers,
});

/** Units and money by day of 24 hours from `fromMs`, model and service. */
export async function oursByDay(clickhouse: ClickHouse, question: OursQuestion): Promise<OursRow[]> {
  const sums = spendKinds.map(
    kind =>
      `toInt64(sum(units_${kind})), toInt64(sumIf(units_${kind}, price_version = '' AND entry = 'call' AND unpriced_calls != 0)), toInt64(sum(nanos_${kind}))`,
  );
  const rows = await clickhouse.query<{
    day: number;
    provider: string;
    model: string;
    service: string;
    calls: string;
    unpriced: string;
    sums: string[];
  }>(
    `SELECT intDiv(toUnixTimestamp(origin) - {from:UInt32}, 86400) AS day, provider, model, service, toString(sum(s.calls)) AS calls,
       toString(sum(s.unpriced_calls)) AS unpriced, arrayMap(x -> toString(x), [${sums.join(', ')}]) AS sums
     FROM spend_15m AS s WHERE ${WHERE} GROUP BY day, provider, model, service`,
    params(question),
    { settings },
  );
  return rows.map(row => ({
    day: Number(row.day),
    provider: row.provider,
    model: row.model,
    service: row.service,
    calls: Number(row.calls),
    unpricedCalls: Number(row.unpriced),
    kinds: kindsOf(row.sums, row.unpriced !== '0'),
  }));
}

/** A call that got its price later is still in a row without one: what counts is how many have none by now. */
function kindsOf(sums: readonly string[], hasUnpriced: boolean): OursRow['kinds'] {
  const kinds: OursRow['kinds'] = {};
  for (const [at, kind] of spendKinds.entries()) {
    const [units, unpricedUnits, nanos] = sums.slice(at * 3, at * 3 + 3) as [string, string, string];
    if (units === '0' && nanos === '0') continue;
    kinds[kind] = {
      units: Number(units),
      unpricedUnits: hasUnpriced ? Number(unpricedUnits) : 0,
      nanos: BigInt(nanos),
    };
  }
  return kinds;
}

/** Output tokens and money of each quarter of an hour and model: enough to see where days begin. */
export async function oursByQuarter(
  clickhouse: ClickHouse,
  question: OursQuestion,
): Promise<{ startMs: number; model: string; output: number; nanos: number }[]> {
  const rows = await clickhouse.query<{ at: number; model: string; output: string; nanos: string }>(
    `SELECT toUnixTimestamp(origin) AS at, model, sum(units_output) + sum(units_reasoning) AS output, sum(cost_nanos) AS nanos
     FROM spend_15m WHERE ${WHERE} GROUP BY at, model ORDER BY at`,
    params(question),
    { settings },
  );
  return rows.map(({ at, model, output, nanos }) => ({
    startMs: at * 1000,
    model,
    output: Number(output),
    nanos: Number(nanos),
  }));
}
