import { type AcceptedLevel, accept, newlyAccepted } from './accepted.ts';
import { type DetectorState, initialState } from './drift/detector.ts';
import { firstAtOrAfter, historyOf, type TimeRange } from './drift/history.ts';
import type { StoredBucket } from './drift/metrics.ts';
import { type Closing, closing } from './drift/open-shift.ts';
import { bucketMs, dayMs } from './drift/season.ts';
import { historyNeeded, type SeriesEvent, stepSeries } from './drift/series.ts';
import { type Finding, type Series, seriesKey } from './finding.ts';
import { findingOf, longestWindowMs, sizeOf, tailOf } from './finding-of.ts';
import {
  type ClosingReason,
  type Incident,
  type IncidentChange,
  openFinding,
  recordClosed,
  recordOpened,
  recordRenewed,
} from './incident.ts';
import { judgeLate, noteMorning } from './late-data.ts';
import { reversal } from './reversal.ts';
import { noteTaken, type SeriesMemory, sizeOfScores } from './series-memory.ts';
import { scoreName, type WatchedMetric, watchedMetric } from './watched-metric.ts';

/** One series × metric of a group. `memory` is replaced as buckets are taken. */
export interface WatchedSeries {
  series: Series;
  /** Metric name of its roll-up. */
  rollup: string;
  memory: SeriesMemory;
  /** In time order: the new buckets, and the older ones a fit or an open finding needs. */
  buckets: readonly StoredBucket[];
  /** End of its last complete bucket: some metrics, such as a user's feedback, arrive later than the calls. */
  untilMs: number;
}

/** Everything of one feature and environment: what one incident may be about. */
export interface Group {
  series: WatchedSeries[];
  /** Those with an open finding. Changed in place. */
  incidents: Incident[];
  /** Start of the first bucket to go through. */
  fromMs: number;
  thresholdAt: (startMs: number) => number;
  /** Levels of the feature that were accepted as normal, newest first; default none. */
  accepted?: readonly AcceptedLevel[];
}

/**
 * Takes every new bucket of a group, in time order over all its series, and returns what became of it, oldest first.
 * Deterministic: the same buckets taken in one go or one at a time lead to the same memories, incidents and changes.
 */
