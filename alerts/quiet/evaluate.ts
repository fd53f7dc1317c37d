import { createHash } from 'node:crypto';
import { expectation } from '../drift/baseline.ts';
import { chanceOfNoise } from '../drift/detector.ts';
import { historyOf, type TimeRange } from '../drift/history.ts';
import { estimateShift } from '../drift/open-shift.ts';
import { dayMs } from '../drift/season.ts';
import { initialSeries, type SeriesEvent, type SeriesState, stepSeries } from '../drift/series.ts';
import { beforeLate, noteTaken, settleLate, type TakenBucket } from './late-quiet.ts';
import type { QuietMetric } from './quiet-metric.ts';
import { type QuietSeriesData, quietSeriesId } from './quiet-series.ts';

/** Where a quiet series stands. */
export interface QuietBase {
  detector: SeriesState;
  finding: QuietFound | null;
  /** Times of findings that have ended: not normal, so not part of a reference. */
  excluded: TimeRange[];
}

/** What is kept of a quiet series between looks. Plain JSON. */
export interface QuietMemory extends QuietBase {
  version: 1;
  /** How it stood before the first bucket of the last days, by their start in ms, and what it was given in them. */
  mornings?: Record<string, QuietBase>;
  taken?: TakenBucket[];
}

/** A lasting change; sizes in the metric's scale, refreshed while it lasts. Plain JSON. */
export interface QuietFound {
  id: string;
  direction: 'up' | 'down';
  changedAtMs: number;
  openedAtMs: number;
  closedAtMs: number | null;
  before: number;
  after: number;
  /** Bounds of `after - before`. */
  low: number;
  high: number;
  chanceOfNoise: number;
  /** Values that came late took it back. */
  retracted?: true;
}

/** Start of a UTC day, the value of that day (null while it cannot be told) and the count behind it. */
export type QuietPoint = [dayMs: number, value: number | null, count: number];

const pointDays = 28;
const excludedDays = 60;

export const freshQuietMemory = (): QuietMemory => ({
  version: 1,
  detector: initialSeries(),
  finding: null,
  excluded: [],
});

/** A state of another version is forgotten, and the series learns again from its history. */
export function parseQuietMemory(text: string): QuietMemory {
  const memory = JSON.parse(text) as QuietMemory;
  return memory.version === 1 && memory.detector.version === 1 ? memory : freshQuietMemory();
}

/**
 * Takes the buckets that are new, in time order, and those of the last days again that have changed since: the findings that
 * opened, moved, ended or were taken back on the way. Changes nothing it is given.
 */
export function evaluateQuiet(
  data: QuietSeriesData,
  before: QuietMemory,
  { metric, threshold }: { metric: QuietMetric; threshold: number },
): { memory: QuietMemory; findings: QuietFound[] } {
  const again = beforeLate(before, data.buckets);
  const memory = again ?? structuredClone(before);
  const findings = new Map<string, QuietFound>();
  const history = historyOf(data.buckets, metric.drift);
  for (const bucket of data.buckets) {
    if (bucket.startMs <= (memory.detector.lastStartMs ?? Number.NEGATIVE_INFINITY)) continue;
    const context = { metric: metric.drift, threshold, history, excluded: memory.excluded };
    const { state, events } = stepSeries(memory.detector, bucket, context);
    noteTaken(memory, bucket, baseOf(memory));
    memory.detector = state;
    for (const event of events) take(event, memory, quietSeriesId(data), metric);
    refresh(memory);
    if (memory.finding) findings.set(memory.finding.id, { ...memory.finding });
    if (memory.finding?.closedAtMs) memory.finding = null;
  }
  if (again) settleLate(before.finding, memory, findings, (memory.detector.lastStartMs ?? 0) + 900_000);
  return { memory, findings: [...findings.values()] };
}

const baseOf = ({ detector, finding, excluded }: QuietMemory): QuietBase => ({
  detector,
  finding: finding && { ...finding },
  excluded,
});

function take(event: SeriesEvent, memory: QuietMemory, seriesId: string, { bucketMs }: QuietMetric): void {
  if (event.kind === 'opened') {
    const { direction, atMs, changeStartMs, estimate } = event;
    memory.finding = {
      id: findingId(seriesId, atMs),
      ...{ direction, openedAtMs: atMs, closedAtMs: null },
      // Values stand at the end of their hour or day, what changed began with it.
      changedAtMs: Math.floor(changeStartMs / bucketMs) * bucketMs,
      ...{ before: estimate.before, after: estimate.after, low: estimate.low, high: estimate.high },
      chanceOfNoise: chanceOfNoise(event.evidence),
    };
  }
  if (event.kind === 'closed' && memory.finding) {
    memory.finding.closedAtMs = event.atMs;
    const abnormal = { fromMs: memory.finding.changedAtMs, toMs: event.atMs };
    const recent = memory.excluded.filter(({ toMs }) => toMs > event.atMs - excludedDays * dayMs);
    memory.excluded = [...recent, abnormal];
  }
}

function refresh({ finding, detector }: QuietMemory): void {
  if (!finding || finding.closedAtMs !== null || !detector.open || !detector.baseline) return;
  const estimate = estimateShift(detector.open.sums, detector.baseline);
  if (!estimate) return;
  const { before, after, low, high } = estimate;
  Object.assign(finding, { before, after, low, high });
}

function findingId(seriesId: string, openedAtMs: number): string {
  const hash = createHash('sha256').update(JSON.stringify([seriesId, openedAtMs]));
  return `qui_${hash.digest('hex').slice(0, 20)}`;
}

/** What is drawn of the last four weeks. Usage: ratios to the expectation of now; gaps as they are. */
export function quietPoints(
  { buckets }: QuietSeriesData,
  { detector: { baseline } }: QuietMemory,
  { kind }: QuietMetric,
): QuietPoint[] {
  const days = new Map<number, { residuals: number[]; sum: number; n: number; count: number }>();
  const fromMs = (buckets.at(-1)?.startMs ?? 0) - pointDays * dayMs;
  for (const { startMs, n, sum, count } of buckets) {
    if (startMs <= fromMs) continue;
    const dayStart = Math.floor(startMs / dayMs) * dayMs;
    const day = days.get(dayStart) ?? { residuals: [], sum: 0, n: 0, count: 0 };
    days.set(dayStart, day);
    day.sum += sum;
    day.n += n;
    day.count += count;
    const expected = baseline && expectation(baseline, startMs);
    if (expected !== null) day.residuals.push(sum / n - expected);
  }
  return [...days].map(([dayStart, { residuals, sum, n, count }]) => {
    if (kind === 'fairness') return [dayStart, sum / n, count];
    const mean = residuals.reduce((total, value) => total + value, 0) / residuals.length;
    return [dayStart, residuals.length > 0 ? Math.exp(mean) : null, count];
  });
}
