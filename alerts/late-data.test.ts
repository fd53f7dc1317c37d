import { describe, expect, test } from 'vitest';
import { firstMonday, simulateBuckets } from '../test/fixtures/drift-series.ts';
import { readNotice } from './channels/notice.ts';
import { alarmThreshold } from './drift/detector.ts';
import type { StoredBucket } from './drift/metrics.ts';
import { bucketMs, dayMs } from './drift/season.ts';
import { evaluateGroup, type Group, type WatchedSeries } from './evaluate.ts';
import { leadOf } from './incident.ts';
import { incidentPayload } from './notify/message.ts';
import { freshMemory, noteLate } from './series-memory.ts';

const changeMs = firstMonday + 45 * dayMs + 6 * 3_600_000;
const untilMs = changeMs + 6 * 3_600_000;
const threshold = alarmThreshold({ series: 50 });

/** Answer quality of one feature, 0.9 and from `changeMs` on lower by `drop`. */
function quality(drop: number): StoredBucket[] {
  const mean = (ms: number) => 0.9 - (ms >= changeMs ? drop : 0);
  return simulateBuckets({ seed: 3, weeks: 8, mean, sd: 0.1 });
}

function groupOf(buckets: readonly StoredBucket[]): Group & { series: [WatchedSeries] } {
  const series = { feature: 'support-bot', model: 'gpt-5-mini', environment: 'production' };
  const memory = freshMemory();
  return {
    series: [{ series, rollup: 'score:quality', memory, buckets: until(buckets, untilMs), untilMs }],
    incidents: [],
    fromMs: firstMonday,
    thresholdAt: () => threshold,
  };
}

const until = (buckets: readonly StoredBucket[], toMs: number) =>
  buckets.filter(({ startMs }) => startMs < toMs);

/** The next check, an hour later, with what is stored by then. */
function checkAgain(group: Group & { series: [WatchedSeries] }, buckets: readonly StoredBucket[]) {
  const [watched] = group.series;
  group.fromMs = watched.untilMs;
  watched.untilMs += 4 * bucketMs;
  watched.buckets = until(buckets, watched.untilMs);
  noteLate(watched.memory, watched.buckets);
  return evaluateGroup(group);
}

/** Four more values in each bucket of the drop, as the scores that came first had been the bad ones only. */
const withLateValues = (buckets: readonly StoredBucket[], value: number) =>
  buckets.map(bucket => {
    if (bucket.startMs < changeMs) return bucket;
    const { startMs, n, sum, sumSq } = bucket;
    return { startMs, n: n + 60, sum: sum + 60 * value, sumSq: sumSq + 60 * value ** 2 };
  });

describe('values that come late', () => {
  test('take a verdict back that they do not support, in words', () => {
    const group = groupOf(quality(0.08));
    const opened = evaluateGroup(group);
    expect(opened.map(({ kind }) => kind)).toEqual(['fired']);

    const changes = checkAgain(group, withLateValues(quality(0.08), 0.92));
    expect(changes.map(({ kind, message }) => ({ kind, message }))).toEqual([
      { kind: 'recovered', message: null },
      { kind: 'resolved', message: 'resolved' },
    ]);
    expect(changes[0]!.text).toBe(
      'Retracted: Answer quality had not changed. Data that came late no longer support it.',
    );
    expect(group.series[0].memory.detector.open).toBeNull();
    expect(group.series[0].memory.excluded).toEqual([]);
    const { incident, atMs } = changes[1]!;
    expect(leadOf(incident).closedBecause).toBe('retracted');
    const payload = incidentPayload(incident, 'resolved', atMs, 'http://driftline.test');
    const { headline, detail, phase } = readNotice({ id: 'one', body: JSON.stringify(payload) });
    expect({ headline, detail, phase }).toEqual({
      headline: expect.stringMatching(/^Retracted: Answer quality of support-bot fell/),
      detail: changes[0]!.text,
      phase: 'resolved',
    });
  });

  test('leave a verdict alone that they support', () => {
    const group = groupOf(quality(0.08));
    evaluateGroup(group);
    expect(checkAgain(group, withLateValues(quality(0.08), 0.82))).toEqual([]);
    expect(group.series[0].memory.detector.open).not.toBeNull();
  });

  test('are evidence like any other when nothing was found without them', () => {
    const group = groupOf(quality(0));
    expect(evaluateGroup(group)).toEqual([]);
    const changes = checkAgain(group, withLateValues(quality(0), 0.8));
    expect(changes.map(({ kind }) => kind)).toEqual(['fired']);
    expect(leadOf(changes[0]!.incident).direction).toBe('down');
  });
});

describe('a level accepted as normal', () => {
  const level = { id: 'acc_1', model: null, environment: null, metric: null, fromMs: changeMs };

  test('ends what was found, keeps the season, and is watched from there', () => {
    const later = (ms: number) => 0.9 - (ms >= changeMs + 5 * dayMs ? 0.16 : ms >= changeMs ? 0.08 : 0);
    const buckets = simulateBuckets({ seed: 5, weeks: 8, mean: later, sd: 0.1 });
    const group = groupOf(buckets);
    evaluateGroup(group);
    expect(group.series[0].memory.detector.open).not.toBeNull();

    group.accepted = [{ ...level, acceptedAtMs: untilMs }];
    const changes = checkAgain(group, buckets);
    expect(changes.map(({ text }) => text)).toEqual([
      'Answer quality: the level of today was accepted as normal.',
      'Resolved.',
    ]);
    const [watched] = group.series;
    expect(watched.memory.acceptance).toEqual({ id: 'acc_1', fromMs: changeMs });

    group.fromMs = watched.untilMs;
    watched.untilMs = changeMs + 5 * dayMs;
    watched.buckets = until(buckets, watched.untilMs);
    expect(evaluateGroup(group)).toEqual([]);
    expect(watched.memory.detector.baseline!.mean).toBeCloseTo(0.82, 2);

    group.fromMs = watched.untilMs;
    watched.untilMs += dayMs;
    watched.buckets = until(buckets, watched.untilMs);
    expect(evaluateGroup(group).map(({ kind }) => kind)).toEqual(['fired']);
  });

  test('means only the series it names', () => {
    const group = groupOf(quality(0.08));
    evaluateGroup(group);
    group.accepted = [{ ...level, metric: 'cost', acceptedAtMs: untilMs }];
    expect(checkAgain(group, quality(0.08))).toEqual([]);
    expect(group.series[0].memory.detector.open).not.toBeNull();
  });
});
