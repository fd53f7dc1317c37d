import type { Condition, Dimension } from '#contract/dimension.ts';
import type { MeasureName, MeasureRow } from '#contract/measure.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { rolledUpCalls } from './measures-rolled-up.ts';
import { scoredCalls } from './scored-calls.ts';
import { isoToStore } from './time.ts';
import { UNPRICED } from './unpriced.ts';
import { usdFromNanos } from './usd.ts';
import { dimensionColumn, whereSql } from './where.ts';
import { isoInZone } from './zone-time.ts';

export type Interval = '15m' | 'hour' | 'day' | 'week' | 'month';

export interface MeasuresQuestion {
  projectId: string;
  measures: readonly MeasureName[];
  groupBy: readonly Dimension[];
  interval?: Interval | undefined;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  where: readonly Condition[];
  /** IANA zone that decides the buckets. */
  tz: string;
  limit: number;
  /** Up to where stored rows have been rolled up, microseconds, decimal; without it everything is read from the calls. */
  rolledUpTo?: string | null | undefined;
}

type Kind = 'integer' | 'nanos' | 'number';

interface Source {
  /** Table, or subquery, whose rows are summed; its columns are those of `calls`. */
  table: 'calls' | 'tool_calls';
  sql: string;
  kind: Kind;
}

const count = (sql: string): Source => ({ table: 'calls', sql, kind: 'integer' });
const nanos = (column: string): Source => ({ table: 'calls', sql: `sum(${column})`, kind: 'nanos' });
// Latency is that of answers: a call that failed fast would flatter it, and one known from a log record alone has none.
const quantile = (level: number, column: string): Source => ({
  table: 'calls',
  sql: `quantileTDigestOrNullIf(${level})(${column} / 1e6, failed = 0 AND ${column} > 0)`,
  kind: 'number',
});

/** How each measure is computed. Sums of nullable columns are null when no row has a value. */
const SOURCES: Record<Exclude<MeasureName, `score${string}`>, Source> = {
  calls: count('count()'),
  failed_calls: count('sum(failed)'),
  attempts: count('sum(attempts)'),
  failed_attempts: count('sum(failed_attempts)'),
  duplicate_spans: count('sum(length(merged_from))'),
  input_tokens: count('sum(input_tokens)'),
  cache_read_tokens: count('sum(cache_read_tokens)'),
  cache_write_tokens: count('sum(cache_write_tokens)'),
  output_tokens: count('sum(output_tokens)'),
  reasoning_tokens: count('sum(reasoning_tokens)'),
  embedding_tokens: count('sum(embedding_tokens)'),
  cost_usd: nanos('cost_nanos'),
  cost_low_usd: nanos('cost_low_nanos'),
  // One call without an upper bound leaves the sum without one.
  cost_high_usd: {
    table: 'calls',
    sql: 'if(countIf(isNull(cost_high_nanos)) = 0, sum(cost_high_nanos), NULL)',
    kind: 'nanos',
  },
  client_cost_usd: nanos('client_cost_nanos'),
  unpriced_calls: count(UNPRICED),
  latency_p50_ms: quantile(0.5, 'duration_ns'),
  latency_p95_ms: quantile(0.95, 'duration_ns'),
  latency_p99_ms: quantile(0.99, 'duration_ns'),
  ttft_p50_ms: quantile(0.5, 'ttft_ns'),
  ttft_p95_ms: quantile(0.95, 'ttft_ns'),
  users: count("uniqExactIf(user, user != '')"),
  sessions: count("uniqExactIf(session, session != '')"),
  tool_calls: { table: 'tool_calls', sql: 'count()', kind: 'integer' },
  failed_tool_calls: { table: 'tool_calls', sql: 'sum(failed)', kind: 'integer' },
};

/** What a tool execution can be grouped and filtered by; the rest belongs to model calls only. */
const TOOL_DIMENSIONS: readonly Dimension[] = [
  'feature',
  'tenant',
  'user',
  'session',
  'environment',
  'service',
  'release',
  'dialect',
  'error_type',
];

