import { atNewLevel } from './accepted-level.ts';
import {
  type Baseline,
  type BucketStat,
  fitColumns,
  isLearning,
  type Learning,
  type Observation,
  observe,
} from './baseline.ts';
import { dateChange, datingFromMs } from './change-point.ts';
import { addObservation, chanceOfNoise, type DetectorState, initialState, noSums, step } from './detector.ts';
import type { SeriesHistory, TimeRange } from './history.ts';
import { exceedance } from './latency-tail.ts';
import { type DriftMetric, judge, requestVarianceFloor, type StoredBucket } from './metrics.ts';
import {
  type Closing,
  closing,
  estimateShift,
  extendShift,
  type OpenShift,
  type ShiftEstimate,
} from './open-shift.ts';
import { bucketMs, dayMs } from './season.ts';

/** All that is remembered of one series × metric between buckets. Plain JSON. */
export interface SeriesState {
  version: 1;
  /** Start of the last bucket taken; earlier or equal ones are ignored, so feeding a bucket twice changes nothing. */
  lastStartMs: number | null;
  /** UTC day of the last fit, tried or made. */
  fitDayMs: number | null;
  baseline: Baseline | null;
  /** Why there is no baseline; null when there is one or none was tried. */
  learning: Learning | null;
  /** Bin of the baseline's p95, for tail metrics fed with bins. */
  latencyCutBin: number | null;
  /** Older data is not used as a reference, after a change was accepted as normal or a deploy marker. */
  referenceFromMs: number | null;
  /** What was normal before that: its season and noise are kept until 14 days have been seen, see accepted-level.ts. */
  season?: Baseline;
  detector: DetectorState;
  open: OpenShift | null;
}

/** What the reducer must be told besides the bucket; the same arguments always give the same answer. */
export interface SeriesContext {
  metric: DriftMetric;
  /** `alarmThreshold` for the number of series watched. */
  threshold: number;
  /** Stored buckets. Asked for `historyNeeded`, and at an alarm for the days before. */
  history: SeriesHistory;
  /** Acknowledged incidents and other times that are not normal: left out of the reference. */
  excluded?: readonly TimeRange[];
  /** A fixed reference instead of the rolling 28 days; fitted once. */
  reference?: TimeRange;
}

export type SeriesEvent = OpenedEvent | RenewedEvent | ClosedEvent;

/** The mean changed: numbers in the metric's scale (metrics.ts turns them into product units). */
export interface OpenedEvent {
  kind: 'opened';
  /** End of the bucket that alarmed. */
  atMs: number;
  changeStartMs: number;
  direction: 'up' | 'down';
  verdict: 'worse' | 'better' | 'changed';
  /** M at the alarm, and a bound on the chance that noise lifts this series so high within a week. */
  evidence: number;
  chanceOfNoise: number;
  estimate: ShiftEstimate;
}

/** New evidence, gathered after the silence, reached the threshold again while the alert was open. Not a new alert. */
interface RenewedEvent {
  kind: 'renewed';
  atMs: number;
  evidence: number;
}

interface ClosedEvent {
  kind: 'closed';
  atMs: number;
  closing: Closing;
}

export interface SeriesStep {
  state: SeriesState;
  events: SeriesEvent[];
  /** M after this bucket; null while learning, silent or without values. */
  evidence: number | null;
  /** Expected mean of this bucket; null while learning or in hours the reference never saw. */
  expected: number | null;
}

const referenceDays = 28;
const hourMs = 3_600_000;
/** Refits wait for evidence to settle, but no longer than this. */
const suspicionLimitMs = 7 * dayMs;

export function initialSeries(): SeriesState {
  return {
    version: 1,
    lastStartMs: null,
    fitDayMs: null,
    baseline: null,
    learning: null,
    latencyCutBin: null,
    referenceFromMs: null,
    detector: initialState(),
    open: null,
  };
}

