import type { Router } from 'express';
import { listRepricings, postRepricing, previewRepricing, repricingById } from '#contract/spend.ts';
import {
  beginPosting,
  repricingById as byId,
  CannotPostError,
  listRepricings as newest,
} from '#ledger/posting/post.ts';
import { rangeOf, reportingZone } from '../asked.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function spendRepricingsRoutes(router: Router, services: Services): void {
  const { alerts: deps, ledger, nowMs } = services;
  const unknown = (id: string) => notFound(`There is no repricing ${id}.`);

  serve(router, previewRepricing, async ({ from, to, ...asked }) => {
    const { fromMs, toMs } = rangeOf({ from, to }, nowMs());
    return ledger.preview({
      ...asked,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      zone: await reportingZone(services),
    });
  });

  serve(router, postRepricing, async ({ posting_id }) => {
    try {
      const posting = await beginPosting(deps, posting_id);
      if (!posting) throw unknown(posting_id);
      ledger.wake();
      return posting;
    } catch (error) {
      if (error instanceof CannotPostError) throw new HttpProblem(409, error.message);
      throw error;
    }
  });

  serve(router, listRepricings, async ({ limit }) => ({ repricings: await newest(deps, limit) }));

  serve(router, repricingById, async (_asked, { params }) => {
    const posting = await byId(deps, params.posting_id);
    if (!posting) throw unknown(params.posting_id);
    return posting;
  });
}
