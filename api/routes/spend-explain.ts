import type { Router } from 'express';
import { instantMs } from '#contract/range.ts';
import { explainSpend } from '#contract/spend.ts';
import { explainSpend as explained } from '#ledger/explain/explain-spend.ts';
import { spendState } from '#ledger/schedule.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { quartersOf } from './spend.ts';

export function spendExplainRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;

  serve(router, explainSpend, async ({ by, where, limit, against_from, against_to, ...asked }) => {
    const at = nowMs();
    const after = quartersOf(rangeOf(asked, at));
    const toMs = against_to === undefined ? after.fromMs : instantMs(against_to, at);
    const fromMs =
      against_from === undefined ? toMs - (after.toMs - after.fromMs) : instantMs(against_from, at);
    if (fromMs >= toMs)
      throw new HttpProblem(400, 'against_from: the range to compare with must begin before it ends');
    const before = quartersOf({ fromMs, toMs });
    const [{ total, rows }, { asOf }] = await Promise.all([
      explained({ clickhouse, projectId }, { by, where, before, after }),
      spendState({ state, projectId }),
    ]);
    const iso = (ms: number) => new Date(ms).toISOString();
    return {
      total,
      rows: rows.slice(0, limit),
      meta: {
        by,
        from: iso(after.fromMs),
        to: iso(after.toMs),
        against_from: iso(before.fromMs),
        against_to: iso(before.toMs),
        as_of: asOf,
        truncated: rows.length > limit,
      },
    };
  });
}
