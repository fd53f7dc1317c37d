import { readMoments, readTails, readWeeklyBins, type TailColumns } from '#store/queries/replay-stats.ts';
import type { StatsRange } from '#store/queries/stats.ts';
import type { AlertsDeps } from '../deps.ts';
import { latencyCut } from '../drift/latency-tail.ts';
import type { StoredBucket } from '../drift/metrics.ts';
import type { WatchedSeries } from '../evaluate.ts';
import { groupBy } from '../group-by.ts';
import { freshMemory } from '../series-memory.ts';
import type { ListedSeries } from '../watch-list.ts';

/** Bins below the p95 of every week that are told apart as well: a fifth. */
const marginBins = 5;
/** Below every bin that a value can have. */
const allBins = -32_768;

type Labels = Pick<ListedSeries, 'feature' | 'model' | 'environment'>;
type Read = { series: Labels; buckets: StoredBucket[] };

/**
 * The quarters of an hour of series in a range, each to be learned from nothing. Of latencies the lower bins are lumped
 * together, since no cut lies there: the detector sees the same in a fraction of the time, and where that does not hold there is a
 * `TooCoarseError`. With `wholeBins` nothing is lumped.
 */
export async function readReplaySeries(
  { clickhouse }: Pick<AlertsDeps, 'clickhouse'>,
  listed: readonly ListedSeries[],
  range: StatsRange,
  { wholeBins = false }: { wholeBins?: boolean } = {},
): Promise<WatchedSeries[]> {
  const found: WatchedSeries[] = [];
  for (const [metric, meant] of groupBy(listed, one => one.metric)) {
    const groups = [...groupBy(meant, one => JSON.stringify([one.feature, one.environment])).values()];
    const asked = { metric, groups: groups.map(([first]) => first!) };
    const read =
      metric === 'latency'
        ? await readLatencies(clickhouse, range, asked, wholeBins)
        : await readMeans(clickhouse, range, asked);
    for (const { series, buckets } of read) {
      const { feature, model, environment } = series;
      if (!meant.some(one => isSame(one, series))) continue;
      const own = { feature, model, environment };
      found.push({ series: own, rollup: metric, memory: freshMemory(), buckets, untilMs: range.toMs });
    }
  }
  return found;
}

async function readMeans(...asked: Parameters<typeof readMoments>): Promise<Read[]> {
  const read = await readMoments(...asked);
  return read.map(({ starts, counts, sums, sumsSq, ...series }) => ({
    series,
    buckets: starts.map((start, at) => ({
      startMs: start * 1000,
      n: counts[at]!,
      sum: sums[at]!,
      sumSq: sumsSq[at]!,
    })),
  }));
}

async function readLatencies(
  clickhouse: AlertsDeps['clickhouse'],
  range: StatsRange,
  asked: Parameters<typeof readMoments>[2],
  wholeBins: boolean,
): Promise<Read[]> {
  const weekly = wholeBins ? [] : await readWeeklyBins(clickhouse, range, asked);
  const above = weekly.map(({ series, weeks }) => ({
    series,
    bin: Math.min(...weeks.flatMap(week => latencyCut(week) ?? [])) - marginBins,
  }));
  const tails = await readTails(clickhouse, range, { ...asked, above });
  return tails.map(series => {
    const least = above.find(one => isSame(one.series, series))?.bin ?? allBins;
    return { series, buckets: lumped(series, least) };
  });
}

/** Sums of latencies are nobody's metric: a tail is counted from its bins. Those of all buckets share two arrays. */
function lumped({ starts, totals, sizes, ...above }: TailColumns, least: number): StoredBucket[] {
  const bins = new Int16Array(above.bins.length + starts.length);
  const counts = new Float64Array(bins.length);
  let place = 0;
  let next = 0;
  return starts.map((start, at) => {
    const n = totals[at]!;
    const from = place++;
    let below = n;
    for (const end = next + sizes[at]!; next < end; next++) {
      bins[place] = above.bins[next]!;
      counts[place++] = above.counts[next]!;
      below -= above.counts[next]!;
    }
    bins[from] = least;
    counts[from] = below;
    const own = { bins, counts, from: below === 0 ? from + 1 : from, to: place, lumpedUpTo: least };
    return { startMs: start * 1000, n, sum: Number.NaN, sumSq: Number.NaN, bins: own };
  });
}

const isSame = (one: Labels, other: Labels): boolean =>
  one.feature === other.feature && one.model === other.model && one.environment === other.environment;
