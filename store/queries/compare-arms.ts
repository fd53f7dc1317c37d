import type { ArmCondition } from '#contract/compare.ts';
import type { Condition } from '#contract/dimension.ts';
import type { ClickHouse } from '../engine/client.ts';
import { scoredCalls } from './scored-calls.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { whereSql } from './where.ts';

/** Two arms of the calls of a time range. */
export interface ArmsQuestion {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  control: readonly ArmCondition[];
  candidate: readonly ArmCondition[];
  /** Holds for both. */
  where: readonly Condition[];
}

/** Sums over units of one number; see quality/canary/arm-sums.ts. */
export interface StoredSums {
  units: number;
  calls: number;
  w: number;
  a: number;
  ww: number;
  aw: number;
  aa: number;
}

export interface ArmHead {
  calls: number;
  units: number;
  firstCall: string | null;
  lastCall: string | null;
  p50Ms: number | null;
  p95Ms: number | null;
}

export const arms = ['control', 'candidate'] as const;
export type Arm = (typeof arms)[number];
export type ByArm<T> = Record<Arm, T>;

/** Who made a call, as far as is known: calls of one user, session or trace are alike. */
export const UNIT = `multiIf(user != '', concat('u', user), session != '', concat('s', session), concat('t', trace_id))`;

/** What a score must know of its call to be put into an arm. */
export const callColumns = [
  'start_time',
  'trace_id',
  'feature',
  'tenant',
  'team',
  'user',
  'session',
  'environment',
  'service',
  'release',
  'provider',
  'model',
  'request_model',
  'response_model',
  'operation',
  'prompt_name',
  'prompt_version',
  'variant',
  'error_type',
  'dialect',
  'finish_reason',
  'purpose',
] as const;

interface Split {
  /** 1: control, 2: candidate, 3: both, 0: neither; over the columns of `calls`. */
  arm: string;
  where: string;
  params: Record<string, unknown>;
}

export function split({ control, candidate, where, ...question }: ArmsQuestion): Split {
  const one = armSql(control, 'control');
  const other = armSql(candidate, 'candidate');
  const both = whereSql(where);
  return {
    arm: `(1 ${one.sql}) + 2 * (1 ${other.sql})`,
    where: both.sql,
    params: {
      project: question.projectId,
      from: isoToStore(question.fromMs),
      to: isoToStore(question.toMs),
      ...one.params,
      ...other.params,
      ...both.params,
    },
  };
}

/**
 * Dimensions are columns of the call. An attribute may be on any span of its trace or on their resource: a flag is read where the request
 * comes in, not where the model is asked. Several values of one attribute are alternatives.
 */
function armSql(
  conditions: readonly ArmCondition[],
  arm: Arm,
): { sql: string; params: Record<string, unknown> } {
  const dimensions = conditions.flatMap(one => ('dimension' in one ? [one] : []));
  const attributes = new Map<string, string[]>();
  for (const one of conditions) {
    if ('attribute' in one)
      attributes.set(one.attribute, [...(attributes.get(one.attribute) ?? []), one.value]);
  }
  const { sql, params } = renamed(whereSql(dimensions), arm);
  const more = [...attributes].map(([key, values], at) => ({
    sql: `AND trace_id IN (
      SELECT trace_id FROM spans
      WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL 1 DAY
        AND start_time < {to:DateTime64(3)} + INTERVAL 1 DAY
        AND (attributes[{${arm}_key_${at}:String}] IN {${arm}_values_${at}:Array(String)}
          OR resource[{${arm}_key_${at}:String}] IN {${arm}_values_${at}:Array(String)}))`,
    params: { [`${arm}_key_${at}`]: key, [`${arm}_values_${at}`]: values },
  }));
  return {
    sql: [sql, ...more.map(one => one.sql)].join(' '),
    params: Object.assign({}, params, ...more.map(one => one.params)),
  };
}

/** The same condition under names of its own, to stand beside another in one question. */
export function renamed(
  { sql, params }: ReturnType<typeof whereSql>,
  name: string,
): ReturnType<typeof whereSql> {
  return {
    sql: sql.replaceAll('{where_', `{${name}_where_`),
    params: Object.fromEntries(Object.entries(params).map(([key, values]) => [`${name}_${key}`, values])),
  };
}

