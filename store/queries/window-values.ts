import type { Condition, Dimension } from '#contract/dimension.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { type ByArm, callColumns, renamed } from './compare-arms.ts';
import { scoredCalls } from './scored-calls.ts';
import { isoToStore } from './time.ts';
import { dimensionColumn, whereSql } from './where.ts';

/** Calls in [fromMs, toMs), Unix milliseconds, that fit. */
export interface CallWindow {
  fromMs: number;
  toMs: number;
  conditions: readonly Condition[];
}

export interface WindowsQuestion extends ByArm<CallWindow> {
  projectId: string;
  /** Holds for both. */
  where: readonly Condition[];
}

export const numberMeasures = ['latency_ms', 'ttft_ms', 'cost_usd', 'input_tokens', 'output_tokens'] as const;
export type NumberMeasure = (typeof numberMeasures)[number];

/** `bins` count values by `floor(25 ln value)`. */
export interface NumberSums {
  n: number;
  sum: number;
  sumSq: number;
  median: number;
  bins: Map<number, number>;
}

export interface ShareSums {
  n: number;
  hits: number;
}

export interface ScoreValues {
  n: number;
  sum: number;
  sumSq: number;
  median: number;
  /** All values, or a sample of them, always the same. */
  values: number[];
}

export const sampledScores = 20_000;
const mostScores = 8;
const mostValues = 100;
export const categoryDimensions = [
  'feature',
  'model',
  'prompt',
  'release',
  'finish_reason',
  'error_type',
] as const satisfies readonly Dimension[];

const values: Record<NumberMeasure, string> = {
  latency_ms: 'if(failed OR duration_ns = 0, nan, duration_ns / 1e6)',
  ttft_ms: 'if(failed, nan, ifNull(ttft_ns / 1e6, nan))',
  cost_usd: 'ifNull(cost_nanos / 1e9, nan)',
  input_tokens: 'ifNull(toFloat64(input_tokens), nan)',
  output_tokens: 'ifNull(toFloat64(output_tokens), nan)',
};

/** `side` is 1 in the control's window, 2 in the candidate's, 3 in both; `arm` one row for each. */
function windowsSql({ control, candidate, where, projectId }: WindowsQuestion) {
  const one = renamed(whereSql(control.conditions), 'control');
  const other = renamed(whereSql(candidate.conditions), 'candidate');
  const both = whereSql(where);
  const within = (name: string) =>
    `start_time >= {${name}_from:DateTime64(3)} AND start_time < {${name}_to:DateTime64(3)}`;
  return {
    side: `(${within('control')} ${one.sql}) + 2 * (${within('candidate')} ${other.sql})`,
    arm: 'arrayJoin(multiIf(side = 1, [1], side = 2, [2], [1, 2])) AS arm',
    where: `purpose != 'evaluation' ${both.sql} AND side > 0`,
    params: {
      project: projectId,
      from: isoToStore(Math.min(control.fromMs, candidate.fromMs)),
      to: isoToStore(Math.max(control.toMs, candidate.toMs)),
      control_from: isoToStore(control.fromMs),
      control_to: isoToStore(control.toMs),
      candidate_from: isoToStore(candidate.fromMs),
      candidate_to: isoToStore(candidate.toMs),
      ...one.params,
      ...other.params,
      ...both.params,
    },
  };
}

const settings = { settings: dashboardLimits };
const callsOf = (chosen: ReturnType<typeof windowsSql>, columns: string) => `
  SELECT ${columns}, ${chosen.side} AS side FROM calls FINAL
  WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
    AND ${chosen.where}`;

/** Null on a side without a value. */
const byArm = <Row extends { arm: string | number }, T>(rows: readonly Row[], read: (row: Row) => T) => {
  const of = (arm: number) => {
    const row = rows.find(one => Number(one.arm) === arm);
    return row ? read(row) : null;
  };
  return { control: of(1), candidate: of(2) };
};

export interface WindowCounts extends ByArm<{ calls: number; failed: ShareSums; refused: ShareSums } | null> {
  /** Calls in both. */
  shared: number;
}

export async function readWindowCounts(
  clickhouse: ClickHouse,
  question: WindowsQuestion,
): Promise<WindowCounts> {
  const chosen = windowsSql(question);
  const rows = await clickhouse.query<
    Record<'arm' | 'calls' | 'failed' | 'answered' | 'refused' | 'shared', string>
  >(
    `SELECT arm, count() AS calls, sum(failed) AS failed_calls, calls - failed_calls AS answered, countIf(side = 3) AS shared,
       countIf(failed = 0 AND finish_reason = 'content_filter') AS refused, failed_calls AS failed
     FROM (SELECT failed, finish_reason, side, ${chosen.arm} FROM (${callsOf(chosen, 'failed, finish_reason')}))
     GROUP BY arm`,
    chosen.params,
    settings,
  );
  return {
    ...byArm(rows, row => ({
      calls: Number(row.calls),
      failed: { n: Number(row.calls), hits: Number(row.failed) },
      refused: { n: Number(row.answered), hits: Number(row.refused) },
    })),
    shared: Number(rows[0]?.shared ?? 0),
  };
}