/** The history `stepSeries` will ask for at the bucket starting at `startMs`, for a caller that must fetch it first. */
export function historyNeeded(
  state: SeriesState,
  startMs: number,
  context: Pick<SeriesContext, 'reference' | 'threshold'>,
): TimeRange | null {
  if (state.lastStartMs !== null && startMs <= state.lastStartMs) return null;
  const today = Math.floor(startMs / dayMs) * dayMs;
  const settles = state.season !== undefined && state.baseline === null && startMs % hourMs === 0;
  if (state.open !== null || (state.fitDayMs === today && !settles)) return null;
  if (isUnderSuspicion(state, context.threshold) && today - state.fitDayMs! < suspicionLimitMs) return null;
  if (context.reference) return state.baseline === null ? context.reference : null;
  // Whole UTC days that end at least 24 h before the bucket: the day totals of the fit are then never cut short.
  const fromMs = Math.max(
    today - (referenceDays + 1) * dayMs,
    state.referenceFromMs ?? Number.NEGATIVE_INFINITY,
  );
  return { fromMs, toMs: Math.max(fromMs, state.season ? startMs : today - dayMs) };
}

// A slow change would otherwise be learned as normal, day by day, before it has gathered enough evidence to alarm.
function isUnderSuspicion(state: SeriesState, threshold: number): boolean {
  if (state.baseline === null) return false;
  return state.detector.hypotheses.some(
    ({ logEvidence }) => logEvidence !== null && logEvidence >= threshold / 2,
  );
}

/**
 * Takes the next complete 15-minute bucket of one series × metric, in time order: learning, then evidence, then an
 * open alert that closes once 24 h no longer differ. Pure: equal states, buckets and history give equal results, also
 * across a save and restore of the state as JSON.
 */
export function stepSeries(state: SeriesState, bucket: StoredBucket, context: SeriesContext): SeriesStep {
  const { startMs } = bucket;
  if (state.lastStartMs !== null && startMs <= state.lastStartMs) return unchanged(state);
  const range = historyNeeded(state, startMs, context);
  const fitted = range === null ? state : refit(state, range, startMs, context);
  const events: SeriesEvent[] = [];
  const current = fitted.open === null ? fitted : closedWhenOver(fitted, startMs, context, events);
  const next = takenUpTo(current, startMs);

  const stat = current.baseline && statOf(bucket, current.latencyCutBin, context.metric);
  const observation = stat && observe(current.baseline!, stat);
  if (!stat || !observation) return { ...unchanged(next), events };

  const judged = step(current.detector, observation, {
    minShift: context.metric.minShift,
    threshold: context.threshold,
    excess: current.baseline!.excess,
  });
  next.detector = judged.state;
  const result = { state: next, events, evidence: judged.logEvidence, expected: observation.expected };
  const atMs = startMs + bucketMs;
  if (current.open !== null) {
    next.open = extendShift(current.open, stat, current.baseline!);
    if (judged.alarm) events.push({ kind: 'renewed', atMs, evidence: judged.logEvidence! });
  } else if (judged.alarm) {
    const { sinceMs, shift, sums } = judged.winner!;
    const direction = shift > 0 ? 'up' : 'down';
    const dated = datedShift(current, sinceMs, observation, direction, context) ?? {
      changeStartMs: sinceMs,
      sums,
    };
    next.open = { openedAtMs: atMs, ...dated, direction, hours: [], lastValueMs: startMs };
    events.push(openedEvent(next.open, judged.logEvidence!, current.baseline!, context.metric));
  }
  return result;
}

/** Written out, since it happens at every bucket: with spreading a replay takes half as long again. */
function takenUpTo(state: SeriesState, lastStartMs: number): SeriesState {
  const taken: SeriesState = {
    version: state.version,
    lastStartMs,
    fitDayMs: state.fitDayMs,
    baseline: state.baseline,
    learning: state.learning,
    latencyCutBin: state.latencyCutBin,
    referenceFromMs: state.referenceFromMs,
    detector: state.detector,
    open: state.open,
  };
  if (state.season) taken.season = state.season;
  return taken;
}

/**
 * "This is normal now", also for deploy markers: forgets the level and the open alert, without an event. The season and the noise
 * are kept, so the series is watched again as soon as the level since `fromMs` is known well enough.
 */
export function acceptAsNormal(state: SeriesState, fromMs: number): SeriesState {
  const season = state.baseline ?? state.season;
  const { lastStartMs, latencyCutBin } = state;
  const fresh = { ...initialSeries(), lastStartMs, referenceFromMs: fromMs };
  return season ? { ...fresh, latencyCutBin, season } : fresh;
}