/** Calls of the product in an arm; those that judge others are no part of it. */
const armCalls = ({ arm, where }: Split, columns: string) => `
  SELECT ${columns}, ${UNIT} AS unit, ${arm} AS arm
  FROM calls FINAL
  WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
    AND purpose != 'evaluation' ${where} AND arm != 0`;

/** Counts of both arms; `both` are calls that fit both, `sharedUnits` units with calls in each. */
export async function readArms(
  clickhouse: ClickHouse,
  question: ArmsQuestion,
): Promise<ByArm<ArmHead> & { both: number; sharedUnits: number }> {
  const chosen = split(question);
  const rows = await clickhouse.query<Record<string, string | number | null>>(
    `SELECT arm, count() AS calls, uniqExact(unit) AS units, toString(min(start_time)) AS first, toString(max(start_time)) AS last,
       quantileExactOrNullIf(0.5)(duration_ns, failed = 0 AND duration_ns > 0) / 1e6 AS p50,
       quantileExactOrNullIf(0.95)(duration_ns, failed = 0 AND duration_ns > 0) / 1e6 AS p95,
       (SELECT countIf(in_arms > 1) FROM (SELECT unit, uniqExact(arm) AS in_arms FROM (${armCalls(chosen, 'start_time')}) GROUP BY unit)) AS shared
     FROM (${armCalls(chosen, 'start_time, duration_ns, failed')})
     GROUP BY arm`,
    chosen.params,
  );
  const head = (arm: number): ArmHead => {
    const row = rows.find(({ arm: of }) => Number(of) === arm);
    return {
      calls: Number(row?.calls ?? 0),
      units: Number(row?.units ?? 0),
      firstCall: row ? isoFromStore(String(row.first)) : null,
      lastCall: row ? isoFromStore(String(row.last)) : null,
      p50Ms: numberOrNull(row?.p50),
      p95Ms: numberOrNull(row?.p95),
    };
  };
  return {
    control: head(1),
    candidate: head(2),
    both: head(3).calls,
    sharedUnits: Number(rows[0]?.shared ?? 0),
  };
}

const numberOrNull = (value: string | number | null | undefined) =>
  value === null || value === undefined ? null : Number(value);

export type GuardSums = Record<'latency' | 'cost' | 'errors', ByArm<StoredSums>>;

/** Latency counts answers slower than `slowerThanMs`, cost is USD of priced calls, errors are failed calls. */
export async function readGuards(
  clickhouse: ClickHouse,
  question: ArmsQuestion,
  slowerThanMs: number | null,
): Promise<GuardSums> {
  const chosen = split(question);
  const rows = await clickhouse.query<Record<string, string | number>>(
    `SELECT arm, ${sumsSql('latency')}, ${sumsSql('cost')}, ${sumsSql('errors')}
     FROM
     (
       SELECT arm, unit,
         countIf(failed = 0 AND duration_ns > 0) AS latency_w, latency_w AS latency_n,
         countIf(failed = 0 AND duration_ns > {slow:Float64} * 1e6) AS latency_a,
         count(cost_nanos) AS cost_w, cost_w AS cost_n, ifNull(sum(cost_nanos), 0) / 1e9 AS cost_a,
         count() AS errors_w, errors_w AS errors_n, sum(failed) AS errors_a
       FROM (${armCalls(chosen, 'duration_ns, failed, cost_nanos')})
       GROUP BY arm, unit
     )
     GROUP BY arm`,
    { ...chosen.params, slow: slowerThanMs ?? 1e15 },
  );
  const of = (name: string): ByArm<StoredSums> => ({
    control: sumsOf(armRow(rows, 1), name),
    candidate: sumsOf(armRow(rows, 2), name),
  });
  const latency = slowerThanMs === null ? of('none') : of('latency');
  return { latency, cost: of('cost'), errors: of('errors') };
}

type Row = Record<string, string | number | null>;
const armRow = (rows: readonly Row[], arm: number) => rows.find(row => Number(row.arm) === arm);

