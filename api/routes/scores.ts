import type { Router } from 'express';
import { postFeedback, postScores } from '#contract/score.ts';
import { insertScores } from '#store/queries/insert-scores.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const RATING = { up: 1, down: -1 } as const;

export function scoresRoutes(router: Router, { clickhouse, projectId, nowMs }: Services): void {
  serve(router, postScores, async asked => {
    const scores = 'scores' in asked ? asked.scores : [asked];
    const ids = await insertScores(clickhouse, scores, { projectId, source: 'api', nowMs: nowMs() });
    return { accepted: ids.length, ids };
  });

  serve(router, postFeedback, async ({ rating, value, comment, ...target }) => {
    const given = value ?? (rating && RATING[rating]);
    const label = rating && `thumbs_${rating}`;
    const score = { ...target, name: 'user_feedback', value: given, label, explanation: comment };
    const ids = await insertScores(clickhouse, [score], { projectId, source: 'feedback', nowMs: nowMs() });
    return { accepted: ids.length, ids };
  });
}
