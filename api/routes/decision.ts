import type { Router } from 'express';
import { decision, decisionKeys } from '#contract/decision.ts';
import { CannotDecideError } from '#ledger/budget/ceilings.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** Most decisions never get here (see `decisions-first.ts`): this says what is wrong with the others. */
export function decisionRoutes(router: Router, { budgets }: Services): void {
  serve(router, decision, async request => {
    try {
      return await budgets.decide(request);
    } catch (error) {
      if (!(error instanceof CannotDecideError)) throw error;
      throw new HttpProblem(503, error.message, { 'retry-after': '1' });
    }
  });
  serve(router, decisionKeys, async () => ({ keys: budgets.keys() }));
}