/** Columns of the sums over units of `<name>_w`, `<name>_a` and `<name>_n`. */
export const sumsSql = (name: string) => {
  const [w, a] = [`toFloat64(${name}_w)`, `toFloat64(${name}_a)`];
  return `countIf(${name}_w > 0) AS ${name}_units, sum(${name}_n) AS ${name}_calls, sum(${w}) AS ${name}_sum_w, sum(${a}) AS ${name}_sum_a,
    sum(${w} * ${w}) AS ${name}_ww, sum(${a} * ${w}) AS ${name}_aw, sum(${a} * ${a}) AS ${name}_aa`;
};

/** The sums of `sumsSql`; all zero without a row. */
export function sumsOf(row: Record<string, string | number | null> | undefined, name: string): StoredSums {
  const at = (column: string) => Number(row?.[`${name}_${column}`] ?? 0);
  return {
    units: at('units'),
    calls: at('calls'),
    w: at('sum_w'),
    a: at('sum_a'),
    ww: at('ww'),
    aw: at('aw'),
    aa: at('aa'),
  };
}

export interface ScoreSumsByArm extends ByArm<StoredSums> {
  /** Of the scores of both arms; null without any. */
  lowest: number | null;
  highest: number | null;
  /** Scores left out because nobody knows with what chance their calls were chosen, while it is known of others. */
  leftOut: number;
  /** True: each score counts by the inverse of that chance. */
  weighted: boolean;
}

/**
 * Sums of a score over the calls until each of `untilMs`. Where the chance of being scored is known a score counts by its inverse;
 * where it is known of none, all count alike.
 */
export async function readScoreSums(
  clickhouse: ClickHouse,
  question: ArmsQuestion,
  score: string,
  untilMs: readonly number[],
): Promise<ScoreSumsByArm[]> {
  const chosen = split(question);
  const unprefixed = callColumns.map(column => `call_${column} AS ${column}`).join(', ');
  const scored = scoredCalls(callColumns, 'AND name = {score:String}', ['inclusion_probability']);
  const rows = await clickhouse.query<Record<string, string | number | null>>(
    `WITH judged AS
     (
       SELECT arm, unit, start_time, value, inclusion_probability, known_of_some,
         if(known_of_some, 1 / inclusion_probability, 1) AS weight
       FROM
       (
         SELECT ${UNIT} AS unit, ${chosen.arm} AS arm, start_time, value, inclusion_probability,
           max(isNotNull(inclusion_probability)) OVER () AS known_of_some
         FROM (SELECT ${unprefixed}, value, inclusion_probability FROM (${scored}))
         WHERE purpose != 'evaluation' ${chosen.where} AND arm IN (1, 2)
       )
     )
     SELECT arm, look, ${sumsSql('score')}, min(low) AS lowest, max(high) AS highest, sum(out) AS left_out, max(known) AS weighted
     FROM
     (
       SELECT arm, unit, look, countIf(isNotNull(weight)) AS score_n, ifNull(sum(weight), 0) AS score_w,
         ifNull(sum(weight * value), 0) AS score_a, min(value) AS low, max(value) AS high, countIf(isNull(weight)) AS out,
         max(known_of_some) AS known
       FROM judged ARRAY JOIN {looks:Array(DateTime64(3))} AS look
       WHERE start_time < look
       GROUP BY arm, unit, look
     )
     GROUP BY arm, look`,
    { ...chosen.params, score, looks: untilMs.map(isoToStore) },
  );
  return untilMs.map(ms => {
    const look = isoToStore(ms);
    const now = rows.filter(row => String(row.look) === look);
    const extremes = now.flatMap(row => [Number(row.lowest), Number(row.highest)]);
    return {
      control: sumsOf(armRow(now, 1), 'score'),
      candidate: sumsOf(armRow(now, 2), 'score'),
      lowest: extremes.length ? Math.min(...extremes) : null,
      highest: extremes.length ? Math.max(...extremes) : null,
      leftOut: now.reduce((sum, row) => sum + Number(row.left_out), 0),
      weighted: now.some(row => Number(row.weighted) > 0),
    };
  });
}
