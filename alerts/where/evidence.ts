import { createHash } from 'node:crypto';
import {
  type CellWindows,
  countCalls,
  readCallCells,
  storedUntilNow,
  valuesToKeep,
} from '#store/queries/call-cells.ts';
import { type CallValuesOf, hasCallValues } from '#store/queries/call-values.ts';
import { readSegmentLatencies, type SegmentLatencies } from '#store/queries/segment-latencies.ts';
import { readStats } from '#store/queries/stats.ts';
import type { AlertsDeps } from '../deps.ts';
import { observe } from '../drift/baseline.ts';
import { type ChangePoint, dateChange } from '../drift/change-point.ts';
import { addObservation, noSums } from '../drift/detector.ts';
import type { TimeRange } from '../drift/history.ts';
import { exceedance } from '../drift/latency-tail.ts';
import { estimateShift, type ShiftEstimate } from '../drift/open-shift.ts';
import { bucketMs, dayMs } from '../drift/season.ts';
import { metricOf } from '../figures.ts';
import type { Finding } from '../finding.ts';
import type { Cells } from './cells.ts';
import type { CauseCondition } from './describe-cause.ts';
import { p95Of, type SegmentP95 } from './segment-p95.ts';
import { type Parameters, type Statistics, statisticsOf } from './statistics.ts';

/** Start, count, sum and sum of squares of a 15-minute bucket. */
type Bucket = [startMs: number, n: number, sum: number, sumSq: number];

/** What was read, and until when it was stored. Asked again with this, the store gives the same calls. */
interface EvidenceQuery {
  calls: CallValuesOf & { storedUntil: string };
  windows: CellWindows;
  /** Buckets of the roll-up that the size of the shift is taken from. */
  buckets: TimeRange;
  /** Buckets that the change was dated in, up to the alarm; missing when the detector alone dated it. */
  dating?: TimeRange;
  /** Segments whose latencies are counted; missing for other metrics. */
  segments?: CauseCondition[][];
}

export interface EvidenceData {
  buckets: Bucket[];
  /** Null for metrics that single calls have no value of. */
  cells: Cells | null;
  /** For `query.dating`. */
  dating?: Bucket[];
  /** One for each of `query.segments`. */
  latencies?: SegmentLatencies[];
}

/** Another one wherever the same data would come to other statistics: then evidence from before is made anew. */
export const evidenceVersion = 2;

/** Everything an incident says, with what it was computed from. Plain JSON: one file that can be checked by itself. */
export interface Evidence {
  format: 'driftline-evidence';
  version: typeof evidenceVersion;
  incidentId: string;
  madeAtMs: number;
  finding: Finding;
  query: EvidenceQuery;
  parameters: Parameters;
  /** SHA-256 of the data as JSON. */
  dataDigest: string;
  /** Left out when it is too much to keep: then only the store can tell. */
  data: EvidenceData | null;
  statistics: EvidenceStatistics;
}

interface EvidenceStatistics {
  /** Size of the shift from the buckets; null without any. */
  estimate: ShiftEstimate | null;
  where: Statistics | null;
  /** When the change began, with its 90 % interval; missing like `query.dating`. */
  dated?: ChangePoint | null;
  /** p95 of each of `query.segments`; missing like those. */
  p95?: SegmentP95[];
}

/** Two weeks of "before" and at most one of "after" are enough to tell segments apart. */
const beforeMs = 14 * dayMs;
const afterMs = 7 * dayMs;
/** Calls that are read of either side; of more, every n-th trace. */
const mostCalls = 75_000;
/** After a shorter time only the same hours of the days before are like it. */
const shortMs = 20 * 3_600_000;
const mostKeptCells = 1500;

/** Reads what an incident says of a finding and computes it, as of now. */
export async function gatherEvidence(
  deps: AlertsDeps,
  incidentId: string,
  finding: Finding,
): Promise<Evidence> {
  const storedUntil = await storedUntilNow(deps.clickhouse, deps.projectId);
  const asked = await queryFor(deps, finding, storedUntil);
  const parameters: Parameters = {
    shift: finding.after - finding.before,
    minShift: metricOf(finding).drift.minShift,
    inflation: finding.baseline.inflation,
  };
  const read = await readData(deps, finding, asked);
  const buckets = takenBuckets(read.buckets, finding);
  const toMs = buckets.length > 0 ? buckets.at(-1)![0] + bucketMs : asked.buckets.fromMs;
  const query = { ...asked, buckets: { ...asked.buckets, toMs } };
  const data = { ...read, buckets };
  const statistics = computeStatistics(finding, data, parameters);
  if (asked.calls.latencyCutBin !== null && statistics.where) {
    query.segments = statistics.where.causes.map(({ conditions }) => conditions);
    data.latencies = await readSegmentLatencies(deps.clickhouse, query.calls, query.windows, query.segments);
    statistics.p95 = data.latencies.map(p95Of);
  }
  const size = data.cells?.cells.length ?? 0;
  return {
    format: 'driftline-evidence',
    version: evidenceVersion,
    incidentId,
    madeAtMs: deps.clock.now(),
    finding,
    query,
    parameters,
    dataDigest: digestOf(data),
    data: size <= mostKeptCells ? data : null,
    statistics,
  };
}

/**
 * The buckets that the finding's numbers were made of: the newest are stored before they are judged. Nothing else has gone
 * in, so the values tell how far it went.
 */
