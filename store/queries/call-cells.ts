import type { CauseDimension } from '#contract/explanation.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { type CallColumn, type CallValuesOf, callValueParams, callValues } from './call-values.ts';
import { isoToStore } from './time.ts';

/** The time before a change and since it, and which part of the calls is read. */
export interface CellWindows {
  fromMs: number;
  changedMs: number;
  toMs: number;
  /** Hours of the day (UTC) that count before the change; null: all. */
  hours: readonly number[] | null;
  /** Every n-th trace is read, before and since; 1: all. */
  everyBefore: number;
  everyAfter: number;
}

export interface CellSums {
  n: number;
  sum: number;
  sumSq: number;
}

/** Calls that agree in every dimension, before the change and since. */
export interface CallCell {
  values: string[];
  before: CellSums;
  after: CellSums;
}

const ownDimensions = [
  'model',
  'response_model',
  'request_model',
  'provider',
  'prompt',
  'release',
  'sdk',
  'variant',
  'service',
  'agent',
  'service_tier',
  'tenant',
  'team',
  'operation',
  'environment',
  'finish_reason',
  'error_type',
] as const satisfies readonly (CallColumn & CauseDimension)[];

/** Beyond so many combinations the rarer ones are put together. */
const mostCells = 6000;

/** Which of the dimensions that lie beside the calls are in use: what nobody sends is not joined. */
async function traitsInUse(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  windows: CellWindows,
): Promise<{ tool: boolean; place: boolean }> {
  const [row] = await clickhouse.query<{ tool: 0 | 1; place: 0 | 1 }>(
    `SELECT
       (SELECT count() FROM (SELECT 1 FROM tool_calls WHERE project_id = {project:String} AND feature = {feature:String}
          AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} LIMIT 1)) AS tool,
       (SELECT count() FROM (SELECT 1 FROM spans WHERE project_id = {project:String} AND (region != '' OR language != '')
          AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} LIMIT 1)) AS place`,
    paramsOf(of, windows),
    { settings: alertLimits },
  );
  return { tool: Number(row?.tool) > 0, place: Number(row?.place) > 0 };
}

/**
 * The calls of a series told apart by everything that is known of them, with the sums of their values. Sums are added up as
 * whole billionths, so that the order in which the engine reads does not matter and the same rows give the same bits.
 */
export async function readCallCells(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  windows: CellWindows,
): Promise<{ dimensions: CauseDimension[]; cells: CallCell[] }> {
  const { tool, place } = await traitsInUse(clickhouse, of, windows);
  const dimensions: CauseDimension[] = [
    ...ownDimensions,
    ...(tool ? (['tool'] as const) : []),
    ...(place ? (['region', 'language'] as const) : []),
  ];
  const keys = dimensions.join(', ');
  const merged = dimensions.map(name => `if(rank > ${mostCells}, '(other)', ${name})`).join(', ');
  const sql = `
    SELECT [${merged}] AS cell,
      toString(sum(n0)) AS nBefore, toString(sum(s0)) AS sumBefore, toString(sum(q0)) AS sumSqBefore,
      toString(sum(n1)) AS nAfter, toString(sum(s1)) AS sumAfter, toString(sum(q1)) AS sumSqAfter
    FROM
    (
      SELECT *, row_number() OVER (ORDER BY n0 + n1 DESC, ${keys}) AS rank
      FROM
      (
        SELECT ${keys},
          countIf(NOT later) AS n0, sumIf(v, NOT later) AS s0, sumIf(v * v, NOT later) AS q0,
          countIf(later) AS n1, sumIf(v, later) AS s1, sumIf(v * v, later) AS q1
        FROM (SELECT *, at >= {changed:DateTime64(3)} AS later, toInt128(round(x * 1e9)) AS v FROM (${rows(of, { tool, place })}))
        GROUP BY ${keys}
      )
    )
    GROUP BY cell
    ORDER BY cell`;
  type Row = Record<
    'nBefore' | 'sumBefore' | 'sumSqBefore' | 'nAfter' | 'sumAfter' | 'sumSqAfter',
    string
  > & {
    cell: string[];
  };
  const found = await clickhouse.query<Row>(sql, paramsOf(of, windows), {
    settings: { ...alertLimits, max_result_rows: '0', do_not_merge_across_partitions_select_final: 1 },
  });
  const cells = found.map(row => ({
    values: row.cell,
    before: sums(row.nBefore, row.sumBefore, row.sumSqBefore),
    after: sums(row.nAfter, row.sumAfter, row.sumSqAfter),
  }));
  return { dimensions, cells };
}

