import type { Condition } from '#contract/dimension.ts';
import type { VersionDimension } from '#contract/model-card.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { scoredCalls } from './scored-calls.ts';
import { spendWhereSql } from './spend-where.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { promptOf, whereSql } from './where.ts';

/** Calls of the product: what `where` names, without those that judge others. */
export interface CardQuestion {
  projectId: string;
  /** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  where: readonly Condition[];
}

export interface CardTotals {
  calls: number;
  failed: number;
  /** ISO 8601; null without calls. */
  first: string | null;
  last: string | null;
  /** Calls that did not fail and have a duration. */
  timed: number;
  p50Ms: number | null;
  p95Ms: number | null;
  /** Calls that say how many tokens they used, and their mean. */
  withInput: number;
  inputMean: number | null;
  withOutput: number;
  outputMean: number | null;
  /** As first priced. */
  priced: number;
  costNanos: string;
}

export interface Example {
  trace_id: string;
  span_id: string;
}

type NameKind = VersionDimension | 'finish_reason' | 'error_type';

/** Calls of one name, with the newest of them. */
export interface CardName {
  kind: NameKind;
  name: string;
  calls: number;
  first: string;
  last: string;
  examples: Example[];
}

/** Scores of one name and label; examples by the lowest and by the highest value. */
export interface CardLabel {
  score: string;
  label: string;
  n: number;
  mean: number;
  lowest: Example[];
  highest: Example[];
}

const product = (where: string) => `FROM calls FINAL
  WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
    AND purpose != 'evaluation' ${where}`;

const settings = { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const };

const paramsOf = ({ projectId, fromMs, toMs }: CardQuestion) => ({
  ...{ project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs) },
});

const numberOrNull = (value: string | number | null) => (value === null ? null : Number(value));

/** Counts, latency, tokens and first cost of the calls. */
export async function readCardTotals(clickhouse: ClickHouse, question: CardQuestion): Promise<CardTotals> {
  const where = whereSql(question.where);
  const [row] = await clickhouse.query<Record<string, string | number | null>>(
    `SELECT count() AS calls, sum(failed != 0) AS failed_calls, toString(min(start_time)) AS first, toString(max(start_time)) AS last,
       countIf(failed = 0 AND duration_ns > 0) AS timed,
       quantileExactOrNullIf(0.5)(duration_ns, failed = 0 AND duration_ns > 0) / 1e6 AS p50,
       quantileExactOrNullIf(0.95)(duration_ns, failed = 0 AND duration_ns > 0) / 1e6 AS p95,
       count(input_tokens) AS with_input, avgOrNull(input_tokens) AS input_mean,
       count(output_tokens) AS with_output, avgOrNull(output_tokens) AS output_mean,
       count(cost_nanos) AS priced, toString(ifNull(sum(cost_nanos), 0)) AS nanos
     ${product(where.sql)}`,
    { ...paramsOf(question), ...where.params },
    { settings },
  );
  const of = (name: string) => row?.[name] ?? null;
  const calls = Number(of('calls') ?? 0);
  return {
    calls,
    failed: Number(of('failed_calls') ?? 0),
    first: calls > 0 ? isoFromStore(String(of('first'))) : null,
    last: calls > 0 ? isoFromStore(String(of('last'))) : null,
    timed: Number(of('timed') ?? 0),
    p50Ms: numberOrNull(of('p50')),
    p95Ms: numberOrNull(of('p95')),
    withInput: Number(of('with_input') ?? 0),
    inputMean: numberOrNull(of('input_mean')),
    withOutput: Number(of('with_output') ?? 0),
    outputMean: numberOrNull(of('output_mean')),
    priced: Number(of('priced') ?? 0),
    costNanos: String(of('nanos') ?? '0'),
  };
}

const NAMES: Record<NameKind, string> = {
  prompt: promptOf,
  release: 'release',
  model: 'model',
  variant: 'variant',
  finish_reason: "if(failed != 0, '', finish_reason)",
  error_type: "if(failed != 0, if(error_type = '', '_OTHER', error_type), '')",
};

const examplesOf = (rows: [unknown, string, string][]): Example[] =>
  rows.map(([, trace_id, span_id]) => ({ trace_id, span_id }));

