import type { Month } from '#contract/spend.ts';
import { oldestSpend, spendOfParts } from '#store/queries/spend-months.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { type ClosedMonth, listClosedMonths } from '#store/state/closed-months.ts';
import type { LedgerDeps } from '../deps.ts';
import { addMonths, monthOf } from '../files/month-bounds.ts';
import { boundsOf } from './close-month.ts';

const mostMonths = 240;

/** Every month from the first spend to now, the newest first, and when the first spend was. */
export async function listMonths(
  deps: LedgerDeps,
  zone: string,
): Promise<{ begins_at: string | null; months: Month[] }> {
  const { clickhouse, state, projectId, clock } = deps;
  const closed = new Map((await listClosedMonths(state, projectId)).map(one => [one.month, one]));
  const now = monthOf(clock.now(), zone);
  const oldest = await oldestSpend(clickhouse, projectId);
  const first = [...closed.keys(), oldest === null ? now : monthOf(oldest, zone)].sort()[0]!;
  const names: string[] = [];
  for (let name = now; name >= first && names.length < mostMonths; name = addMonths(name, -1))
    names.push(name);
  return {
    begins_at: oldest === null ? null : new Date(oldest).toISOString(),
    months: await describe(deps, names, { zone, closed }),
  };
}

export async function oneMonth(
  deps: LedgerDeps,
  { month, zone }: { month: string; zone: string },
): Promise<Month> {
  const closed = new Map((await listClosedMonths(deps.state, deps.projectId)).map(one => [one.month, one]));
  const [found] = await describe(deps, [month], { zone, closed });
  return found!;
}

async function describe(
  deps: LedgerDeps,
  names: readonly string[],
  { zone, closed }: { zone: string; closed: ReadonlyMap<string, ClosedMonth> },
): Promise<Month[]> {
  const { clickhouse, projectId, clock } = deps;
  const bounds = await Promise.all(names.map(name => boundsOrClosed(deps, name, zone, closed.get(name))));
  const parts = bounds.map(({ fromMs, toMs }) => [fromMs / 1000, toMs / 1000] as const);
  const sums = await spendOfParts(clickhouse, { projectId, parts });
  const usd = (nanos: string) => usdFromNanos(nanos) ?? '';
  return names.map((name, at) => {
    const { fromMs, toMs } = bounds[at]!;
    const { cost, calls, unpriced, unbounded, high, fromEarlier, since } = sums[at]!;
    const month = closed.get(name);
    return {
      month: name,
      zone: month?.zone ?? zone,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      state: month?.state ?? (clock.now() < toMs ? 'running' : 'ended'),
      closed_at: month?.closed_at ?? null,
      closed_by: month?.closed_by ?? '',
      cost_usd: usd(cost),
      calls: Number(calls),
      unpriced_calls: Number(unpriced),
      unbounded_calls: Number(unbounded),
      high_usd: unbounded === '0' ? usd(high) : null,
      from_earlier_usd: usd(fromEarlier),
      since_closing_usd: usd(since),
      files: (month?.files ?? []).map(file => ({
        name: file.name,
        content_type: file.contentType,
        bytes: file.bytes,
        sha256: file.sha256,
        path: `/api/v1/months/${name}/files/${file.name}`,
      })),
    };
  });
}

async function boundsOrClosed(
  deps: LedgerDeps,
  month: string,
  zone: string,
  closed: ClosedMonth | undefined,
) {
  if (closed) return { fromMs: Date.parse(closed.from_at), toMs: Date.parse(closed.to_at) };
  return boundsOf(deps, { month, zone });
}
