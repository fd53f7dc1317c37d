import { createHash, randomUUID } from 'node:crypto';
import type { ScoreInput } from '#contract/score.ts';
import type { ClickHouse } from '../engine/client.ts';
import { clickhouseTime, type ScoreOrigin, type ScoreRow } from '../rows.ts';

export interface InsertScores {
  projectId: string;
  source: 'api' | 'feedback';
  nowMs: number;
}

/**
 * Stores scores sent from outside and returns their ids. A score with the caller's own id replaces the one sent before,
 * also when it comes without a time on another day.
 */
export async function insertScores(
  clickhouse: ClickHouse,
  scores: readonly ScoreInput[],
  { projectId, source, nowMs }: InsertScores,
): Promise<string[]> {
  const ids = scores.map(score =>
    score.id === undefined ? randomUUID() : idOf(projectId, score.name, score.id),
  );
  const known = await timesOf(clickhouse, projectId, ids);
  const rows = scores.map((score, at): ScoreRow & ScoreOrigin => {
    const id = ids[at]!;
    const time = score.time ? clickhouseTime(BigInt(Date.parse(score.time)) * 1_000_000n) : undefined;
    return {
      project_id: projectId,
      time: known.get(id) ?? time ?? clickhouseTime(BigInt(nowMs) * 1_000_000n),
      score_id: id,
      name: score.name,
      value: score.value ?? null,
      label: score.label ?? '',
      explanation: score.explanation ?? '',
      error_type: '',
      source,
      inclusion_probability: score.inclusion_probability ?? null,
      evaluator: score.evaluator ?? '',
      rater: score.rater ?? (source === 'feedback' ? 'user' : ''),
      target: targetOf(score),
      trace_id: score.trace_id?.toLowerCase() ?? '',
      span_id: score.span_id?.toLowerCase() ?? '',
      response_id: score.response_id ?? '',
      session: score.session_id ?? '',
      version: String(nowMs * 1000 + at),
      is_deleted: 0,
    };
  });
  await clickhouse.insert('scores', rows);
  return ids;
}

/** What an evaluator said of a call that was chosen with `probability`. */
export interface CallVerdict {
  traceId: string;
  spanId: string;
  /** As the store writes it: part of the score's place. */
  startTime: string;
  name: string;
  /** With its version: `refusal@1`. */
  evaluator: string;
  rater: 'rule' | 'judge';
  value: number;
  label: string;
  explanation: string;
  probability: number;
}

/** Stores what evaluators said. A call has one score of a name by an evaluator: judged again, the newer one holds. */
export async function insertVerdicts(
  clickhouse: ClickHouse,
  verdicts: readonly CallVerdict[],
  { projectId, nowMs }: { projectId: string; nowMs: number },
): Promise<void> {
  if (verdicts.length === 0) return;
  const rows = verdicts.map((verdict, at): ScoreRow & ScoreOrigin => ({
    project_id: projectId,
    time: verdict.startTime,
    score_id: idOf(projectId, verdict.name, `evaluator ${verdict.traceId}/${verdict.spanId}`),
    name: verdict.name,
    value: verdict.value,
    label: verdict.label,
    explanation: verdict.explanation,
    error_type: '',
    source: 'evaluator',
    inclusion_probability: verdict.probability,
    evaluator: verdict.evaluator,
    rater: verdict.rater,
    target: 'span',
    trace_id: verdict.traceId,
    span_id: verdict.spanId,
    response_id: '',
    session: '',
    version: String(nowMs * 1000 + at),
    is_deleted: 0,
  }));
  await clickhouse.insert('scores', rows);
}

/** Same project, name and caller's id: same score. */
function idOf(projectId: string, name: string, id: string): string {
  return createHash('sha256')
    .update(JSON.stringify([projectId, name, id]))
    .digest('hex')
    .slice(0, 32);
}

function targetOf(score: ScoreInput): ScoreRow['target'] {
  if (score.span_id) return 'span';
  if (score.response_id) return 'response';
  return score.trace_id ? 'trace' : 'session';
}

/** The time is part of a score's key, so a replacement must use the first one. */
async function timesOf(
  clickhouse: ClickHouse,
  projectId: string,
  ids: string[],
): Promise<Map<string, string>> {
  const rows = await clickhouse.query<{ score_id: string; time: string }>(
    `SELECT score_id, toString(any(time)) AS time FROM scores
     WHERE project_id = {project:String} AND score_id IN {ids:Array(String)} GROUP BY score_id`,
    { project: projectId, ids },
  );
  return new Map(rows.map(row => [row.score_id, row.time]));
}
