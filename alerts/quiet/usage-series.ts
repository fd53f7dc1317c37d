import { readUsage, type UsageHour, type UsageOfFeature } from '#store/queries/usage-stats.ts';
import type { AlertsDeps } from '../deps.ts';
import { lastQuarterOf, type QuietBucket, type QuietSeriesData } from './quiet-series.ts';

const hourMs = 3_600_000;
/** Keeps an hour without anybody finite, and about as far from one as one is from two. */
const half = 0.5;

/**
 * Requests, users and sessions of every feature and environment as logarithms of counts by the hour, [fromMs, toMs). An hour without
 * requests counts as none when anything else arrived in it; when nothing at all did, nobody knows whether people stayed away or the
 * data did. Hours whose requests name no users say nothing about users.
 */
export async function readUsageSeries(
  { clickhouse, projectId }: Pick<AlertsDeps, 'clickhouse' | 'projectId'>,
  range: { fromMs: number; toMs: number },
): Promise<QuietSeriesData[]> {
  return usageSeries(await readUsage(clickhouse, { projectId, ...range }), range.toMs);
}

export function usageSeries(usage: readonly UsageOfFeature[], toMs: number): QuietSeriesData[] {
  const known = new Set(usage.flatMap(({ hours }) => hours.map(({ hourMs: at }) => at)));
  return usage.flatMap(({ feature, environment, hours }) => {
    const first = hours[0]!.hourMs;
    const byHour = new Map(hours.map(hour => [hour.hourMs, hour]));
    const seen: [number, UsageHour | undefined][] = [];
    for (let at = first; at < toMs; at += hourMs) if (known.has(at)) seen.push([at, byHour.get(at)]);
    const name = { feature, environment, cohortBy: '', cohort: '' };
    const named = (of: 'users' | 'sessions') => hours.some(hour => hour[of] > 0);
    return [
      {
        ...name,
        metric: 'usage:requests',
        buckets: seen.map(([at, hour]) => bucket(at, hour?.requests ?? 0)),
      },
      ...(['users', 'sessions'] as const).filter(named).map(of => ({
        ...name,
        metric: `usage:${of}`,
        buckets: seen
          .filter(([, hour]) => hour === undefined || hour[of] > 0)
          .map(([at, hour]) => bucket(at, hour?.[of] ?? 0)),
      })),
    ];
  });
}

function bucket(atMs: number, count: number): QuietBucket {
  const value = Math.log(count + half);
  return { startMs: lastQuarterOf(atMs, hourMs), n: 1, sum: value, sumSq: value * value, count };
}