const BUCKETS: Record<Interval, string> = {
  '15m': 'toStartOfInterval(start_time, INTERVAL 15 MINUTE, {tz:String})',
  hour: 'toStartOfHour(toTimeZone(start_time, {tz:String}))',
  day: 'toStartOfDay(toTimeZone(start_time, {tz:String}))',
  week: 'toDateTime(toMonday(toTimeZone(start_time, {tz:String})), {tz:String})',
  month: 'toDateTime(toStartOfMonth(toTimeZone(start_time, {tz:String})), {tz:String})',
};

/**
 * Rows by group and bucket, oldest bucket first, largest group first; `limit + 1` rows mean that there are more. Tool
 * executions are null where the question groups or filters by something only model calls have.
 */
export async function readMeasures(
  clickhouse: ClickHouse,
  question: MeasuresQuestion,
): Promise<MeasureRow[]> {
  const parts = await Promise.all([
    fromTable(clickhouse, question, 'calls'),
    fromTable(clickhouse, question, 'tool_calls'),
    fromScores(clickhouse, question),
  ]);
  const merged = new Map<string, MeasureRow>();
  for (const row of parts.flat()) {
    const key = JSON.stringify([...question.groupBy, 'time'].map(name => row[name]));
    merged.set(key, { ...(merged.get(key) ?? emptyRow(question)), ...row });
  }
  const rows = [...merged.values()];
  if (question.interval)
    rows.sort((one, other) => Date.parse(String(one.time)) - Date.parse(String(other.time)));
  return rows.slice(0, question.limit + 1);
}

/** Counts nobody made are 0; sums of nothing are unknown. */
function emptyRow(question: MeasuresQuestion): MeasureRow {
  const { measures } = question;
  const counts = new Set([
    'calls',
    'failed_calls',
    'attempts',
    'failed_attempts',
    'duplicate_spans',
    'unpriced_calls',
  ]);
  return Object.fromEntries(
    measures.map(name => [
      name,
      counts.has(name) || name.startsWith('scored:') || (isToolMeasure(name) && toolsCanAnswer(question))
        ? 0
        : null,
    ]),
  );
}

const isToolMeasure = (name: MeasureName) => sourceOf(name)?.table === 'tool_calls';

function sourceOf(name: MeasureName): Source | undefined {
  return SOURCES[name as keyof typeof SOURCES];
}

async function fromTable(
  clickhouse: ClickHouse,
  question: MeasuresQuestion,
  table: Source['table'],
): Promise<MeasureRow[]> {
  const measures = question.measures.filter(name => sourceOf(name)?.table === table);
  if (measures.length === 0) return [];
  if (table === 'tool_calls' && !toolsCanAnswer(question)) return [];
  const where = whereSql(question.where);
  const keys = keyColumns(question, dimensionColumn);
  const rolledUp =
    table === 'calls' ? await rolledUpCalls(clickhouse, { ...question, measures }, where.sql) : null;
  const sqlOf = rolledUp?.measure ?? ((name: MeasureName) => sourceOf(name)!.sql);
  const from =
    rolledUp?.from ??
    `${table} FINAL
     WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} ${where.sql}`;
  const rows = await clickhouse.query<Record<string, string | number | null>>(
    `SELECT ${[...keys, ...measures.map((name, at) => `${sqlOf(name)} AS m${at}`)].join(', ')}
     FROM ${from}
     ${grouping(keys.length)} ORDER BY ${rolledUp?.size ?? 'count()'} DESC LIMIT {limit:UInt32}`,
    { ...params(question), ...where.params, ...rolledUp?.params },
    { settings: limits },
  );
  return rows.map(row => ({
    ...readKeys(question, row),
    ...Object.fromEntries(
      measures.map((name, at) => [name, readValue(sourceOf(name)!.kind, row[`m${at}`] ?? null)]),
    ),
  }));
}

