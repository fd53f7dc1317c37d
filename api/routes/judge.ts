import type { Router } from 'express';
import {
  acceptJudge,
  freezeAnchors,
  getJudge,
  judgeHealth,
  putJudge,
  scoreAnchors,
  tryJudge,
} from '#contract/judge.ts';
import type { Example } from '#quality/evaluators/evaluator.ts';
import { AnchorProblem } from '#quality/judge/anchors.ts';
import { judgeHealthOf } from '#quality/judge/health.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import type { AnchorSetRow } from '#store/state/judges.ts';
import { isZone, rangeOf, reportingZone } from '../asked.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function judgeRoutes(router: Router, services: Services): void {
  const { judges, nowMs } = services;

  serve(router, getJudge, () => judges.state());

  serve(router, putJudge, ({ api_key, ...asked }) => possible(judges.configure({ ...asked, api_key })));

  serve(router, tryJudge, async ({ rubric, ...example }) => {
    const found = await judges.try(rubric, known(example));
    if (!found) throw notFound(`There is no rubric ${rubric}.`);
    const { verdict, costNanos, durationMs } = found;
    return {
      ...verdict,
      cost_usd: usdFromNanos(costNanos === null ? null : String(costNanos)),
      duration_ms: durationMs,
    };
  });

  serve(router, freezeAnchors, async ({ score, examples, size, first_scores }) => {
    const asked = { score, examples: examples?.map(known), size, firstScores: first_scores };
    return frozen(await possible(judges.freeze(asked)));
  });

  serve(router, scoreAnchors, ({ score }) => possible(judges.run(score)));

  serve(router, acceptJudge, async ({ score }) => frozen(await possible(judges.accept(score))));

  serve(router, judgeHealth, async ({ from, to, score, human_score, tz }) => {
    if (tz !== undefined && !isZone(tz)) throw new HttpProblem(400, `tz: ${tz} is not an IANA time zone`);
    return judgeHealthOf(services, {
      ...rangeOf({ from, to }, nowMs()),
      score: score ?? null,
      humanScore: human_score ?? null,
      zone: tz ?? (await reportingZone(services)),
    });
  });
}

const frozen = ({ score, anchors, frozen_at, first_scores }: AnchorSetRow) => ({
  score,
  anchors: (JSON.parse(anchors) as unknown[]).length,
  frozen_at,
  first_scores,
});

/** A part that is not known is absent, never undefined. */
function known(example: { [Part in keyof Example]?: Example[Part] | undefined }): Example {
  return Object.fromEntries(Object.entries(example).filter(([, value]) => value !== undefined));
}

async function possible<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AnchorProblem) throw new HttpProblem(400, error.message);
    throw error;
  }
}
