import { describe, expect, it } from 'vitest';
import { firstMonday, seededNormal, simulateBuckets } from '../../test/fixtures/drift-series.ts';
import { oldestDatingMs } from './change-point.ts';
import { alarmThreshold } from './detector.ts';
import { historyOf, type SeriesHistory } from './history.ts';
import { logBin } from './latency-tail.ts';
import { driftMetrics, type StoredBucket } from './metrics.ts';
import { bucketMs, dayMs } from './season.ts';
import {
  acceptAsNormal,
  historyNeeded,
  initialSeries,
  type OpenedEvent,
  type SeriesContext,
  type SeriesEvent,
  type SeriesState,
  stepSeries,
} from './series.ts';

const day = (n: number): number => firstMonday + n * dayMs;
const threshold = alarmThreshold({ series: 200 });
const hourlySwing = (ms: number) => 0.02 * Math.sin((2 * Math.PI * (ms % dayMs)) / dayMs);

const context = (buckets: readonly StoredBucket[], more: Partial<SeriesContext> = {}): SeriesContext => ({
  metric: driftMetrics.quality,
  threshold,
  history: historyOf(buckets, more.metric ?? driftMetrics.quality),
  ...more,
});

function feed(buckets: readonly StoredBucket[], given: SeriesContext, from: SeriesState = initialSeries()) {
  let state = from;
  const events: SeriesEvent[] = [];
  for (const bucket of buckets) {
    const step = stepSeries(state, bucket, given);
    state = step.state;
    events.push(...step.events);
  }
  return { state, events };
}

/** Eight weeks; quality 0.85 with a daily swing, 0.05 lower between the days given. */
const dipped = (fromDay: number, toDay: number, seed = 21, weeks = 8) =>
  simulateBuckets({
    seed,
    weeks,
    sd: 0.17,
    mean: ms => 0.85 + hourlySwing(ms) - (ms >= day(fromDay) && ms < day(toDay) ? 0.05 : 0),
  });

