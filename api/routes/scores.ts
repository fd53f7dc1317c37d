import type { Router } from 'express';
import { type Feedback, feedbackNames, postFeedback, postScores, type ScoreInput } from '#contract/score.ts';
import { insertScores } from '#store/queries/insert-scores.ts';
import type { Redactor } from '#store/redact/redactor.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const RATING = { up: 1, down: -1 } as const;

export function scoresRoutes(router: Router, { clickhouse, projectId, nowMs, privacy }: Services): void {
  serve(router, postScores, async asked => {
    const { redactor } = await privacy();
    const scores = ('scores' in asked ? asked.scores : [asked]).map(score => redacted(score, redactor));
    const ids = await insertScores(clickhouse, scores, { projectId, source: 'api', nowMs: nowMs() });
    return { accepted: ids.length, ids };
  });

  serve(router, postFeedback, async said => {
    const { redactor } = await privacy();
    const scores = scoresOf(said).map(score => redacted(score, redactor));
    const ids = await insertScores(clickhouse, scores, { projectId, source: 'feedback', nowMs: nowMs() });
    return { accepted: ids.length, ids };
  });
}

/** A rating, a correction and a flag are scores of their own; sent again under the same id each replaces itself. */
function scoresOf({ id, rating, value, comment, correction, flag, ...target }: Feedback): ScoreInput[] {
  const given = value ?? (rating && RATING[rating]);
  const shared = { ...target, ...(id !== undefined && { id }) };
  const scores: ScoreInput[] = [];
  if (given !== undefined) {
    const label = rating && `thumbs_${rating}`;
    scores.push({ ...shared, name: feedbackNames.rating, value: given, label, explanation: comment });
  }
  if (correction !== undefined) {
    scores.push({ ...shared, name: feedbackNames.correction, label: 'correction', explanation: correction });
  }
  if (flag !== undefined) {
    scores.push({ ...shared, name: feedbackNames.flag, label: flag, explanation: comment });
  }
  return scores;
}

/** Without private values. The names of what is judged change as the collector changes them, so that they still meet. */
function redacted(score: ScoreInput, redactor: Redactor): ScoreInput {
  const { text, value } = redactor;
  return {
    ...score,
    name: text(score.name),
    ...(score.label !== undefined && { label: text(score.label) }),
    ...(score.explanation !== undefined && { explanation: text(score.explanation) }),
    ...(score.response_id !== undefined && { response_id: value(score.response_id) }),
    ...(score.session_id !== undefined && { session_id: value(score.session_id) }),
  };
}
