import type { ClientCostCause } from '#contract/client-cost.ts';
import type { ClickHouse } from '../engine/client.ts';
import { partParams, type SpendPart } from './export-spend.ts';
import { IS_ESTIMATED, LINE } from './spend-of-calls.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';

export interface ClientCostRow {
  cause: ClientCostCause;
  calls: string;
  /** Nano-dollars, decimal text. */
  client: string;
  ours: string;
}

/** To half a percent, or a millionth of a dollar: senders round. */
const isNear = (one: string, other: string) =>
  `abs(${one} - ${other}) <= greatest(1000, intDiv(abs(${other}), 200))`;

const OFF = `arraySum(mapValues(mapFilter((key, nanos) -> NOT startsWith(key, 'prepaid.'), reductions)))`;

const CAUSE = `multiIf(
  isNull(cost_nanos), 'unpriced',
  ${isNear('theirs', 'ours_')}, 'same',
  theirs = 0, 'nothing_sent',
  isNotNull(uncached_nanos) AND uncached_nanos != ours_ AND ${isNear('theirs', 'ifNull(uncached_nanos, 0)')}, 'cache_left_out',
  notEmpty(reductions) AND ${isNear('theirs', `(ours_ + ${OFF})`)}, 'list_price',
  ${IS_ESTIMATED}, 'estimated',
  'other')`;

/** Calls whose sender reported a cost, by why it is not ours as booked; of one hour in `oneHourIn`. */
export function readClientCost(
  clickhouse: ClickHouse,
  part: SpendPart & { oneHourIn: number },
  signal?: AbortSignal,
): Promise<ClientCostRow[]> {
  const { sql } = spendWhereSql(part.where, dimension =>
    dimension === 'line' ? LINE : spendColumn(dimension),
  );
  return clickhouse.query<ClientCostRow>(
    `SELECT ${CAUSE} AS cause, count() AS calls, sum(theirs) AS client, sum(ours_) AS ours
     FROM (
       SELECT *, assumeNotNull(client_cost_nanos) AS theirs, ifNull(cost_nanos, 0) AS ours_ FROM calls FINAL
       WHERE project_id = {project:String} AND start_time >= {from:DateTime('UTC')} AND start_time < {to:DateTime('UTC')}
         AND intDiv(toUnixTimestamp(start_time), 3600) % {one_hour_in:UInt32} = 0 AND isNotNull(client_cost_nanos) ${sql}
     )
     GROUP BY cause
     ORDER BY abs(client - ours) DESC, cause`,
    { ...partParams(part), one_hour_in: part.oneHourIn },
    { settings: { do_not_merge_across_partitions_select_final: 1 }, ...(signal && { signal }) },
  );
}