const unchanged = (state: SeriesState): SeriesStep => ({ state, events: [], evidence: null, expected: null });

function refit(state: SeriesState, range: TimeRange, startMs: number, context: SeriesContext): SeriesState {
  const { metric, history, excluded = [] } = context;
  const today = Math.floor(startMs / dayMs) * dayMs;
  const wholeToMs = context.reference ? range.toMs : Math.min(range.toMs, today - dayMs);
  const { columns, latencyCutBin, weekdays } = history.reference({ ...range, toMs: wholeToMs }, excluded);
  const options = {
    minShift: metric.minShift,
    requestVarianceFloor: requestVarianceFloor(metric),
    isProportion: metric.statistic !== 'mean',
  };
  const fit = fitColumns(columns, options, weekdays);
  const { season, ...rest } = state;
  if (!isLearning(fit)) return { ...rest, fitDayMs: today, baseline: fit, learning: null, latencyCutBin };
  if (season === undefined) {
    const nothing = { baseline: null, learning: fit, latencyCutBin: null, detector: initialState() };
    return { ...state, fitDayMs: today, ...nothing };
  }
  const since = history
    .between(range.fromMs, range.toMs)
    .filter(({ startMs: at }) => !excluded.some(({ fromMs, toMs }) => at >= fromMs && at < toMs))
    .flatMap(bucket => statOf(bucket, state.latencyCutBin, metric) ?? []);
  const baseline = atNewLevel(season, since, metric.minShift);
  const learning = baseline === null ? fit : null;
  return { ...state, fitDayMs: today, baseline, learning, ...(!baseline && { detector: initialState() }) };
}

/** A tail metric counts the values above the cut; buckets that come without bins are 0/1 sums already. */
export function statOf(bucket: StoredBucket, cut: number | null, metric: DriftMetric): BucketStat | null {
  if (metric.statistic !== 'tail' || bucket.bins === undefined) return bucket;
  return cut === null ? null : exceedance(bucket.startMs, bucket.bins, cut);
}

/** Judged before the bucket's own values, at its start: everything up to there is known. Adds what became of it to `events`. */
function closedWhenOver(
  state: SeriesState,
  atMs: number,
  context: SeriesContext,
  events: SeriesEvent[],
): SeriesState {
  if (state.open === null || state.baseline === null) return state;
  const over = closing(state.open, state.baseline, context.metric.minShift, atMs);
  if (over === null) return state;
  events.push({ kind: 'closed', atMs, closing: over });
  return { ...state, open: null, detector: initialState() };
}

/**
 * The change dated by likelihood, with the sums since then. The winning hypothesis only says since when it has gathered
 * evidence, which may be hours of noise earlier. The stretch looked at follows from the detector's state, so that a check
 * every 15 minutes and a replay of weeks see the same; null when nothing in it points that way.
 */
function datedShift(
  { baseline, latencyCutBin }: SeriesState,
  sinceMs: number,
  last: Observation,
  direction: 'up' | 'down',
  { history, metric }: SeriesContext,
): Pick<OpenShift, 'changeStartMs' | 'dating' | 'sums'> | null {
  const fromMs = datingFromMs(sinceMs, last.startMs);
  const before = history.between(fromMs, last.startMs).flatMap(bucket => {
    const stat = statOf(bucket, latencyCutBin, metric);
    return (stat && observe(baseline!, stat)) ?? [];
  });
  const observations = [...before, last];
  const change = dateChange(observations, direction);
  if (change === null) return null;
  const sums = observations.filter(one => one.startMs >= change.startMs).reduce(addObservation, noSums);
  const { startMs, earliestMs, latestMs } = change;
  return { changeStartMs: startMs, dating: { lookedFromMs: fromMs, earliestMs, latestMs }, sums };
}

function openedEvent(
  open: OpenShift,
  evidence: number,
  baseline: Baseline,
  metric: DriftMetric,
): OpenedEvent {
  return {
    kind: 'opened',
    atMs: open.openedAtMs,
    changeStartMs: open.changeStartMs,
    direction: open.direction,
    verdict: judge(metric, open.direction),
    evidence,
    chanceOfNoise: chanceOfNoise(evidence),
    estimate: estimateShift(open.sums, baseline)!,
  };
}
