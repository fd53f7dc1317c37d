import type { SpendCondition } from '#contract/spend-where.ts';
import { spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import type { Hour } from '../spend-roll-up.ts';
import { BOUNDS, LINE, WITH_UNITS } from './spend-of-calls.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';
import { isoToStore } from './time.ts';

export interface CallsToReprice {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Any of a call's names; all when empty. */
  models: readonly string[];
  where: readonly SpendCondition[];
  /** The zone of `month`. */
  zone: string;
  /** What this posting has done already does not count as done. */
  postingId: string;
  /** Only what was stored at or after it: microseconds of the engine's clock. */
  storedSince?: string | undefined;
}

/** A call as it stands in the ledger: what it was booked at and every repricing that holds added up. Counts and money are decimal text. */
export interface LedgerCall {
  start_time: string;
  start_ms: string;
  trace_id: string;
  span_id: string;
  version: string;
  feature: string;
  model: string;
  /** `2026-10`. */
  month: string;
  is_priced: 0 | 1;
  has_uncached: 0 | 1;
  unpriced_calls: string;
  unbounded_calls: string;
  cost: string;
  low: string;
  high: string;
  uncached: string;
  kinds: Record<string, string>;
  units: Record<string, string>;
  reductions: Record<string, string>;
  price_version_now: string;
}

const params = (asked: CallsToReprice) => ({
  ...spendWhereSql(asked.where, ofCall).params,
  project: asked.projectId,
  from: isoToStore(asked.fromMs),
  to: isoToStore(asked.toMs),
  models: asked.models,
  zone: asked.zone,
  posting: asked.postingId,
  since: asked.storedSince ?? '0',
});

const ofCall = (dimension: SpendCondition['dimension']) =>
  dimension === 'line' ? LINE : spendColumn(dimension);

function filterOf({ models, where, storedSince }: CallsToReprice): string {
  const parts = [
    'project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}',
    spendWhereSql(where, ofCall).sql.replace(/^AND /, ''),
    models.length
      ? '(model IN {models:Array(String)} OR request_model IN {models:Array(String)} OR response_model IN {models:Array(String)})'
      : '',
    storedSince ? "stored_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')" : '',
  ];
  return parts.filter(part => part !== '').join(' AND ');
}

const settings = {
  max_threads: 1,
  max_execution_time: 300,
  max_memory_usage: '1000000000',
  do_not_merge_across_partitions_select_final: 1 as const,
};

/** Hours in which there are such calls, and how many rows, superseded ones included. */
export async function hoursToReprice(
  clickhouse: ClickHouse,
  asked: CallsToReprice,
): Promise<Map<Hour, number>> {
  const rows = await clickhouse.query<{ hour: number; n: string }>(
    `SELECT intDiv(toUnixTimestamp(start_time), 3600) AS hour, count() AS n FROM calls WHERE ${filterOf(asked)} GROUP BY hour ORDER BY hour`,
    params(asked),
    { settings },
  );
  return new Map(rows.map(({ hour, n }) => [hour, Number(n)]));
}

const IS_UNPRICED = 'isNull(cost_nanos) AND ifNull(cost_high_nanos, 1) != 0';

/** The calls as they come, with `columns` of theirs. */
export async function* streamCallsToReprice<Row>(
  clickhouse: ClickHouse,
  asked: CallsToReprice,
  columns: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<(Row & LedgerCall)[]> {
  const kinds = spendKinds.map(kind => `'${kind}', toInt64(u_${kind})`).join(', ');
  const sql = `
    ${WITH_UNITS}
    SELECT ${columns.map(name => `c.${name} AS ${name}`).join(', ')}, c.start_time AS start_time, toUnixTimestamp64Milli(c.start_time) AS start_ms,
      c.trace_id AS trace_id, c.span_id AS span_id, c.version AS version, c.feature AS feature, c.model AS model,
      formatDateTime(toTimeZone(c.start_time, {zone:String}), '%Y-%m') AS month,
      toUInt8(isNotNull(c.cost_nanos)) AS is_priced, toUInt8(isNotNull(c.uncached_nanos) OR isNull(c.cost_nanos)) AS has_uncached, toInt64(${IS_UNPRICED}) + r_unpriced AS unpriced_calls,
      toInt64(${BOUNDS.isUnbounded}) + r_unbounded AS unbounded_calls,
      ifNull(c.cost_nanos, 0) + r_cost AS cost, ${BOUNDS.low} + r_low AS low,
      ${BOUNDS.high} + r_high AS high, coalesce(c.uncached_nanos, c.cost_nanos, 0) + r_uncached AS uncached,
      mapAdd(CAST(c.cost_by_kind, 'Map(String, Int64)'), r_kinds) AS kinds, mapAdd(CAST(map(${kinds}), 'Map(String, Int64)'), r_units) AS units,
      mapAdd(CAST(c.reductions, 'Map(String, Int64)'), r_reductions) AS reductions,
      if(r_version = '', c.price_version, r_version) AS price_version_now
    FROM (SELECT * FROM calls FINAL WHERE ${filterOf(asked)}) AS c
    LEFT JOIN (
      SELECT trace_id AS r_trace_id, span_id AS r_span_id, start_time AS r_start_time, against_version,
        sum(toInt64(unpriced_calls)) AS r_unpriced, sum(toInt64(unbounded_calls)) AS r_unbounded, sum(cost_nanos) AS r_cost,
        sum(low_nanos) AS r_low, sum(high_nanos) AS r_high, sum(uncached_nanos) AS r_uncached,
        sumMap(CAST(cost_by_kind, 'Map(String, Int64)')) AS r_kinds, sumMap(CAST(units_by_kind, 'Map(String, Int64)')) AS r_units,
        sumMap(CAST(reductions, 'Map(String, Int64)')) AS r_reductions,
        toString(argMax(price_version, (posted_at, posting_id))) AS r_version
      FROM call_repricings FINAL
      WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} AND posting_id != {posting:String}
      GROUP BY ALL
    ) AS r ON c.trace_id = r.r_trace_id AND c.span_id = r.r_span_id AND c.start_time = r.r_start_time AND c.version = r.against_version`;
  yield* clickhouse.stream<Row & LedgerCall>(sql, params(asked), { settings, ...(signal && { signal }) });
}
