import type { OutcomeJoin } from '#contract/outcome.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { isoToStore } from './time.ts';
import { promptOf } from './where.ts';

export interface OutcomeQuestion {
  projectId: string;
  /** Of the calls, Unix milliseconds, inclusive. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  /** One kind of outcome; empty: all. */
  name: string;
  where: readonly SpendCondition[];
}

/** Sums are decimal text; money in nano-dollars. */
export interface OutcomeSums {
  outcomes: number;
  valued: number;
  valueNanos: bigint;
  costNanos: bigint;
  calls: number;
  unpriced: number;
  covered: number;
}

const column = (dimension: SpendDimension) => (dimension === 'prompt' ? promptOf : dimension);

/** Conditions over any of the three tables, which share their columns with `spend_15m`. */
function conditions(where: readonly SpendCondition[]) {
  const params: Record<string, string[]> = {};
  for (const { dimension, value } of where) {
    params[`where_${dimension}`] = [...(params[`where_${dimension}`] ?? []), value];
  }
  const sql = Object.keys(params)
    .map(name => `AND ${column(name.slice(6) as SpendDimension)} IN {${name}:Array(String)}`)
    .join(' ');
  return { sql, params };
}

function asked(question: OutcomeQuestion) {
  const { sql, params } = conditions(question.where);
  const { projectId, fromMs, toMs, name } = question;
  return {
    filter: sql,
    name: name === '' ? '' : 'AND name = {name:String}',
    params: { ...params, project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs), name },
  };
}

const JOINED = `project_id = {project:String} AND joined_by != ''
  AND call_start >= {from:DateTime64(3)} AND call_start < {to:DateTime64(3)}
  AND time >= {from:DateTime64(3)} - INTERVAL 15 DAY`;
const BOOKED = `project_id = {project:String} AND bucket >= toDateTime({from:DateTime64(3)}) AND bucket < {to:DateTime64(3)}`;

/**
 * Outcomes, cost and coverage of every group, by a key over the dimensions' columns. Each outcome, call and nano-dollar
 * is in one group, so groups add up to the whole.
 */
async function sums(
  clickhouse: ClickHouse,
  question: OutcomeQuestion,
  keys: Keys,
): Promise<(OutcomeSums & { key: string })[]> {
  const { filter, name, params } = asked(question);
  const rows = await clickhouse.query<
    Record<'key' | 'n' | 'v' | 'value' | 'cost' | 'calls' | 'unpriced' | 'covered', string>
  >(
    `SELECT key, sum(n) AS n, sum(v) AS v, toString(sum(toInt128(value))) AS value, toString(sum(toInt128(cost))) AS cost,
       sum(calls) AS calls, sum(unpriced) AS unpriced, sum(covered) AS covered
     FROM (
       SELECT ${keys.outcome} AS key, toInt64(count()) AS n, toInt64(count(value_nanos)) AS v, sum(toInt128(ifNull(value_nanos, 0))) AS value,
         toInt128(0) AS cost, toInt64(0) AS calls, toInt64(0) AS unpriced, toInt64(0) AS covered
       FROM outcome_attributions FINAL WHERE ${JOINED} ${name} ${filter} GROUP BY key
       UNION ALL
       SELECT ${keys.spend} AS key, 0, 0, 0, sum(toInt128(cost_nanos)), sum(calls), sum(unpriced_calls), 0
       FROM spend_15m WHERE ${BOOKED} ${filter} GROUP BY key
       UNION ALL
       SELECT ${keys.spend} AS key, 0, 0, 0, 0, 0, 0, toInt64(sum(calls))
       FROM outcome_coverage_15m FINAL WHERE ${BOOKED} AND name = {name:String} ${filter} GROUP BY key
     )
     GROUP BY key ORDER BY key`,
    { ...params, ...keys.params },
  );
  return rows.map(row => ({
    key: row.key,
    outcomes: Number(row.n),
    valued: Number(row.v),
    valueNanos: BigInt(row.value),
    costNanos: BigInt(row.cost),
    calls: Number(row.calls),
    unpriced: Number(row.unpriced),
    covered: Number(row.covered),
  }));
}

interface Keys {
  /** SQL over `outcome_attributions`. */
  outcome: string;
  /** SQL over `spend_15m`. */
  spend: string;
  params?: Record<string, unknown>;
}

export function outcomeGroups(clickhouse: ClickHouse, question: OutcomeQuestion, by: SpendDimension) {
  return sums(clickhouse, question, { outcome: column(by), spend: column(by) });
}

/** By day of the zone on which the calls were made, `2026-11-20`. */
export function outcomeDays(clickhouse: ClickHouse, question: OutcomeQuestion, zone: string) {
  return sums(clickhouse, question, {
    outcome: 'toString(toDate(call_start, {zone:String}))',
    spend: 'toString(toDate(bucket, {zone:String}))',
    params: { zone },
  });
}

/** Kinds of outcomes by number, with how each was joined. */
export async function outcomeNames(clickhouse: ClickHouse, question: OutcomeQuestion) {
  const { filter, params } = asked(question);
  const rows = await clickhouse.query<{
    name: string;
    joined_by: OutcomeJoin;
    n: string;
    v: string;
    value: string;
  }>(
    `SELECT name, joined_by, count() AS n, count(value_nanos) AS v, toString(sum(toInt128(ifNull(value_nanos, 0)))) AS value
     FROM outcome_attributions FINAL WHERE ${JOINED} ${filter} GROUP BY name, joined_by ORDER BY n DESC, name, joined_by`,
    params,
  );
  return rows.map(row => ({
    name: row.name,
    joinedBy: row.joined_by,
    outcomes: Number(row.n),
    valued: Number(row.v),
    valueNanos: BigInt(row.value),
  }));
}

/** Outcomes of the range that led to no call; conditions cannot apply to them, but what they name themselves is a feature. */
export async function unjoinedOutcomes(clickhouse: ClickHouse, question: OutcomeQuestion) {
  const { name, params } = asked(question);
  const from = `FROM outcomes FINAL WHERE project_id = {project:String}
     AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)} ${name}
     AND (name, outcome_id) NOT IN (SELECT name, outcome_id FROM outcome_attributions FINAL
       WHERE project_id = {project:String} AND joined_by != '' AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)})`;
  const [[sum], examples] = await Promise.all([
    clickhouse.query<{ n: string; v: string; value: string }>(
      `SELECT count() AS n, count(value_nanos) AS v, toString(sum(toInt128(ifNull(value_nanos, 0)))) AS value ${from}`,
      params,
    ),
    clickhouse.query<{ outcome_id: string; name: string; at: string; named: string }>(
      `SELECT outcome_id, name, toString(time) AS at, multiIf(response_id != '', concat('response ', response_id),
         trace_id != '', concat('trace ', trace_id), session != '', concat('session ', session), concat('user ', user)) AS named
       ${from} ORDER BY time DESC LIMIT 5`,
      params,
    ),
  ]);
  return {
    outcomes: Number(sum?.n ?? 0),
    valued: Number(sum?.v ?? 0),
    valueNanos: BigInt(sum?.value ?? '0'),
    examples,
  };
}