function takenBuckets(buckets: readonly Bucket[], { baseline, requests }: Finding): Bucket[] {
  let counted = 0;
  const end = buckets.findIndex(([startMs, n, sum, sumSq]) => {
    counted += observe(baseline, { startMs, n, sum, sumSq })?.n ?? 0;
    return counted >= requests;
  });
  return end === -1 ? [...buckets] : buckets.slice(0, end + 1);
}

async function queryFor(deps: AlertsDeps, finding: Finding, storedUntil: string): Promise<EvidenceQuery> {
  const { feature, model, environment, changedAtMs, latencyCutBin } = finding;
  const metric = metricOf(finding).rollup;
  const calls = {
    projectId: deps.projectId,
    feature,
    model,
    environment,
    metric,
    latencyCutBin: metric === 'latency' ? latencyCutBin : null,
    storedUntil,
  };
  const endMs = Math.min(finding.closedAtMs ?? deps.clock.now(), changedAtMs + afterMs);
  const toMs = Math.max(Math.floor(endMs / bucketMs) * bucketMs, changedAtMs + bucketMs);
  const range = { fromMs: changedAtMs - beforeMs, changedMs: changedAtMs, toMs };
  const counts = await countCalls(deps.clickhouse, calls, range);
  const isScore = metric.startsWith('score:');
  const windows = {
    ...range,
    hours: toMs - changedAtMs < shortMs ? hoursOf(changedAtMs, toMs) : null,
    // Few calls have a score: leaving some out would only cost certainty.
    everyBefore: isScore ? 1 : Math.max(1, Math.ceil(counts.before / mostCalls)),
    everyAfter: isScore ? 1 : Math.max(1, Math.ceil(counts.after / mostCalls)),
    kept: await valuesToKeep(deps.clickhouse, calls, range, counts),
  };
  const { dating, openedAtMs } = finding;
  return {
    calls,
    windows,
    buckets: { fromMs: changedAtMs, toMs },
    ...(dating && { dating: { fromMs: dating.lookedFromMs, toMs: openedAtMs } }),
  };
}

/** Hours of the day that a short time covers, in order. */
function hoursOf(fromMs: number, toMs: number): number[] {
  const hourMs = 3_600_000;
  const hours = new Set<number>();
  for (let at = fromMs; at < toMs; at += bucketMs) hours.add(Math.floor((at % dayMs) / hourMs));
  return [...hours].sort((one, other) => one - other);
}

/** What the query finds in the store. */
export async function readData(
  deps: Pick<AlertsDeps, 'clickhouse' | 'projectId'>,
  finding: Finding,
  { calls, windows, buckets, dating, segments }: EvidenceQuery,
): Promise<EvidenceData> {
  const { clickhouse } = deps;
  const [read, cells, latencies] = await Promise.all([
    readBuckets(deps, finding, dating ? spanOf(buckets, dating) : buckets),
    hasCallValues(calls.metric) ? readCallCells(clickhouse, calls, windows) : null,
    segments && readSegmentLatencies(clickhouse, calls, windows, segments),
  ]);
  const within = ({ fromMs, toMs }: TimeRange) =>
    read.filter(([startMs]) => startMs >= fromMs && startMs < toMs);
  return {
    buckets: within(buckets),
    cells: cells && withoutConstants(cells),
    ...(dating && { dating: within(dating) }),
    ...(latencies && { latencies }),
  };
}

const spanOf = (one: TimeRange, other: TimeRange): TimeRange => ({
  fromMs: Math.min(one.fromMs, other.fromMs),
  toMs: Math.max(one.toMs, other.toMs),
});

async function readBuckets(
  { clickhouse, projectId }: Pick<AlertsDeps, 'clickhouse' | 'projectId'>,
  finding: Finding,
  range: TimeRange,
): Promise<Bucket[]> {
  const { feature, model, environment, latencyCutBin: cut } = finding;
  const metric = metricOf(finding).rollup;
  const [stats] = await readStats(
    clickhouse,
    { projectId, ...range },
    { feature, model, environment, metric },
  );
  return (stats?.buckets ?? []).map((bucket): Bucket => {
    if (metric !== 'latency' || cut === null) return [bucket.startMs, bucket.n, bucket.sum, bucket.sumSq];
    const tail = exceedance(bucket.startMs, bucket.bins, cut);
    return [tail.startMs, tail.n, tail.sum, tail.sumSq];
  });
}

/** Dimensions in which all calls are alike tell nothing apart. */
function withoutConstants({ dimensions, cells }: Cells): Cells {
  const telling = dimensions
    .map((_, index) => index)
    .filter(index => cells.some(({ values }) => values[index] !== cells[0]!.values[index]));
  return {
    dimensions: telling.map(index => dimensions[index]!),
    cells: cells.map(cell => ({ ...cell, values: telling.map(index => cell.values[index]!) })),
  };
}

/** The numbers of an incident, from its data alone. */
export function computeStatistics(
  finding: Finding,
  { buckets, cells, dating, latencies }: EvidenceData,
  parameters: Parameters,
): EvidenceStatistics {
  const { baseline, direction } = finding;
  const observed = (stored: readonly Bucket[]) =>
    stored.flatMap(([startMs, n, sum, sumSq]) => observe(baseline, { startMs, n, sum, sumSq }) ?? []);
  const sums = observed(buckets).reduce(addObservation, noSums);
  return {
    estimate: estimateShift(sums, baseline),
    where: cells && cells.cells.length > 0 ? statisticsOf(cells, parameters) : null,
    ...(dating && { dated: dateChange(observed(dating), direction) }),
    ...(latencies && { p95: latencies.map(p95Of) }),
  };
}

export const digestOf = (data: EvidenceData): string =>
  createHash('sha256').update(JSON.stringify(data)).digest('hex');
