import type { Router } from 'express';
import { clientCost } from '#contract/client-cost.ts';
import { instantMs } from '#contract/range.ts';
import { explainSpend } from '#contract/spend.ts';
import { explainSpend as explained } from '#ledger/explain/explain-spend.ts';
import { spendState } from '#ledger/schedule.ts';
import { readClientCost } from '#store/queries/client-cost.ts';
import { readSpend } from '#store/queries/spend.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { quartersOf } from './spend.ts';

/** So many calls are read in a few seconds. */
const mostCalls = 2_000_000;

export function spendExplainRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;

  serve(router, clientCost, async ({ where, ...asked }, { signal }) => {
    const part = { projectId, ...quartersOf(rangeOf(asked, nowMs())), tz: 'UTC', where };
    const { totals } = await readSpend(clickhouse, { ...part, groupBy: [], measures: ['calls'], limit: 1 });
    // Odd, so that over the days every hour has its turn.
    const times = Math.ceil((totals.calls ?? 0) / mostCalls);
    const oneHourIn = times <= 1 ? 1 : times + 1 - (times % 2);
    const rows = await readClientCost(clickhouse, { ...part, oneHourIn }, signal);
    const usd = (nanos: bigint | string) => usdFromNanos(nanos.toString()) ?? '';
    return {
      causes: rows.map(({ cause, calls, client, ours }) => ({
        cause,
        calls: Number(calls),
        client_usd: usd(client),
        ours_usd: usd(ours),
        difference_usd: usd(BigInt(client) - BigInt(ours)),
      })),
      one_in: oneHourIn,
    };
  });

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