/** What the calls name, at most `limit` names of each kind, most frequent first; '' is none. */
export async function readCardNames(
  clickhouse: ClickHouse,
  question: CardQuestion,
  limit: number,
): Promise<CardName[]> {
  const where = whereSql(question.where);
  const kinds = Object.keys(NAMES) as NameKind[];
  type Row = Record<'kind' | 'name' | 'calls' | 'first' | 'last', string> & {
    newest: [unknown, string, string][];
  };
  const rows = await clickhouse.query<Row>(
    `SELECT kind, name, count() AS calls, toString(min(start_time)) AS first, toString(max(start_time)) AS last,
       groupArraySorted(3)((-toUnixTimestamp64Milli(start_time), trace_id, span_id)) AS newest
     FROM (SELECT start_time, trace_id, span_id, [${kinds.map(kind => `toString(${NAMES[kind]})`).join(', ')}] AS names ${product(where.sql)})
     ARRAY JOIN {kinds:Array(String)} AS kind, names AS name
     GROUP BY kind, name ORDER BY calls DESC, name LIMIT {limit:UInt32} BY kind`,
    { ...paramsOf(question), ...where.params, kinds, limit },
    { settings },
  );
  return rows.map(row => ({
    kind: row.kind as NameKind,
    name: row.name,
    calls: Number(row.calls),
    first: isoFromStore(row.first),
    last: isoFromStore(row.last),
    examples: examplesOf(row.newest),
  }));
}

/** Columns a condition may be over. */
const columns = [
  'start_time',
  'trace_id',
  'span_id',
  'purpose',
  'environment',
  'feature',
  'release',
  'variant',
];
const named = ['model', 'request_model', 'response_model', 'prompt_name', 'prompt_version'];

/** Scores of the calls by name and label, most frequent name first. */
export async function readCardLabels(clickhouse: ClickHouse, question: CardQuestion): Promise<CardLabel[]> {
  const where = whereSql(question.where);
  const all = [...columns, ...named];
  type Row = Record<'score_name' | 'label', string> &
    Record<'n' | 'mean', number> &
    Record<'lowest' | 'highest', [unknown, string, string][]>;
  const rows = await clickhouse.query<Row>(
    `SELECT score_name, label, count() AS n, avg(value) AS mean, sum(n) OVER (PARTITION BY score_name) AS of_name,
       groupArraySorted(3)((value, trace_id, span_id)) AS lowest,
       groupArraySorted(3)((-value, trace_id, span_id)) AS highest
     FROM (SELECT score_name, value, label, ${all.map(name => `call_${name} AS ${name}`).join(', ')} FROM (${scoredCalls(all, '', ['label'])}))
     WHERE purpose != 'evaluation' ${where.sql}
     GROUP BY score_name, label ORDER BY of_name DESC, score_name, n DESC, label LIMIT 500`,
    { ...paramsOf(question), ...where.params },
    { settings },
  );
  return rows.map(row => ({
    score: row.score_name,
    label: row.label,
    n: Number(row.n),
    mean: Number(row.mean),
    lowest: examplesOf(row.lowest),
    highest: examplesOf(row.highest),
  }));
}

/** Cost of the calls in the ledger, later prices and adjustments included; nano-dollars as decimal text. */
export async function readCardSpend(
  clickhouse: ClickHouse,
  { where: asked, ...question }: Omit<CardQuestion, 'where'> & { where: readonly SpendCondition[] },
): Promise<{ calls: number; unpriced: number; costNanos: string }> {
  const where = spendWhereSql(asked);
  const [row] = await clickhouse.query<{ calls: string; unpriced: string; nanos: string }>(
    `SELECT sum(calls) AS calls, sum(unpriced_calls) AS unpriced, toString(sum(cost_nanos)) AS nanos FROM spend_15m
     WHERE project_id = {project:String} AND bucket >= {from:DateTime64(3)} AND bucket < {to:DateTime64(3)}
       AND line != 'evaluation' ${where.sql}`,
    { ...paramsOf({ ...question, where: [] }), ...where.params },
    { settings: dashboardLimits },
  );
  return {
    calls: Number(row?.calls ?? 0),
    unpriced: Number(row?.unpriced ?? 0),
    costNanos: row?.nanos ?? '0',
  };
}