export function evaluateGroup(group: Group): IncidentChange[] {
  const steps = evaluationOf(group);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** A step ends after so many buckets: looking at the clock takes as long as a tenth of a bucket. */
const bucketsOfStep = 16;

/** The same in steps of a few buckets, each with one fit at most. */
export function* evaluationOf(group: Group): Generator<void, IncidentChange[]> {
  const changes = group.series.flatMap(one => [...takeAccepted(one, group), ...takeLate(one, group)]);
  const steppers = group.series.map(one => seriesStepper(one, group));
  const untilMs = Math.max(...group.series.map(one => one.untilMs));
  let taken = 0;
  for (let startMs = group.fromMs; startMs < untilMs; startMs += bucketMs) {
    const threshold = group.thresholdAt(startMs);
    for (let at = 0; at < steppers.length; at++) {
      const { memory } = group.series[at]!;
      const fitDayMs = memory.detector.fitDayMs;
      const made = steppers[at]!.step(startMs, threshold);
      if (made.length > 0) changes.push(...made);
      taken += 1;
      if (taken < bucketsOfStep && memory.detector.fitDayMs === fitDayMs) continue;
      taken = 0;
      yield;
    }
  }
  for (const { finish } of steppers) finish();
  for (const one of group.series) refresh(one, group.incidents);
  return changes;
}

/** A level accepted since the last evaluation ends what was found about the one before. */
function takeAccepted(watched: WatchedSeries, group: Group): IncidentChange[] {
  const level = newlyAccepted(watched, group.accepted ?? []);
  if (!level) return [];
  const incident = incidentOf(watched, group.incidents);
  watched.memory.incidentId = null;
  accept(watched.memory, level);
  return incident ? recordClosed(incident, keyOf(watched), level.acceptedAtMs, 'accepted') : [];
}

/** Until its values have had time to arrive a verdict is provisional: late ones can take it back. */
function takeLate(watched: WatchedSeries, group: Group): IncidentChange[] {
  const { memory, buckets, rollup } = watched;
  const metric = watchedMetric(rollup, memory.scoreSize)!;
  if (!judgeLate(memory, buckets, { metric, thresholdAt: group.thresholdAt })) return [];
  const incident = incidentOf(watched, group.incidents);
  memory.incidentId = null;
  const atMs = memory.detector.lastStartMs! + bucketMs;
  return incident ? recordClosed(incident, keyOf(watched), atMs, 'retracted') : [];
}

const nothingMade: IncidentChange[] = [];

interface SeriesStepper {
  step(startMs: number, threshold: number): IncidentChange[];
  /** Once all buckets are taken. */
  finish(): void;
}

function seriesStepper(watched: WatchedSeries, group: Group): SeriesStepper {
  const { buckets } = watched;
  let next = firstAtOrAfter(buckets.length, at => buckets[at]!.startMs, group.fromMs);
  let metric = watchedMetric(watched.rollup, watched.memory.scoreSize)!;
  const history = historyOf(buckets, metric.drift);
  let today: { startMs: number; endMs: number; n: number } | null = null;

  function beginDay(startMs: number) {
    finish();
    noteMorning(watched.memory, startMs);
    const dayStartMs = Math.floor(startMs / dayMs) * dayMs;
    return { startMs: dayStartMs, endMs: dayStartMs + dayMs, n: 0 };
  }

  function finish(): void {
    if (today !== null) noteTaken(watched.memory, today.startMs, today.n);
  }

  function step(startMs: number, threshold: number): IncidentChange[] {
    if (startMs >= watched.untilMs) return [];
    const bucket = buckets[next];
    if (bucket?.startMs !== startMs) return withoutValues(watched, startMs, group);
    next += 1;
    const { memory } = watched;
    const range = historyNeeded(memory.detector, startMs, { threshold });
    if (range && memory.detector.baseline === null && scoreName(watched.rollup) !== null) {
      memory.scoreSize = sizeOfScores(history.between(range.fromMs, range.toMs));
      metric = watchedMetric(watched.rollup, memory.scoreSize)!;
    }
    const before = memory.detector.detector;
    if (today === null || startMs >= today.endMs) today = beginDay(startMs);
    const context = { metric: metric.drift, threshold, history, excluded: memory.excluded };
    const { state, events } = stepSeries(memory.detector, bucket, context);
    memory.detector = state;
    today.n += bucket.n;
    if (events.length === 0) return nothingMade;
    const seen = () => buckets.slice(0, next);
    return events.flatMap(event => take(event, { watched, metric, threshold, before, seen, group }));
  }

  return { step, finish };
}

interface Moment {
  watched: WatchedSeries;
  metric: WatchedMetric;
  threshold: number;
  /** The detector before the bucket. */
  before: DetectorState;
  /** Buckets up to this one. */
  seen: () => readonly StoredBucket[];
  group: Group;
}

function take(event: SeriesEvent, moment: Moment): IncidentChange[] {
  const { watched, group } = moment;
  if (event.kind === 'opened') return open(event.evidence, moment);
  if (event.kind === 'closed') return close(watched, group, event.atMs, reasonOf(event.closing));
  const { detector } = watched.memory;
  const reversed = reversal(moment.before, detector.open!, event.atMs);
  if (reversed) {
    const closed = close(watched, group, event.atMs, 'reversed');
    watched.memory.detector = { ...detector, open: { ...reversed, lastValueMs: detector.open!.lastValueMs } };
    return [...closed, ...open(event.evidence, moment)];
  }
  const incident = incidentOf(watched, group.incidents);
  if (!incident) return open(event.evidence, moment);
  const finding = refresh({ ...watched, buckets: moment.seen() }, group.incidents);
  return finding ? [recordRenewed(incident, finding, event.atMs)] : [];
}

/**
 * When the start of a change is taken too early, the mean since then can point the other way than the evidence. Nobody
 * is told a story that contradicts itself: the finding waits for the evidence to come again.
 */
function open(logEvidence: number, { watched, metric, threshold, seen, group }: Moment): IncidentChange[] {
  const { series, memory } = watched;
  const state = memory.detector;
  const finding = findingOf({
    series,
    metric,
    scoreSize: memory.scoreSize,
    state,
    open: state.open!,
    logEvidence,
    threshold,
    buckets: seen(),
  });
  if (finding.after > finding.before !== (finding.direction === 'up')) return [];
  const change = recordOpened(group.incidents, finding);
  memory.incidentId = change.incident.id;
  if (!group.incidents.includes(change.incident)) group.incidents.push(change.incident);
  return [change];
}

function close(watched: WatchedSeries, group: Group, atMs: number, reason: ClosingReason): IncidentChange[] {
  const incident = incidentOf(watched, group.incidents);
  const finding = incident && openFinding(incident, keyOf(watched));
  watched.memory.incidentId = null;
  if (!incident || !finding) return [];
  const abnormal: TimeRange = { fromMs: finding.changedAtMs, toMs: atMs };
  const recent = watched.memory.excluded.filter(({ toMs }) => toMs > atMs - 2 * longestWindowMs);
  watched.memory.excluded = [...recent, abnormal];
  return recordClosed(incident, keyOf(watched), atMs, reason);
}

/** A series that reports nothing gets no bucket, but its finding must not stand forever. */
function withoutValues(watched: WatchedSeries, startMs: number, group: Group): IncidentChange[] {
  const { detector, scoreSize } = watched.memory;
  if (!detector.open || !detector.baseline || startMs <= (detector.lastStartMs ?? startMs)) return [];
  const { minShift } = watchedMetric(watched.rollup, scoreSize)!.drift;
  const over = closing(detector.open, detector.baseline, minShift, startMs);
  if (!over) return [];
  watched.memory.detector = { ...detector, open: null, detector: initialState() };
  return close(watched, group, startMs, reasonOf(over));
}

/** Brings an open finding's numbers up to the newest bucket. */
function refresh(watched: WatchedSeries, incidents: readonly Incident[]): Finding | null {
  const { detector } = watched.memory;
  const incident = incidentOf(watched, incidents);
  const finding = incident && openFinding(incident, keyOf(watched));
  if (!finding || !detector.open || !detector.baseline) return null;
  Object.assign(finding, sizeOf(detector.open, detector.baseline));
  finding.p95 = tailOf(detector, detector.open, watched.buckets);
  return finding;
}

const reasonOf = (over: Closing): ClosingReason => over.reason;

const incidentOf = ({ memory }: WatchedSeries, incidents: readonly Incident[]) =>
  incidents.find(({ id }) => id === memory.incidentId) ?? null;

const keyOf = ({ series, rollup }: WatchedSeries) =>
  seriesKey({ ...series, metric: watchedMetric(rollup)!.name });
