import type { Router } from 'express';
import {
  acceptJudge,
  anchorsByScore,
  deleteAnchors,
  freezeAnchors,
  getJudge,
  judgeHealth,
  listAnchorCandidates,
  listAnchors,
  putJudge,
  scoreAnchors,
  tryJudge,
} from '#contract/judge.ts';
import type { Example } from '#quality/evaluators/evaluator.ts';
import { anchorSetsOf, judgeHealthOf } from '#quality/judge/health.ts';
import { AnchorProblem } from '#quality/judge/rubrics.ts';
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

  serve(router, tryJudge, async ({ rubric, settings, ...example }) => {
    const asked = settings && { ...settings, api_key: settings.api_key };
    const found = await possible(judges.try(rubric, known(example), asked));
    if (!found) throw notFound(`There is no rubric ${rubric}.`);
    const { verdict, costNanos, durationMs } = found;
    return {
      ...verdict,
      cost_usd: usdFromNanos(costNanos === null ? null : String(costNanos)),
      duration_ms: durationMs,
    };
  });

  serve(router, listAnchors, async () => ({ sets: await anchorSetsOf(services) }));

  serve(router, anchorsByScore, async (_, { params }) => {
    const { set, examples } = await possible(judges.anchors(params.score));
    return { score: set.score, version: set.version, examples };
  });

  serve(router, deleteAnchors, async (_, { params }) => {
    await possible(judges.unfreeze(params.score));
    return {};
  });

  serve(router, listAnchorCandidates, async asked => {
    const { fit, found, missing } = await possible(judges.candidates(asked));
    const candidates = fit.map(({ key, example, value, traceId, spanId }) => ({
      key,
      input: cut(example.input),
      output: cut(example.output),
      reference: example.reference === undefined ? null : cut(example.reference),
      value,
      trace_id: traceId,
      span_id: spanId,
    }));
    const unfit = Math.max(0, found - fit.length);
    return { candidates, found, unfit: missing.length === 0 ? 0 : unfit, missing };
  });

  serve(router, freezeAnchors, async ({ examples, first_scores, candidates, ...asked }) => {
    const wanted = { ...asked, candidates, examples: examples?.map(known), firstScores: first_scores };
    return frozen(await possible(judges.freeze(wanted)));
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

const shownLength = 600;
const cut = (text = '') => (text.length > shownLength ? `${text.slice(0, shownLength)}…` : text);

const frozen = ({ score, version, anchors, frozen_at, first_scores }: AnchorSetRow) => ({
  score,
  version,
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