const toolsCanAnswer = ({ groupBy, where }: MeasuresQuestion) =>
  [...groupBy, ...where.map(condition => condition.dimension)].every(name => TOOL_DIMENSIONS.includes(name));

async function fromScores(clickhouse: ClickHouse, question: MeasuresQuestion): Promise<MeasureRow[]> {
  const measures = question.measures.filter(name => !sourceOf(name));
  if (measures.length === 0) return [];
  const scoreNames = [...new Set(measures.map(name => name.slice(name.indexOf(':') + 1)))];
  const where = whereSql(question.where);
  const columns = ['start_time', 'trace_id', 'span_id', ...columnsOf(question)];
  const keys = keyColumns(question, dimensionColumn);
  const aggregates = scoreNames.flatMap((_, at) => [
    `avgIf(value, score_name = {score_${at}:String}) AS mean${at}`,
    `uniqExactIf((trace_id, span_id), score_name = {score_${at}:String}) AS calls${at}`,
  ]);
  const renamed = columns.map(column => `call_${column} AS ${column}`).join(', ');
  const rows = await clickhouse.query<Record<string, string | number | null>>(
    `SELECT ${[...keys, ...aggregates].join(', ')}
     FROM (SELECT score_name, value, ${renamed} FROM (${scoredCalls(columns, 'AND name IN {scores:Array(String)}')}))
     WHERE 1 ${where.sql}
     ${grouping(keys.length)} ORDER BY count() DESC LIMIT {limit:UInt32}`,
    {
      ...params(question),
      ...where.params,
      scores: scoreNames,
      ...Object.fromEntries(scoreNames.map((name, at) => [`score_${at}`, name])),
    },
    { settings: limits },
  );
  return rows.map(row => ({
    ...readKeys(question, row),
    ...Object.fromEntries(
      measures.map(name => {
        const at = scoreNames.indexOf(name.slice(name.indexOf(':') + 1));
        return [name, name.startsWith('scored:') ? Number(row[`calls${at}`]) : (row[`mean${at}`] ?? null)];
      }),
    ),
  }));
}

/** Columns of a scored call that the question groups or filters by. */
function columnsOf({ groupBy, where }: MeasuresQuestion): string[] {
  const names = [...groupBy, ...where.map(condition => condition.dimension)];
  return [...new Set(names.flatMap(name => WIDER[name] ?? [name]))];
}

/** Dimensions that look at more than the column of their name. */
const WIDER: Partial<Record<Dimension, string[]>> = {
  prompt: ['prompt_name', 'prompt_version'],
  model: ['model', 'request_model', 'response_model'],
};

const limits = { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const };

function keyColumns(
  { groupBy, interval }: MeasuresQuestion,
  column: (dimension: Dimension) => string,
): string[] {
  const time = interval ? [`toUnixTimestamp(${BUCKETS[interval]}) AS bucket`] : [];
  return [...groupBy.map((dimension, at) => `${column(dimension)} AS k${at}`), ...time];
}

const grouping = (keys: number) =>
  keys ? `GROUP BY ${Array.from({ length: keys }, (_, at) => at + 1).join(', ')}` : 'HAVING count() > 0';

function params({ projectId, fromMs, toMs, tz, limit }: MeasuresQuestion) {
  return { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs), tz, limit: limit + 1 };
}

function readKeys(
  { groupBy, interval, tz }: MeasuresQuestion,
  row: Record<string, string | number | null>,
): MeasureRow {
  const keys = Object.fromEntries(groupBy.map((dimension, at) => [dimension, row[`k${at}`] ?? '']));
  return interval ? { ...keys, time: isoInZone(Number(row.bucket) * 1000, tz) } : keys;
}

function readValue(kind: Kind, value: string | number | null): string | number | null {
  if (value === null) return null;
  return kind === 'nanos' ? usdFromNanos(String(value)) : Number(value);
}
