import type { Router } from 'express';
import { type ArmCondition, compare } from '#contract/compare.ts';
import { comparePairs } from '#contract/compare-pairs.ts';
import { compareArms } from '#quality/canary/compare.ts';
import { examplePairs } from '#quality/canary/pairs.ts';
import { shownScore } from '#quality/shown-score.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function compareRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;
  serve(router, compare, async asked => {
    checkArms(asked);
    const range = rangeOf(asked, nowMs());
    const score = asked.score ?? (await shownScore({ clickhouse, state, projectId }, range));
    const reply = await compareArms(
      { clickhouse, projectId },
      {
        ...range,
        control: asked.control,
        candidate: asked.candidate,
        where: asked.where,
        score,
        margins: {
          quality: asked.quality_margin,
          latency: asked.latency_margin,
          cost: asked.cost_margin,
          errors: asked.error_margin,
        },
        level: asked.level,
        candidateShare: asked.candidate_share ?? null,
      },
    );
    const moves = asked.from.startsWith('now');
    const note =
      'The range begins at a time that moves with the clock: name a fixed start, or the intervals hold for one look only.';
    return moves ? { ...reply, notes: [note, ...reply.notes] } : reply;
  });

  serve(router, comparePairs, async asked => {
    checkArms(asked);
    const range = rangeOf(asked, nowMs());
    const score = asked.score ?? (await shownScore({ clickhouse, state, projectId }, range));
    if (score === null) {
      const looked_at = { control: 0, candidate: 0, without_text: 0, matched: 0 };
      return { score, better: 'higher' as const, pairs: [], looked_at, notes: ['There are no scores here.'] };
    }
    const redactor = async () => (await services.privacy()).redactor;
    return examplePairs({ clickhouse, projectId, redactor }, { ...asked, ...range, score });
  });
}

function checkArms({ control, candidate }: Record<'control' | 'candidate', readonly ArmCondition[]>): void {
  if (control.length === 0) throw new HttpProblem(400, 'control: name what the control is, e.g. variant:a');
  if (candidate.length === 0)
    throw new HttpProblem(400, 'candidate: name what the candidate is, e.g. variant:b');
}
