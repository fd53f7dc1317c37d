import type { Router } from 'express';
import { postFeedback, postScores, type ScoreInput } from '#contract/score.ts';
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

  serve(router, postFeedback, async ({ rating, value, comment, ...target }) => {
    const given = value ?? (rating && RATING[rating]);
    const label = rating && `thumbs_${rating}`;
    const { redactor } = await privacy();
    const feedback = { ...target, name: 'user_feedback', value: given, label, explanation: comment };
    const score = redacted(feedback, redactor);
    const ids = await insertScores(clickhouse, [score], { projectId, source: 'feedback', nowMs: nowMs() });
    return { accepted: ids.length, ids };
  });
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
