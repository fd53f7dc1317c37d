import type { Router } from 'express';
import { type SpendRow, type SpendTotals, spend } from '#contract/spend.ts';
import { spendState } from '#ledger/schedule.ts';
import { readSpend } from '#store/queries/spend.ts';
import { readEstimated } from '#store/queries/spend-estimated.ts';
import { type UsageDimension, usageByUser, usageDimensions } from '#store/queries/usage-by-user.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { frozenParts, listClosedMonths } from '#store/state/closed-months.ts';
import { isZone, rangeOf, reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const quarterMs = 900_000;

/** Whole quarters of an hour, which is as fine as spend is kept. */
export function quartersOf(range: { fromMs: number; toMs: number }): { fromMs: number; toMs: number } {
  return {
    fromMs: Math.floor(range.fromMs / quarterMs) * quarterMs,
    toMs: Math.ceil(range.toMs / quarterMs) * quarterMs,
  };
}

type Asked = (typeof spend)['request']['_output'];

export function spendRoutes(router: Router, services: Services): void {
  const { clickhouse, nowMs, state, projectId } = services;

  serve(router, spend, async asked => {
    const range = quartersOf(rangeOf(asked, nowMs()));
    const tz = asked.tz ?? (await reportingZone(services));
    if (!isZone(tz)) throw new HttpProblem(400, `tz: "${tz}" is not an IANA time zone`);
    const [read, { asOf, backfill }, closed] = await Promise.all([
      asked.group_by.includes('user') ? byUser(services, asked, range) : bySpend(services, asked, range, tz),
      spendState({ state, projectId }),
      listClosedMonths(state, projectId),
    ]);
    const { fromMs, toMs } = range;
    return {
      rows: read.rows.slice(0, asked.limit),
      totals: read.totals,
      meta: {
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        tz,
        as_of: asOf,
        backfill,
        closed: closed
          .filter(one => Date.parse(one.from_at) < toMs && Date.parse(one.to_at) > fromMs)
          .map(({ month, zone, from_at, to_at }) => ({ month, zone, from: from_at, to: to_at })),
        coverage: { ...read.coverage, estimated_tokens: await estimatedShare(asked, range, tz, read.totals) },
        truncated: read.rows.length > asked.limit,
      },
    };
  });

  /** Only where bounds tell that there are any: they are seldom, and the engine keeps no smaller sums of them. */
  async function estimatedShare(
    { group_by, interval, where }: Asked,
    range: { fromMs: number; toMs: number },
    tz: string,
    { cost_usd, low_usd, high_usd, unpriced_calls, tokens }: SpendTotals,
  ): Promise<number | null> {
    if (group_by.length > 0 || interval !== undefined || low_usd === null || !tokens) return null;
    const isLower = Number(low_usd) < Number(cost_usd);
    const isHigher = unpriced_calls === 0 && high_usd !== cost_usd;
    if (!isLower && !isHigher) return 0;
    const estimated = await readEstimated(clickhouse, { projectId, ...range, tz, where });
    return estimated.tokens / tokens;
  }

  function bySpend(
    { projectId }: Services,
    { group_by, interval, where, measures, limit }: Asked,
    range: { fromMs: number; toMs: number },
    tz: string,
  ) {
    const groupBy = group_by.filter(name => name !== 'user');
    return readSpend(clickhouse, { projectId, ...range, where, groupBy, interval, tz, measures, limit });
  }
}

const isUsage = (name: string): name is UsageDimension =>
  (usageDimensions as readonly string[]).includes(name);

/** Users are counted by whole days of the reporting zone, in a table of their own. */
async function byUser(
  services: Services,
  { group_by, interval, where, limit, tz }: Asked,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<{ rows: SpendRow[]; totals: SpendTotals; coverage: { tokens: null; calls: number | null } }> {
  const by = group_by.filter(name => name !== 'user');
  const others = [...by, ...where.map(({ dimension }) => dimension)].filter(name => !isUsage(name));
  if (others.length > 0)
    throw new HttpProblem(
      400,
      `group_by: spend of users is known by ${usageDimensions.join(', ')}, not by ${others.join(', ')}`,
    );
  if (interval && interval !== 'day') throw new HttpProblem(400, 'interval: spend of users is known by day');
  const zone = await reportingZone(services);
  if (tz !== undefined && tz !== zone)
    throw new HttpProblem(400, `tz: users are counted by days of the reporting zone, ${zone}`);
  const { rows, total } = await usageByUser(services.clickhouse, {
    projectId: services.projectId,
    zone,
    fromDay: dayOf(fromMs, zone),
    toDay: dayOf(toMs - 1, zone),
    by: by.filter(isUsage),
    byDay: interval === 'day',
    where,
    frozen: frozenParts(await listClosedMonths(services.state, services.projectId)),
    limit: limit + 1,
  });
  return {
    rows: rows.map(({ day, calls, sessions, cost_nanos, unpriced_calls, ...keys }) => ({
      ...keys,
      ...(day && { time: day }),
      ...usageTotals({ calls, sessions, cost_nanos, unpriced_calls }),
    })),
    totals: usageTotals(total),
    coverage: {
      tokens: null,
      calls: Number(total.calls) ? 1 - Number(total.unpriced_calls) / Number(total.calls) : null,
    },
  };
}

const dayOf = (ms: number, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(ms);

function usageTotals(of: {
  calls: string;
  sessions: string;
  cost_nanos: string | null;
  unpriced_calls: string;
}): SpendTotals {
  return {
    cost_usd: usdFromNanos(of.cost_nanos ?? '0') ?? '',
    low_usd: null,
    high_usd: null,
    bounded_high_usd: null,
    booked_usd: null,
    adjustments_usd: null,
    uncached_usd: null,
    cache_saving_usd: null,
    client_usd: null,
    client_ours_usd: null,
    calls: Number(of.calls),
    attempts: null,
    failed_attempts: null,
    unpriced_calls: Number(of.unpriced_calls),
    unbounded_calls: null,
    tokens: null,
    unpriced_tokens: null,
    units: null,
    sessions: Number(of.sessions),
  };
}
