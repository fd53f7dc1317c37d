import type { Condition, Dimension } from '#contract/dimension.ts';
import { scoredCalls } from './scored-calls.ts';

/** Columns of `calls` a dimension is made of. */
const wider: Partial<Record<Dimension, string[]>> = {
  prompt: ['prompt_name', 'prompt_version'],
  model: ['model', 'request_model', 'response_model'],
};

/** Columns of `calls` that grouping and filtering read. */
export function columnsOf(groupBy: readonly Dimension[], where: readonly Condition[]): string[] {
  const named = [...groupBy, ...where.map(({ dimension }) => dimension)];
  return [...new Set(named.flatMap(name => wider[name] ?? [name]))];
}

/**
 * SQL of a subquery: one row for each time the score {score:String} was given to a call of [{from:DateTime64(3)}, {to:DateTime64(3)}) of
 * {project:String}, with `value`, `probability` (null: unknown) and the named columns of the call. Scores of sessions count for their
 * last call.
 */
export function judgedCalls(columns: readonly string[]): string {
  return judged(columns, { condition: 'AND name = {score:String}', sessionDays: 1 });
}

/**
 * The same of every score, with its `score_name` and without {score:String}. Made for a few hours at a time: of sessions calls of a week
 * to either side are looked at, so that one which goes on for days counts for its very last call.
 */
export function allJudgedCalls(columns: readonly string[]): string {
  return judged(columns, { condition: '', sessionDays: 7 });
}

function judged(
  columns: readonly string[],
  { condition, sessionDays }: { condition: string; sessionDays: number },
): string {
  const all = [...new Set(['start_time', ...columns])];
  return `
  SELECT score_name, value, inclusion_probability AS probability, ${all.map(column => `call_${column} AS ${column}`).join(', ')}
  FROM
  (
    ${scoredCalls(all, condition, ['inclusion_probability'])}
    UNION ALL
    ${sessionScores(all, condition, sessionDays)}
  )`;
}

/** Like that of `scoredCalls`: each score of a session counts for its last call, where the impression was complete. */
function sessionScores(columns: readonly string[], condition: string, days: number): string {
  const scores = `FROM scores FINAL
    WHERE project_id = {project:String} AND target = 'session' AND session != '' ${condition}
      AND time >= {from:DateTime64(3)} - INTERVAL ${days} DAY`;
  const chosen = columns.map((column, at) => `, last.${at + 1} AS call_${column}`).join('');
  return `
  SELECT judged.name AS score_name, assumeNotNull(judged.value) AS value ${chosen}, inclusion_probability
  FROM
  (
    SELECT session, name, value, inclusion_probability ${scores} ORDER BY version DESC LIMIT 1 BY score_id
  ) AS judged
  INNER JOIN
  (
    SELECT session, argMax(tuple(${columns.join(', ')}), start_time) AS last FROM calls FINAL
    WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL ${days} DAY
      AND start_time < {to:DateTime64(3)} + INTERVAL ${days} DAY AND session IN (SELECT session ${scores})
    GROUP BY session
  ) AS spoken USING session
  WHERE isNotNull(judged.value) AND call_start_time >= {from:DateTime64(3)} AND call_start_time < {to:DateTime64(3)}`;
}
