import { readStats } from '#store/queries/stats.ts';
import type { AlertsDeps } from './deps.ts';
import { expectation } from './drift/baseline.ts';
import { binMiddle, countAbove, mergeBins, quantileBin } from './drift/latency-tail.ts';
import type { LogBins } from './drift/metrics.ts';
import { bucketMs, dayMs } from './drift/season.ts';
import { displayed, figuresOf, metricOf } from './figures.ts';
import type { Finding } from './finding.ts';
import { groupBy } from './group-by.ts';

/** One hour of the watched metric in the finding's display unit. */
export interface ChartPoint {
  time: string;
  value: number | null;
  expected: number | null;
  n: number;
}

const hourMs = 3_600_000;
const beforeMs = 3 * dayMs;
const afterClosingMs = dayMs;
const longestMs = 42 * dayMs;

/** Hourly means from three days before the change until now, or a day after the end, with what the season led one to expect. */
export async function chartSeries(deps: AlertsDeps, finding: Finding): Promise<ChartPoint[]> {
  const nowMs = deps.clock.now();
  const toMs = Math.min(nowMs, (finding.closedAtMs ?? nowMs) + afterClosingMs);
  const fromMs = hourOf(Math.max(finding.changedAtMs - beforeMs, toMs - longestMs));
  const { feature, model, environment } = finding;
  const metric = metricOf(finding).rollup;
  const range = { projectId: deps.projectId, fromMs, toMs };
  const [stats] = await readStats(deps.clickhouse, range, { feature, model, environment, metric });
  const byHour = groupBy(stats?.buckets ?? [], ({ startMs }) => hourOf(startMs));
  const read = figuresOf(finding).unit === 'ms' ? tailPoint(finding) : meanPoint(finding);
  const points: ChartPoint[] = [];
  for (let at = fromMs; at < toMs; at += hourMs) {
    const buckets = byHour.get(at) ?? [];
    const n = buckets.reduce((total, bucket) => total + bucket.n, 0);
    points.push({ time: new Date(at).toISOString(), n, ...read(at, n > 0 ? buckets : []) });
  }
  return points;
}

type Buckets = readonly { startMs: number; n: number; sum: number; bins: LogBins }[];
type Reading = (atMs: number, buckets: Buckets) => Pick<ChartPoint, 'value' | 'expected'>;

function meanPoint(finding: Finding): Reading {
  const show = displayed(finding);
  const cut = finding.latencyCutBin;
  const sumOf = ({ sum, bins }: Buckets[number]) => (cut === null ? sum : countAbove(bins, cut));
  return (atMs, buckets) => {
    const n = buckets.reduce((total, bucket) => total + bucket.n, 0);
    const sum = buckets.reduce((total, bucket) => total + sumOf(bucket), 0);
    const expected = expectedMean(finding, atMs);
    return { value: n > 0 ? show(sum / n) : null, expected: expected === null ? null : show(expected) };
  };
}

/** p95 of the hour; what is expected of it is the baseline's, all hours alike. */
function tailPoint({ p95 }: Finding): Reading {
  return (_, buckets) => {
    const bin = quantileBin(mergeBins(buckets.map(({ bins }) => bins)), 0.95);
    return { value: bin === null ? null : binMiddle(bin), expected: p95?.beforeMs ?? null };
  };
}

/** Mean of what is expected of the four quarters of an hour. */
function expectedMean({ baseline }: Finding, hourStartMs: number): number | null {
  const quarters = [0, 1, 2, 3].flatMap(k => expectation(baseline, hourStartMs + k * bucketMs) ?? []);
  return quarters.length > 0 ? quarters.reduce((total, value) => total + value, 0) / quarters.length : null;
}

const hourOf = (ms: number) => Math.floor(ms / hourMs) * hourMs;
