import express, { type Router } from 'express';
import { decision, decisionKeys } from '#contract/decision.ts';
import { CannotDecideError } from '#ledger/budget/ceilings.ts';
import { HttpProblem } from '../problem.ts';
import { nameRequests } from '../request-id.ts';
import { type Access, checkHost, neverStore, requireKey } from '../security.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/**
 * Answers decisions before anything else looks at the request: they are small, many, and waited for by a program. The
 * rules about who may ask are the same.
 */
export function decisionRouter({ budgets }: Services, access: Access): Router {
  const router = express.Router({ caseSensitive: true });
  router.use(decision.path, nameRequests, neverStore, checkHost(access), requireKey(access));
  serve(router, decision, async request => {
    try {
      return await budgets.decide(request);
    } catch (error) {
      if (!(error instanceof CannotDecideError)) throw error;
      throw new HttpProblem(503, error.message, { 'retry-after': '1' });
    }
  });
  serve(router, decisionKeys, async () => ({ keys: budgets.keys() }));
  return router;
}