/** Numbers of calls; measures without a value on either side are left out. */
export async function readWindowNumbers(
  clickhouse: ClickHouse,
  question: WindowsQuestion,
): Promise<{ measure: NumberMeasure; sides: ByArm<NumberSums | null> }[]> {
  const chosen = windowsSql(question);
  const items = numberMeasures.map(name => `('${name}', ${values[name]})`).join(', ');
  const rows = await clickhouse.query<{
    arm: number;
    measure: NumberMeasure;
    n: string;
    total: number;
    squares: number;
    middle: number;
    bins: Record<string, string>;
  }>(
    `SELECT arm, item.1 AS measure, count() AS n, sum(item.2) AS total, sum(item.2 * item.2) AS squares,
       quantileExact(0.5)(item.2) AS middle, sumMap(map(toInt16(floor(25 * log(greatest(item.2, 1e-9)))), toUInt64(1))) AS bins
     FROM
     (
       SELECT ${chosen.arm}, arrayJoin(arrayFilter(one -> isFinite(one.2), [${items}])) AS item
       FROM (${callsOf(chosen, 'failed, duration_ns, ttft_ns, cost_nanos, input_tokens, output_tokens')})
     )
     GROUP BY arm, measure`,
    chosen.params,
    settings,
  );
  return numberMeasures.flatMap(measure => {
    const own = rows.filter(row => row.measure === measure);
    if (own.length === 0) return [];
    const sides = byArm(own, row => ({
      n: Number(row.n),
      sum: row.total,
      sumSq: row.squares,
      median: row.middle,
      bins: new Map(Object.entries(row.bins).map(([bin, count]) => [Number(bin), Number(count)])),
    }));
    return [{ measure, sides }];
  });
}

/** The most frequent scores of the calls of both. */
export async function readWindowScores(
  clickhouse: ClickHouse,
  question: WindowsQuestion,
): Promise<{ score: string; sides: ByArm<ScoreValues | null> }[]> {
  const chosen = windowsSql(question);
  const unprefixed = callColumns.map(column => `call_${column} AS ${column}`).join(', ');
  const rows = await clickhouse.query<{
    arm: number;
    score: string;
    n: string;
    total: number;
    squares: number;
    middle: number;
    sample: number[];
  }>(
    `SELECT arm, score, count() AS n, sum(value) AS total, sum(value * value) AS squares, quantileExact(0.5)(value) AS middle,
       groupArraySample(${sampledScores}, 7)(value) AS sample
     FROM
     (
       SELECT score, value, ${chosen.arm} FROM
       (
         SELECT score_name AS score, value, ${chosen.side} AS side
         FROM (SELECT score_name, value, ${unprefixed} FROM (${scoredCalls(callColumns)}))
         WHERE ${chosen.where}
       )
     )
     GROUP BY arm, score
     ORDER BY sum(n) OVER (PARTITION BY score) DESC, score
     LIMIT ${2 * mostScores}`,
    chosen.params,
    settings,
  );
  const names = [...new Set(rows.map(({ score }) => score))];
  return names.map(score => ({
    score,
    sides: byArm(
      rows.filter(row => row.score === score),
      row => ({
        n: Number(row.n),
        sum: row.total,
        sumSq: row.squares,
        median: row.middle,
        values: row.sample,
      }),
    ),
  }));
}

/** How calls are spread over the values of a dimension, the most frequent hundred; an error type counts failed calls only. */
export async function readWindowCategories(
  clickhouse: ClickHouse,
  question: WindowsQuestion,
): Promise<{ dimension: Dimension; values: { value: string; control: number; candidate: number }[] }[]> {
  const chosen = windowsSql(question);
  const named = new Set(
    [...question.control.conditions, ...question.candidate.conditions, ...question.where].map(
      ({ dimension }) => dimension,
    ),
  );
  const asked = categoryDimensions.filter(name => !named.has(name));
  if (asked.length === 0) return [];
  const items = asked.map(name => `('${name}', ${dimensionColumn(name)})`).join(', ');
  const columns = 'feature, model, prompt_name, prompt_version, release, finish_reason, error_type';
  const rows = await clickhouse.query<{ name: Dimension; value: string; control: string; candidate: string }>(
    `SELECT item.1 AS name, item.2 AS value, countIf(side != 2) AS control, countIf(side != 1) AS candidate
     FROM (SELECT side, arrayJoin([${items}]) AS item FROM (${callsOf(chosen, columns)}))
     WHERE NOT (item.1 IN ('error_type', 'prompt') AND item.2 = '')
     GROUP BY name, value
     ORDER BY name, count() DESC, value
     LIMIT ${mostValues} BY name`,
    chosen.params,
    settings,
  );
  return asked.flatMap(dimension => {
    const own = rows
      .filter(({ name }) => name === dimension)
      .map(({ value, control, candidate }) => ({
        value,
        control: Number(control),
        candidate: Number(candidate),
      }));
    return own.length > 1 ? [{ dimension, values: own }] : [];
  });
}
