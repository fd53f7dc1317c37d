import type { CauseDimension } from '#contract/explanation.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { type CallColumn, type CallValuesOf, callValueParams, callValues } from './call-values.ts';
import { isoToStore } from './time.ts';
import { promptOf } from './where.ts';

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
  /** Values that are told apart, of dimensions with very many; the others are put together. */
  kept: Partial<Record<OpenDimension, readonly string[]>>;
}

/** Dimensions of which people make up as many values as they like. */
const openDimensions = ['tenant', 'prompt', 'release', 'team', 'agent', 'service'] as const;
type OpenDimension = (typeof openDimensions)[number];

interface CellSums {
  n: number;
  sum: number;
  sumSq: number;
}

/** Calls that agree in every dimension, before the change and since. */
interface CallCell {
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

/** So many values of a dimension are told apart, and so many combinations of all. */
const mostValues = 40;
const mostCells = 10_000;
/** What is put together first when there are more combinations. */
const trafficDimensions: readonly CauseDimension[] = [
  'tenant',
  'team',
  'operation',
  'region',
  'language',
  'tool',
];
const other = "'(other)'";

/** Dimensions that lie beside the calls and are joined. */
export interface Beside {
  tool: boolean;
  place: boolean;
}

/** Which of the dimensions that lie beside the calls are in use since the change: what nobody sends is not joined. */
async function traitsInUse(clickhouse: ClickHouse, of: CallValuesOf, windows: CellWindows): Promise<Beside> {
  const [row] = await clickhouse.query<{ tool: 0 | 1; place: 0 | 1 }>(
    `SELECT
       (SELECT count() FROM (SELECT 1 FROM tool_calls WHERE project_id = {project:String} AND feature = {feature:String}
          AND start_time >= {changed:DateTime64(3)} AND start_time < {to:DateTime64(3)} LIMIT 1)) AS tool,
       (SELECT count() FROM (SELECT 1 FROM spans WHERE project_id = {project:String} AND (region != '' OR language != '')
          AND start_time >= {changed:DateTime64(3)} AND start_time < {to:DateTime64(3)} LIMIT 1)) AS place`,
    cellParams(of, windows),
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
  const kept = dimensions.map(name => keptValue(name, windows));
  const merged = dimensions.map(name =>
    trafficDimensions.includes(name) ? `if(rank > ${mostCells}, ${other}, ${name})` : `toString(${name})`,
  );
  const sql = `
    SELECT [${merged.join(', ')}] AS cell,
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
        FROM (SELECT ${kept.join(', ')}, at >= {changed:DateTime64(3)} AS later, toInt128(round(x * 1e9)) AS v
          FROM (${callRows(of, ownDimensions, { tool, place })}))
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
  const found = await clickhouse.query<Row>(sql, cellParams(of, windows), {
    settings: {
      ...alertLimits,
      max_result_rows: '0',
      do_not_merge_across_partitions_select_final: 1,
      optimize_move_to_prewhere_if_final: 1,
    },
  });
  const cells = found.map(row => ({
    values: row.cell,
    before: sums(row.nBefore, row.sumBefore, row.sumSqBefore),
    after: sums(row.nAfter, row.sumAfter, row.sumSqAfter),
  }));
  return { dimensions, cells };
}

/** A dimension with its rarer values put together. */
export const keptValue = (name: CauseDimension, { kept }: Pick<CellWindows, 'kept'>): string =>
  Object.hasOwn(kept, name)
    ? `if(has({kept_${name}:Array(String)}, ${name}), ${name}, ${other}) AS ${name}`
    : name;

/**
 * What lies beside the calls is joined by a number of 64 bits: that takes a third less time than by the words themselves, and among the
 * 150,000 traces that are read two have the same one once in a billion times.
 */
const traceKey = 'cityHash64(trace_id) AS trace';

/** SQL of the calls of both windows with their time `at`, value `x` and the columns asked for; parameters of `cellParams`. */
export function callRows(of: CallValuesOf, wanted: readonly CallColumn[], { tool, place }: Beside): string {
  const columns = ['trace_id', 'start_time', ...wanted] as const;
  // Each side by a condition on the trace alone: it is part of the key, so rows that are not wanted are left out before
  // the versions of the others are merged.
  const side = (where: string, every: string) =>
    callValues(of.metric, columns, `AND cityHash64(trace_id) % {${every}:UInt32} = 0 AND ${where}`);
  const before = side(
    `start_time < {changed:DateTime64(3)} AND (empty({hours:Array(UInt8)}) OR has({hours:Array(UInt8)}, toHour(start_time)))`,
    'everyBefore',
  );
  const after = side('start_time >= {changed:DateTime64(3)}', 'everyAfter');
  // What is joined is thinned out like the calls; a trace has spans a little before and after the call.
  const range = `project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL 1 HOUR
    AND start_time < {to:DateTime64(3)} + INTERVAL 1 HOUR
    AND ((start_time < {changed:DateTime64(3)} + INTERVAL 1 HOUR AND cityHash64(trace_id) % {everyBefore:UInt32} = 0)
      OR (start_time >= {changed:DateTime64(3)} - INTERVAL 1 HOUR AND cityHash64(trace_id) % {everyAfter:UInt32} = 0))`;
  const tools = `ANY LEFT JOIN
    (SELECT ${traceKey}, arrayStringConcat(arraySort(groupUniqArray(name)), ' + ') AS tool FROM tool_calls FINAL
     WHERE ${range} AND feature = {feature:String} GROUP BY trace) AS used USING (trace)`;
  const places = `ANY LEFT JOIN
    (SELECT trace, max(place) AS region, max(tongue) AS language FROM
       (SELECT ${traceKey}, region AS place, language AS tongue FROM spans WHERE ${range} AND (place != '' OR tongue != ''))
     GROUP BY trace) AS served USING (trace)`;
  const calls = `SELECT * EXCEPT (trace_id), ${traceKey} FROM (${before} UNION ALL ${after})`;
  return `SELECT * FROM (${calls}) AS one ${tool ? tools : ''} ${place ? places : ''}`;
}

function sums(n: string, sum: string, sumSq: string): CellSums {
  return { n: Number(n), sum: Number(BigInt(sum)) / 1e9, sumSq: Number(BigInt(sumSq)) / 1e18 };
}

/** Parameters of a query over the calls of both windows. */
export function cellParams(of: CallValuesOf, windows: CellWindows) {
  return {
    ...callValueParams(of),
    from: isoToStore(windows.fromMs),
    changed: isoToStore(windows.changedMs),
    to: isoToStore(windows.toMs),
    hours: windows.hours ?? [],
    everyBefore: windows.everyBefore,
    everyAfter: windows.everyAfter,
    ...Object.fromEntries(Object.entries(windows.kept).map(([name, values]) => [`kept_${name}`, values])),
  };
}

/** Calls that the most frequent values are counted in. */
const mostCounted = 150_000;

/** The most frequent values of dimensions that have more than are told apart, by a sample of the `counts` of calls. */
export async function valuesToKeep(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  windows: Pick<CellWindows, 'fromMs' | 'changedMs' | 'toMs'>,
  counts: { before: number; after: number },
): Promise<CellWindows['kept']> {
  const columns: Record<OpenDimension, string> = {
    tenant: 'tenant',
    prompt: promptOf,
    release: 'release',
    team: 'team',
    agent: 'agent',
    service: 'service',
  };
  const every = Math.ceil((counts.before + counts.after) / mostCounted);
  const items = openDimensions.map(name => `('${name}', toString(${columns[name]}))`).join(', ');
  const rows = await clickhouse.query<{ dimension: OpenDimension; values: string[] }>(
    `SELECT dimension, arraySlice(groupArray(value), 1, ${mostValues}) AS values
     FROM
     (
       SELECT item.1 AS dimension, item.2 AS value, sum(weight) AS calls
       FROM
       (
         SELECT tenant, prompt_name, prompt_version, release, team, agent, service,
           countIf(start_time < {changed:DateTime64(3)}) / greatest(1, {before:UInt64})
             + countIf(start_time >= {changed:DateTime64(3)}) / greatest(1, {after:UInt64}) AS weight
         FROM calls
         WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
           AND feature = {feature:String} AND model = {model:String} AND environment = {environment:String}
           ${every > 1 ? `AND cityHash64(start_time) % ${every} = 0` : ''}
         GROUP BY tenant, prompt_name, prompt_version, release, team, agent, service
       )
       ARRAY JOIN [${items}] AS item
       GROUP BY dimension, value
       ORDER BY calls DESC, value
     )
     GROUP BY dimension
     HAVING count() > ${mostValues}
     ORDER BY dimension`,
    {
      ...cellParams(of, { ...windows, hours: null, everyBefore: 1, everyAfter: 1, kept: {} }),
      ...counts,
    },
    { settings: { ...alertLimits, max_threads: 1 } },
  );
  return Object.fromEntries(rows.map(({ dimension, values }) => [dimension, values]));
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
    cellParams(of, { ...windows, hours: null, everyBefore: 1, everyAfter: 1, kept: {} }),
    { settings: alertLimits },
  );
  return { before: Number(row?.before ?? 0), after: Number(row?.after ?? 0) };
}

/** The newest moment at which a call or score was stored, microseconds since the epoch: what is read now was there then. */
export async function storedUntilNow(clickhouse: ClickHouse, projectId: string): Promise<string> {
  const [row] = await clickhouse.query<{ now: string }>(
    `SELECT toString(toUnixTimestamp64Micro(greatest(
       (SELECT max(stored_at) FROM calls WHERE project_id = {project:String}),
       (SELECT max(stored_at) FROM scores WHERE project_id = {project:String})))) AS now`,
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
    cellParams(of, { ...windows, hours: null, everyBefore: 1, everyAfter: 1, kept: {} }),
    { settings: alertLimits },
  );
  return { calls: Number(row?.calls ?? 0), scores: Number(row?.scores ?? 0) };
}