/** Calls with their value and all dimensions, of both windows. */
function rows(of: CallValuesOf, { tool, place }: { tool: boolean; place: boolean }): string {
  const sampled = `AND cityHash64(trace_id) % if(start_time < {changed:DateTime64(3)}, {everyBefore:UInt32}, {everyAfter:UInt32}) = 0
    AND (start_time >= {changed:DateTime64(3)} OR empty({hours:Array(UInt8)}) OR has({hours:Array(UInt8)}, toHour(start_time)))`;
  const calls = callValues(of.metric, ['trace_id', 'start_time', ...ownDimensions], sampled);
  const range = `project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL 1 HOUR
    AND start_time < {to:DateTime64(3)} + INTERVAL 1 HOUR`;
  const tools = `ANY LEFT JOIN
    (SELECT trace_id, arrayStringConcat(arraySort(groupUniqArray(name)), ' + ') AS tool FROM tool_calls FINAL
     WHERE ${range} AND feature = {feature:String} GROUP BY trace_id) AS used USING (trace_id)`;
  const places = `ANY LEFT JOIN
    (SELECT trace_id, max(region) AS region, max(language) AS language FROM spans
     WHERE ${range} AND (region != '' OR language != '') GROUP BY trace_id) AS served USING (trace_id)`;
  return `SELECT * FROM (${calls}) AS one ${tool ? tools : ''} ${place ? places : ''}`;
}

function sums(n: string, sum: string, sumSq: string): CellSums {
  return { n: Number(n), sum: Number(BigInt(sum)) / 1e9, sumSq: Number(BigInt(sumSq)) / 1e18 };
}

function paramsOf(of: CallValuesOf, windows: CellWindows) {
  return {
    ...callValueParams(of),
    from: isoToStore(windows.fromMs),
    changed: isoToStore(windows.changedMs),
    to: isoToStore(windows.toMs),
    hours: windows.hours ?? [],
    everyBefore: windows.everyBefore,
    everyAfter: windows.everyAfter,
  };
}

/** How many calls a series has before and since, roughly: what decides how many of them are read. */
export async function countCalls(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  windows: Pick<CellWindows, 'fromMs' | 'changedMs' | 'toMs'>,
): Promise<{ before: number; after: number }> {
  const [row] = await clickhouse.query<{ before: string; after: string }>(
    `SELECT countIf(start_time < {changed:DateTime64(3)}) AS before, countIf(start_time >= {changed:DateTime64(3)}) AS after
     FROM calls
     WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
       AND feature = {feature:String} AND model = {model:String} AND environment = {environment:String}`,
    paramsOf(of, { ...windows, hours: null, everyBefore: 1, everyAfter: 1 }),
    { settings: alertLimits },
  );
  return { before: Number(row?.before ?? 0), after: Number(row?.after ?? 0) };
}

/** The newest moment at which a call or score was stored, microseconds since the epoch: what is read now was there then. */
export async function storedUntilNow(clickhouse: ClickHouse, projectId: string): Promise<string> {
  const [row] = await clickhouse.query<{ now: string }>(
    `SELECT toString(greatest(
       (SELECT max(toUnixTimestamp64Micro(stored_at)) FROM calls WHERE project_id = {project:String}),
       (SELECT max(toUnixTimestamp64Micro(stored_at)) FROM scores WHERE project_id = {project:String}))) AS now`,
    { project: projectId },
    { settings: alertLimits },
  );
  return row?.now ?? '0';
}

/** Rows of the windows that were stored after a cut: late, or derived anew. */
export async function countStoredSince(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  windows: Pick<CellWindows, 'fromMs' | 'changedMs' | 'toMs'>,
): Promise<{ calls: number; scores: number }> {
  const [row] = await clickhouse.query<{ calls: string; scores: string }>(
    `SELECT
       (SELECT count() FROM calls FINAL WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)}
          AND start_time < {to:DateTime64(3)} AND feature = {feature:String} AND model = {model:String}
          AND environment = {environment:String} AND stored_at > fromUnixTimestamp64Micro({storedUntil:Int64})) AS calls,
       (SELECT count() FROM scores FINAL WHERE project_id = {project:String} AND name = {score:String}
          AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
          AND stored_at > fromUnixTimestamp64Micro({storedUntil:Int64})) AS scores`,
    paramsOf(of, { ...windows, hours: null, everyBefore: 1, everyAfter: 1 }),
    { settings: alertLimits },
  );
  return { calls: Number(row?.calls ?? 0), scores: Number(row?.scores ?? 0) };
}