describe('stepSeries', () => {
  it('learns, opens once with what changed, since when and how much, and closes after the dip', () => {
    const buckets = dipped(40, 46);
    const { events, state } = feed(buckets, context(buckets));
    expect(events.map(({ kind }) => kind).filter(kind => kind !== 'renewed')).toEqual(['opened', 'closed']);

    const opened = events[0] as OpenedEvent;
    expect(opened).toMatchObject({ direction: 'down', verdict: 'worse' });
    expect(opened.atMs).toBeGreaterThan(day(40));
    expect(opened.atMs).toBeLessThan(day(41));
    expect(Math.abs(opened.changeStartMs - day(40))).toBeLessThan(dayMs / 4);
    const { shift, low, high, before, after, requests } = opened.estimate;
    expect(low).toBeLessThan(-0.05);
    expect(high).toBeGreaterThan(-0.1);
    expect(shift).toBeLessThan(-0.02);
    expect(before).toBeCloseTo(0.85, 1);
    expect(after).toBeCloseTo(before + shift, 12);
    expect(requests).toBe((20 * (opened.atMs - opened.changeStartMs)) / bucketMs);
    expect(opened.evidence).toBeGreaterThanOrEqual(threshold);
    expect(opened.chanceOfNoise).toBeLessThanOrEqual(1 / 200);

    const closed = events.at(-1)!;
    expect(closed).toMatchObject({ kind: 'closed', closing: { reason: 'recovered' } });
    expect(closed.atMs).toBeGreaterThan(day(46));
    expect(closed.atMs).toBeLessThan(day(49));
    expect(state.open).toBeNull();
  });

  it('says nothing over eight weeks without a change', () => {
    const buckets = dipped(0, 0);
    expect(feed(buckets, context(buckets)).events).toEqual([]);
  });

  it('gives the same whether fed at once or bucket by bucket through a saved state', () => {
    const buckets = dipped(40, 46);
    const whole = feed(buckets, context(buckets));
    let state = initialSeries();
    const events: SeriesEvent[] = [];
    for (const [i, bucket] of buckets.entries()) {
      // Live, only what was stored before the bucket exists.
      const step = stepSeries(JSON.parse(JSON.stringify(state)), bucket, context(buckets.slice(0, i)));
      state = JSON.parse(JSON.stringify(step.state));
      events.push(...JSON.parse(JSON.stringify(step.events)));
    }
    expect(state).toEqual(whole.state);
    expect(events).toEqual(whole.events);
  });

  it('ignores a bucket fed again or too late', () => {
    const buckets = dipped(40, 46);
    const given = context(buckets);
    const { state } = feed(buckets.slice(0, 4000), given);
    expect(feed(buckets.slice(3990, 4000), given, state)).toEqual({ state, events: [] });
  });

  it('is learning until 14 days lie at least 24 h back, then watches', () => {
    const buckets = dipped(0, 0);
    const early = feed(buckets.slice(0, 15 * 96), context(buckets)).state;
    expect(early).toMatchObject({ baseline: null, learning: { learning: 'too_few_days', days: 13 } });
    const step = stepSeries(early, buckets[15 * 96]!, context(buckets));
    expect(step.state).toMatchObject({ learning: null, baseline: { days: 14, toMs: day(14) } });
    expect(step.evidence).not.toBeNull();
    expect(step.expected).toBeCloseTo(0.85, 1);
  });

  it('refits once a day on 28 days and not while an alert is open', () => {
    const buckets = dipped(40, 56);
    const given = context(buckets);
    const quiet = feed(buckets.slice(0, 35 * 96), given).state;
    expect(historyNeeded(quiet, day(34) + 12 * 3_600_000, given)).toBeNull();
    expect(historyNeeded(quiet, day(35), given)).toEqual({ fromMs: day(6), toMs: day(34) });
    const open = feed(buckets.slice(35 * 96, 50 * 96), given, quiet).state;
    expect(open.open).not.toBeNull();
    expect(open.baseline!.toMs).toBeLessThanOrEqual(day(40));
    expect(historyNeeded(open, day(50), given)).toBeNull();
  });

  it('asks for history where historyNeeded says so, and for the stretch to date a change in at an alarm', () => {
    const buckets = dipped(40, 46);
    const all = historyOf(buckets, driftMetrics.quality);
    let state = initialSeries();
    for (const bucket of buckets) {
      const needed = historyNeeded(state, bucket.startMs, { threshold });
      const sinces = state.detector.hypotheses.map(one => one.sinceMs ?? bucket.startMs);
      const oldest = oldestDatingMs(Math.min(...sinces), bucket.startMs - bucketMs, bucket.startMs);
      const history: SeriesHistory = {
        reference(range, leftOut) {
          expect(range).toEqual(needed);
          return all.reference(range, leftOut);
        },
        between(fromMs, toMs) {
          expect(toMs).toBe(bucket.startMs);
          expect(fromMs).toBeGreaterThanOrEqual(oldest);
          return all.between(fromMs, toMs);
        },
      };
      const given = context(buckets, { history });
      state = stepSeries(state, bucket, given).state;
    }
  });

  it('does not learn from ranges that were not normal', () => {
    const buckets = dipped(20, 26);
    const excluded = [{ fromMs: day(20), toMs: day(26) }];
    const { state } = feed(buckets.slice(33 * 96, 34 * 96), context(buckets, { excluded }));
    expect(state.baseline!.days).toBe(22);
    expect(state.baseline!.mean).toBeCloseTo(0.85, 2);
  });

  it('keeps an alert open while the change lasts, and counts new evidence as renewal', () => {
    const buckets = dipped(40, 56);
    const { state, events } = feed(buckets, context(buckets));
    expect(events.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'closed')).toHaveLength(0);
    expect(events.filter(({ kind }) => kind === 'renewed').length).toBeGreaterThan(3);
    expect(state.open!.sums.weightedResidual / state.open!.sums.information).toBeCloseTo(-0.05, 2);
  });

  it('closes as no longer reported after 48 h without values, empty buckets or none at all', () => {
    const buckets = dipped(40, 56);
    const given = context(buckets);
    const open = feed(buckets.slice(0, 42 * 96), given);
    expect(open.state.open).not.toBeNull();
    const empty = buckets.slice(42 * 96, 46 * 96).map(({ startMs }) => ({ startMs, n: 0, sum: 0, sumSq: 0 }));
    const expected = { kind: 'closed', closing: { reason: 'no_longer_reported', shift: null, test: null } };
    expect(feed(empty, given, open.state).events).toMatchObject([{ ...expected, atMs: day(44) - bucketMs }]);
    const afterGap = stepSeries(open.state, { startMs: day(46), n: 0, sum: 0, sumSq: 0 }, given);
    expect(afterGap.events).toMatchObject([{ ...expected, atMs: day(46) }]);
  });

  it('learns anew from the change once it is accepted as normal', () => {
    const buckets = dipped(32, 63, 22, 9);
    const given = context(buckets);
    const open = feed(buckets.slice(0, 40 * 96), given).state;
    expect(open.open).not.toBeNull();
    const accepted = acceptAsNormal(open, open.open!.changeStartMs);
    const later = feed(buckets.slice(40 * 96), given, accepted);
    expect(later.events).toEqual([]);
    expect(later.state.baseline!.mean).toBeCloseTo(0.8, 2);
  });

  it('watches the latency tail from bins against the p95 of its own baseline', () => {
    const normal = seededNormal(31);
    const slower = day(40);
    const buckets: StoredBucket[] = [];
    for (let startMs = day(0); startMs < day(45); startMs += bucketMs) {
      const bins = new Map<number, number>();
      for (let i = 0; i < 20; i++) {
        const bin = logBin(900 * Math.exp(0.4 * normal()) * (startMs >= slower ? 1.25 : 1));
        bins.set(bin, (bins.get(bin) ?? 0) + 1);
      }
      const counts = { bins: [...bins.keys()], counts: [...bins.values()] };
      buckets.push({ startMs, n: 20, sum: 0, sumSq: 0, bins: counts });
    }
    const { state, events } = feed(buckets, context(buckets, { metric: driftMetrics.latency_tail }));
    const opened = events[0] as OpenedEvent;
    expect(opened).toMatchObject({ kind: 'opened', direction: 'up', verdict: 'worse' });
    expect(opened.atMs).toBeGreaterThan(slower);
    expect(opened.atMs).toBeLessThan(slower + dayMs);
    expect(opened.estimate.before).toBeCloseTo(0.05, 1);
    expect(state.latencyCutBin).toBe(logBin(900 * Math.exp(0.4 * 1.645)));
  });

  it('does not wait for a slow change to become normal', () => {
    const buckets = dipped(40, 56);
    const given = context(buckets);
    const { state } = feed(buckets.slice(0, 40 * 96), given);
    const suspicious = {
      ...state,
      detector: {
        ...state.detector,
        hypotheses: state.detector.hypotheses.map(each => ({ ...each, logEvidence: threshold / 2 })),
      },
    };
    expect(historyNeeded(state, day(40), given)).not.toBeNull();
    expect(historyNeeded(suspicious, day(40), given)).toBeNull();
    expect(historyNeeded(suspicious, day(46), given)).not.toBeNull();
  });
});
