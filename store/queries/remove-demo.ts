import type { ClickHouse } from '../engine/client.ts';

/** What the detector watches, by its three dimensions. */
export interface DemoSeries {
  feature: string;
  model: string;
  environment: string;
}

/** Demo services say so in their name; the demo application and nothing else may use it. */
const IS_DEMO = "project_id = {project:String} AND startsWith(service, 'demo-')";
const DEMO_TRACES = `SELECT trace_id FROM spans WHERE ${IS_DEMO}`;
const SUMS_BY_HOUR = ['call_counts_1h', 'score_stats_1h'];
const limits = { readonly: '0', max_execution_time: 120, max_result_rows: '0' } as const;
/** ClickHouse: NO_SUCH_DATA_PART, PART_IS_TEMPORARILY_LOCKED. */
const PART_GONE = new Set(['232', '384']);
/** The statement returns when the rows are gone. */
const atOnce = { mutations_sync: '2', max_execution_time: 120 } as const;

/** How many demo rows there are: 0 after a removal, growing while late ones still come in. */
export async function countDemoRows(clickhouse: ClickHouse, projectId: string): Promise<number> {
  const [row] = await clickhouse.query<{ n: number }>(
    `SELECT toFloat64((SELECT count() FROM spans WHERE ${IS_DEMO}) + (SELECT count() FROM calls WHERE ${IS_DEMO})
       + (SELECT count() FROM tool_calls WHERE ${IS_DEMO}) + (SELECT count() FROM logs WHERE ${IS_DEMO})
       + (SELECT count() FROM spend_15m WHERE ${IS_DEMO}) + (SELECT count() FROM call_counts_1h WHERE ${IS_DEMO})
       + (SELECT count() FROM score_stats_1h WHERE ${IS_DEMO})) AS n`,
    { project: projectId },
    { settings: limits },
  );
  return row?.n ?? 0;
}

/**
 * Deletes everything the demo has sent, with what was derived from it. Returns the series that no other service has
 * part in: what is remembered of those can go too. Shared series are rolled up again without the demo's calls.
 */
export async function removeDemo(clickhouse: ClickHouse, projectId: string): Promise<DemoSeries[]> {
  const params = { project: projectId };
  const found = await clickhouse.query<DemoSeries & { shared: 0 | 1 }>(SERIES, params, { settings: limits });
  // Texts and scores know their trace only, so they go while its spans are still there.
  const byTrace = `trace_id IN (${DEMO_TRACES})`;
  await Promise.all(['contents', 'scores'].map(table => remove(clickhouse, table, byTrace, params)));
  const others = [
    'calls',
    'tool_calls',
    'logs',
    'metrics',
    'rejects',
    'spans',
    'spend_adjustments',
    'spend_15m',
    ...SUMS_BY_HOUR,
  ];
  await Promise.all(others.map(table => remove(clickhouse, table, IS_DEMO, params)));
  if (found.length === 0) return [];
  await removeStats(clickhouse, projectId, found);
  const shared = found.filter(series => series.shared);
  if (shared.length) await clickhouse.command(TOUCH, named(projectId, shared), { settings: limits });
  return found.filter(series => !series.shared).map(({ shared: _, ...series }) => series);
}

/** Deletes the roll-ups of some series, and the demo's sums by the hour. */
export async function removeStats(
  clickhouse: ClickHouse,
  projectId: string,
  series: readonly DemoSeries[],
): Promise<void> {
  const params = { project: projectId };
  await Promise.all([
    ...['call_stats_15m', 'call_stats_1h', 'shape_stats_1h'].map(table =>
      remove(clickhouse, table, IN_SERIES, named(projectId, series)),
    ),
    remove(clickhouse, 'usage_stats_1h', OF_FEATURE, named(projectId, series)),
    remove(
      clickhouse,
      'cohort_gaps_1d',
      'project_id = {project:String} AND has({features:Array(String)}, feature)',
      named(projectId, series),
    ),
    ...SUMS_BY_HOUR.map(table => remove(clickhouse, table, IS_DEMO, params)),
  ]);
}

function named(project: string, series: readonly DemoSeries[]) {
  const list = (name: keyof DemoSeries) => series.map(one => one[name]);
  return { project, features: list('feature'), models: list('model'), environments: list('environment') };
}

const SERIES = `
SELECT feature, model, environment, toUInt8(countIf(NOT startsWith(service, 'demo-')) > 0) AS shared
FROM calls
WHERE project_id = {project:String}
GROUP BY feature, model, environment
HAVING countIf(startsWith(service, 'demo-')) > 0`;

const IN_SERIES = `project_id = {project:String} AND has(arrayZip({features:Array(String)}, {models:Array(String)}, {environments:Array(String)}),
  (feature::String, model::String, environment::String))`;

const OF_FEATURE = `project_id = {project:String} AND has(arrayZip({features:Array(String)}, {environments:Array(String)}),
  (feature::String, environment::String))`;

// Stored again, these calls count as changed for the roll-up, whose buckets have just gone. They are the same calls: with another
// version their repricings would not hold any more.
const TOUCH = `
INSERT INTO calls
SELECT * REPLACE (now64(6) AS stored_at)
FROM calls FINAL
WHERE ${IN_SERIES}`;

/**
 * Whole parts are dropped, which costs a fraction of rewriting them and cannot touch what is being inserted meanwhile;
 * only parts that others have rows in are rewritten.
 */
async function remove(
  clickhouse: ClickHouse,
  table: string,
  condition: string,
  params: Record<string, unknown>,
): Promise<void> {
  const parts = await clickhouse.query<{ part: string; whole: 0 | 1 }>(
    `SELECT _part AS part, toUInt8(countIf(NOT (${condition})) = 0) AS whole
     FROM ${table} GROUP BY part HAVING countIf(${condition}) > 0`,
    params,
    { settings: limits },
  );
  const whole = parts.filter(part => part.whole).map(({ part }) => `DROP PART '${part}'`);
  const dropped =
    whole.length === 0 || (await succeeds(clickhouse, `ALTER TABLE ${table} ${whole.join(', ')}`));
  if (dropped && whole.length === parts.length) return;
  await clickhouse.command(`ALTER TABLE ${table} DELETE WHERE ${condition}`, params, { settings: atOnce });
}

/** A part that was merged into another meanwhile cannot be dropped; its rows are deleted the slow way. */
async function succeeds(clickhouse: ClickHouse, statement: string): Promise<boolean> {
  try {
    await clickhouse.command(statement);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && PART_GONE.has(String(error.code))) return false;
    throw error;
  }
}
