import { createHash } from 'node:crypto';
import {
  type CellWindows,
  countCalls,
  readCallCells,
  storedUntilNow,
  valuesToKeep,
} from '#store/queries/call-cells.ts';
import { type CallValuesOf, hasCallValues } from '#store/queries/call-values.ts';
import { readStats } from '#store/queries/stats.ts';
import type { AlertsDeps } from '../deps.ts';
import { observe } from '../drift/baseline.ts';
import { addObservation, noSums } from '../drift/detector.ts';
import { exceedance } from '../drift/latency-tail.ts';
import { estimateShift, type ShiftEstimate } from '../drift/open-shift.ts';
import { bucketMs, dayMs } from '../drift/season.ts';
import { metricOf } from '../figures.ts';
import type { Finding } from '../finding.ts';
import type { Cells } from './cells.ts';
import { type Parameters, type Statistics, statisticsOf } from './statistics.ts';

/** Start, count, sum and sum of squares of a 15-minute bucket. */
type Bucket = [startMs: number, n: number, sum: number, sumSq: number];

/** What was read, and until when it was stored. Asked again with this, the store gives the same calls. */
interface EvidenceQuery {
  calls: CallValuesOf & { storedUntil: string };
  windows: CellWindows;
  /** Buckets of the roll-up that the size of the shift is taken from. */
  buckets: { fromMs: number; toMs: number };
}

export interface EvidenceData {
  buckets: Bucket[];
  /** Null for metrics that single calls have no value of. */
  cells: Cells | null;
}

/** Everything an incident says, with what it was computed from. Plain JSON: one file that can be checked by itself. */
export interface Evidence {
  format: 'driftline-evidence';
  version: 1;
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
}

/** Two weeks of "before" and at most one of "after" are enough to tell segments apart. */
const beforeMs = 14 * dayMs;
const afterMs = 7 * dayMs;
/** Calls that are read of either side; of more, every n-th trace. */
const mostCalls = 150_000;
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
  const size = data.cells?.cells.length ?? 0;
  return {
    format: 'driftline-evidence',
    version: 1,
    incidentId,
    madeAtMs: deps.clock.now(),
    finding,
    query,
    parameters,
    dataDigest: digestOf(data),
    data: size <= mostKeptCells ? data : null,
    statistics: computeStatistics(finding, data, parameters),
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
    kept: await valuesToKeep(deps.clickhouse, calls, range),
  };
  return { calls, windows, buckets: { fromMs: changedAtMs, toMs } };
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
  { calls, windows, buckets }: EvidenceQuery,
): Promise<EvidenceData> {
  const { feature, model, environment } = finding;
  const { metric } = calls;
  const range = { projectId: deps.projectId, ...buckets };
  const [[stats], cells] = await Promise.all([
    readStats(deps.clickhouse, range, { feature, model, environment, metric }),
    hasCallValues(metric) ? readCallCells(deps.clickhouse, calls, windows) : null,
  ]);
  const cut = finding.latencyCutBin;
  const read = (stats?.buckets ?? []).map((bucket): Bucket => {
    if (metric !== 'latency' || cut === null) return [bucket.startMs, bucket.n, bucket.sum, bucket.sumSq];
    const bins = new Map(Object.entries(bucket.bins).map(([bin, count]) => [Number(bin), count]));
    const tail = exceedance(bucket.startMs, bins, cut);
    return [tail.startMs, tail.n, tail.sum, tail.sumSq];
  });
  return { buckets: read, cells: cells && withoutConstants(cells) };
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
  { buckets, cells }: EvidenceData,
  parameters: Parameters,
): EvidenceStatistics {
  const { baseline } = finding;
  const sums = buckets
    .flatMap(([startMs, n, sum, sumSq]) => observe(baseline, { startMs, n, sum, sumSq }) ?? [])
    .reduce(addObservation, noSums);
  return {
    estimate: estimateShift(sums, baseline),
    where: cells && cells.cells.length > 0 ? statisticsOf(cells, parameters) : null,
  };
}

export const digestOf = (data: EvidenceData): string =>
  createHash('sha256').update(JSON.stringify(data)).digest('hex');
