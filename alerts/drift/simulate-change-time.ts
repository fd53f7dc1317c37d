import { type BucketStat, type Observation, observe } from './baseline.ts';
import { dateChange } from './change-point.ts';
import { alarmThreshold } from './detector.ts';
import { historyOf } from './history.ts';
import { type DriftMetricId, driftMetrics } from './metrics.ts';
import { bucketMs, dayMs } from './season.ts';
import { initialSeries, stepSeries } from './series.ts';
import { mulberry32, simulateStream } from './simulated-stream.ts';

export interface ChangeTimeTest {
  seed: number;
  /** Streams for each size of shift. */
  streams: number;
  /** Sizes of the shift in multiples of the smallest worth a page (d0). */
  multiples: readonly number[];
  metrics: readonly DriftMetricId[];
  wander?: number;
}

/** Dates given at the alarm for one size of shift. Hours; null when nothing was found. */
export interface ChangeTimeResult {
  multiple: number;
  /** Streams whose change was found within two weeks, not counting those with a false alarm before it. */
  found: number;
  /** Share whose interval holds the true start. */
  covered: number;
  medianErrorHours: number | null;
  medianWidthHours: number | null;
}

const monday = Date.UTC(2026, 0, 5);
const referenceDays = 28;
const daysAfter = 14;

/** Streams with one lasting change at a random time, through the live detector; the change is dated when it alarms. */
export function simulateChangeTimes(test: ChangeTimeTest): ChangeTimeResult[] {
  const random = mulberry32(test.seed);
  return test.multiples.map(multiple => {
    const dated = Array.from({ length: test.streams }, (_, stream) =>
      dateOne({
        metric: test.metrics[stream % test.metrics.length]!,
        // 0.5 to 20 requests a minute, evenly on a logarithmic scale.
        requestsPerMinute: 0.5 * 40 ** random(),
        seed: Math.floor(random() * 2 ** 32),
        changeMs:
          monday + (referenceDays + 2) * dayMs + Math.floor((random() * 7 * dayMs) / bucketMs) * bucketMs,
        multiple: random() < 0.5 ? multiple : -multiple,
        wander: test.wander ?? 1,
      }),
    ).filter(one => one !== null);
    return {
      multiple,
      found: dated.length,
      covered: dated.filter(({ covers }) => covers).length / dated.length,
      medianErrorHours: median(dated.map(({ errorHours }) => errorHours)),
      medianWidthHours: median(dated.map(({ widthHours }) => widthHours)),
    };
  });
}

interface ChangedStream {
  metric: DriftMetricId;
  requestsPerMinute: number;
  seed: number;
  changeMs: number;
  multiple: number;
  wander: number;
}

interface Dated {
  covers: boolean;
  errorHours: number;
  widthHours: number;
}

function dateOne({ changeMs, multiple, ...stream }: ChangedStream): Dated | null {
  const metric = driftMetrics[stream.metric];
  const days = Math.ceil((changeMs - monday) / dayMs) + daysAfter;
  const change = { atMs: changeMs, shift: multiple * metric.minShift };
  const buckets = simulateStream({ ...stream, fromMs: monday, days, change });
  const indexAt = (ms: number) => Math.max(0, Math.round((ms - monday) / bucketMs));
  const context = {
    metric,
    threshold: alarmThreshold({ series: 200 }),
    reference: { fromMs: monday, toMs: monday + referenceDays * dayMs },
    history: historyOf(buckets, metric),
  };
  let state = initialSeries();
  for (const bucket of buckets.slice(indexAt(monday + (referenceDays + 1) * dayMs))) {
    // The stretch the live code dated the change in is the history it asked for last.
    let stretch: readonly BucketStat[] = [];
    const history = {
      ...context.history,
      between: (fromMs: number, toMs: number) => {
        stretch = context.history.between(fromMs, toMs);
        return stretch;
      },
    };
    const step = stepSeries(state, bucket, { ...context, history });
    state = step.state;
    if (!step.events.some(({ kind }) => kind === 'opened')) continue;
    if (bucket.startMs < changeMs) return null;
    const observations = [...stretch, bucket].flatMap(one => observe(state.baseline!, one) ?? []);
    return dated(observations, state.open!.direction, changeMs);
  }
  return null;
}

function dated(
  observations: readonly Observation[],
  direction: 'up' | 'down',
  changeMs: number,
): Dated | null {
  const change = dateChange(observations, direction);
  if (change === null) return null;
  // A change before the stretch is missed, however far back the interval goes in it.
  const isLookedAt = observations[0]!.startMs <= changeMs;
  const hours = (ms: number) => ms / 3_600_000;
  return {
    // Buckets without values cannot tell: the change shows in the first one that has some.
    covers:
      isLookedAt && change.earliestMs <= firstSince(observations, changeMs) && change.latestMs >= changeMs,
    errorHours: hours(Math.abs(change.startMs - changeMs)),
    widthHours: hours(change.latestMs - change.earliestMs + bucketMs),
  };
}

const firstSince = (observations: readonly Observation[], ms: number): number =>
  observations.find(({ startMs }) => startMs >= ms)?.startMs ?? ms;

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : [...values].sort((one, other) => one - other)[values.length >> 1]!;
}
