import type { Router } from 'express';
import { spendCalls } from '#contract/spend.ts';
import { callsBehind, isCursor } from '#ledger/explain/calls-behind.ts';
import { spendState } from '#ledger/schedule.ts';
import { priceBookReader } from '#store/prices/load.ts';
import { readAdjustments } from '#store/queries/spend-calls.ts';
import { isoFromStore } from '#store/queries/time.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { quartersOf } from './spend.ts';

export function spendCallsRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;
  const readBook = priceBookReader(state);

  serve(router, spendCalls, async ({ where, kind, unpriced, limit, cursor, ...asked }) => {
    if (cursor !== undefined && !isCursor(cursor))
      throw new HttpProblem(400, 'cursor: give `next` of the page before');
    const range = quartersOf(rangeOf(asked, nowMs()));
    const question = { ...range, where, kind, limit };
    const [page, adjustments, { asOf }] = await Promise.all([
      callsBehind({ clickhouse, projectId }, await readBook(), {
        ...question,
        unpriced: unpriced === undefined ? undefined : unpriced === 'true',
        cursor,
      }),
      cursor ? [] : readAdjustments(clickhouse, { projectId, ...question }),
      spendState({ state, projectId }),
    ]);
    return {
      ...page,
      adjustments: adjustments.map(({ bucket, origin, calls, cost, ...of }) => ({
        ...of,
        booked_at: isoFromStore(bucket),
        origin: isoFromStore(origin),
        calls: Number(calls),
        change_usd: usdFromNanos(cost) ?? '',
      })),
      meta: {
        from: new Date(range.fromMs).toISOString(),
        to: new Date(range.toMs).toISOString(),
        as_of: asOf,
      },
    };
  });
}
