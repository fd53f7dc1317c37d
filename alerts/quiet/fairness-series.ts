import { type GapDay, readGaps } from '#store/queries/cohort-gaps.ts';
import type { AlertsDeps } from '../deps.ts';
import { lastQuarterOf, type QuietBucket, type QuietSeriesData } from './quiet-series.ts';

const dayMs = 86_400_000;

/** Gaps of declared cohorts by the day, [fromMs, toMs); days on which a cohort was too small to be shown are missing. */
export async function readFairnessSeries(
  { clickhouse, projectId }: Pick<AlertsDeps, 'clickhouse' | 'projectId'>,
  range: { fromMs: number; toMs: number },
): Promise<QuietSeriesData[]> {
  const gaps = await readGaps(clickhouse, { projectId, ...range });
  return gaps.map(({ feature, cohort_by, cohort, measure, days }) => ({
    ...{ feature, environment: '', metric: `fairness:${measure}`, cohortBy: cohort_by, cohort },
    buckets: days.map(bucket),
  }));
}

/** As if it were n single values whose mean is the gap and has its variance. */
function bucket({ dayMs: at, n, gap, variance, calls }: GapDay): QuietBucket {
  const squares = Math.max(0, n - 1) * n * variance;
  return { startMs: lastQuarterOf(at, dayMs), n, sum: n * gap, sumSq: squares + n * gap * gap, count: calls };
}
