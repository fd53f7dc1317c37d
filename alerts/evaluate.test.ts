import { describe, expect, test } from 'vitest';
import { firstMonday, simulateBuckets } from '../test/fixtures/drift-series.ts';
import { alarmThreshold } from './drift/detector.ts';
import type { StoredBucket } from './drift/metrics.ts';
import { bucketMs, dayMs } from './drift/season.ts';
import { evaluateGroup, type WatchedSeries } from './evaluate.ts';
import { type Incident, type IncidentChange, leadOf } from './incident.ts';
import { freshMemory, parseMemory } from './series-memory.ts';
import { title } from './words.ts';

const weeks = 8;
const endMs = firstMonday + weeks * 7 * dayMs;
const changeMs = firstMonday + 45 * dayMs + 14 * 3_600_000;
const threshold = alarmThreshold({ series: 50 });

interface Shape {
  rollup: string;
  mean: (startMs: number) => number;
  sd: number;
  model?: string;
  seed?: number;
  size?: (startMs: number) => number;
}

/** Four daily waves above and below the level, as traffic has them. */
const daily = (startMs: number) => Math.sin((2 * Math.PI * (startMs % dayMs)) / dayMs);

function watch({ rollup, mean, sd, model = 'gpt-5-mini', seed = 1, size }: Shape): WatchedSeries {
  const buckets: StoredBucket[] = simulateBuckets({ seed, weeks, mean, sd, ...(size && { size }) }).filter(
    ({ n }) => n > 0,
  );
  const series = { feature: 'support-bot', model, environment: 'production' };
  return { series, rollup, memory: freshMemory(), buckets, untilMs: endMs };
}

const step =
  (from: number, by: number, atMs = changeMs) =>
  (startMs: number) =>
    from + 0.02 * daily(startMs) + (startMs >= atMs ? by : 0);

const quality = (by: number, atMs = changeMs): Shape => ({
  rollup: 'score:answer_quality',
  mean: step(0.91, by, atMs),
  sd: 0.1,
});
const cost = (by: number): Shape => ({ rollup: 'cost', mean: step(Math.log(0.004), by), sd: 0.3, seed: 2 });
const length = (by: number): Shape => ({
  rollup: 'output_length',
  mean: step(Math.log(150), by),
  sd: 0.3,
  seed: 3,
});
const pace = (by: number): Shape => ({ rollup: 'pace', mean: step(Math.log(18), by), sd: 0.2, seed: 4 });

function run(shapes: Shape[]): { changes: IncidentChange[]; incidents: Incident[]; series: WatchedSeries[] } {
  const series = shapes.map(watch);
  const incidents: Incident[] = [];
  const changes = evaluateGroup({
    series,
    incidents,
    fromMs: firstMonday,
    thresholdAt: () => threshold,
  });
  return { changes, incidents, series };
}

const kinds = (changes: IncidentChange[]) =>
  changes.map(({ kind }) => kind).filter(kind => kind !== 'renewed');
const messages = (changes: IncidentChange[]) => changes.flatMap(({ message }) => message ?? []);

describe('evaluateGroup', () => {
  test('a lasting drop in quality opens one incident that says what fell, by how much and since when', () => {
    const { changes, incidents } = run([quality(-0.09), cost(0), length(0), pace(0)]);
    expect(kinds(changes)).toEqual(['fired']);
    expect(messages(changes)).toEqual(['firing']);
    const lead = leadOf(incidents[0]!);
    expect(lead).toMatchObject({
      feature: 'support-bot',
      metric: 'score:answer_quality',
      direction: 'down',
      verdict: 'worse',
    });
    expect(Math.abs(lead.changedAtMs - changeMs)).toBeLessThan(6 * 3_600_000);
    expect(lead.openedAtMs - changeMs).toBeLessThan(24 * 3_600_000);
    expect(title(lead)).toBe('Answer quality of support-bot fell 9 points: 0.91 → 0.82');
    expect(lead.low).toBeLessThan(-0.09);
    expect(lead.high).toBeGreaterThan(-0.09);
  });

  test('without a change there is no incident', () => {
    expect(run([quality(0), cost(0), length(0), pace(0)]).changes).toEqual([]);
  });

  test('cost, length and pace that move together are one page', () => {
    const { changes, incidents } = run([cost(0.25), length(0.25), pace(0.2)]);
    expect(kinds(changes)).toEqual(['fired', 'joined', 'joined']);
    expect(messages(changes)).toEqual(['firing']);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]!.findings.map(({ metric }) => metric).sort()).toEqual([
      'cost',
      'output_length',
      'pace',
    ]);
  });

  test('one feature that drifts over several models is one page', () => {
    const { changes } = run([quality(-0.09), { ...quality(-0.09), model: 'claude', seed: 9 }]);
    expect(kinds(changes)).toEqual(['fired', 'joined']);
  });

  test('a graver finding takes over the incident that length or cost opened, and is told', () => {
    const fewScores = { ...quality(-0.05), size: () => 2 };
    const { changes, incidents } = run([fewScores, length(0.3)]);
    expect(kinds(changes)).toEqual(['fired', 'worsened']);
    expect(messages(changes)).toEqual(['firing', 'updated']);
    expect(leadOf(incidents[0]!).metric).toBe('score:answer_quality');
  });

  test('a change of the same feature days later is another incident', () => {
    const { changes } = run([{ ...quality(-0.09, changeMs - 5 * dayMs) }, cost(0.25)]);
    expect(kinds(changes)).toEqual(['fired', 'fired']);
  });

  test('an improvement is kept and never sent', () => {
    const { changes, incidents } = run([quality(0.05), cost(-0.2)]);
    expect(kinds(changes)).toEqual(['improved', 'improved']);
    expect(messages(changes)).toEqual([]);
    expect(incidents.map(({ state }) => state)).toEqual(['improved', 'improved']);
  });

  test('an improvement that turns into something worse than before pages', () => {
    const worseMs = changeMs + 4 * dayMs;
    const mean = (at: number) => 0.85 + (at >= worseMs ? -0.1 : at >= changeMs ? 0.06 : 0);
    const { changes } = run([{ rollup: 'score:answer_quality', mean, sd: 0.1 }]);
    expect(kinds(changes)).toEqual(['improved', 'recovered', 'resolved', 'fired']);
    expect(messages(changes)).toEqual(['firing']);
  });

  test('an incident is resolved once a day no longer differs, and told', () => {
    const backMs = changeMs + 3 * dayMs;
    const mean = (at: number) => 0.91 - (at >= changeMs && at < backMs ? 0.09 : 0);
    const { changes, incidents } = run([{ rollup: 'score:answer_quality', mean, sd: 0.1 }]);
    expect(kinds(changes)).toEqual(['fired', 'recovered', 'resolved']);
    expect(messages(changes)).toEqual(['firing', 'resolved']);
    const resolvedAfterMs = incidents[0]!.resolvedAtMs! - backMs;
    expect(resolvedAfterMs).toBeGreaterThan(20 * 3_600_000);
    expect(resolvedAfterMs).toBeLessThan(3 * dayMs);
  });

  test('a series that is never heard of again is resolved as no longer reported', () => {
    const goneMs = changeMs + 2 * dayMs;
    const { changes } = run([{ ...quality(-0.09), size: at => (at < goneMs ? 20 : 0) }]);
    expect(kinds(changes)).toEqual(['fired', 'recovered', 'resolved']);
    expect(changes.at(-2)!.text).toContain('no longer reported');
    expect(changes.at(-1)!.atMs).toBeLessThanOrEqual(goneMs + 2 * dayMs);
  });

  test('too few days are learning: neither an incident nor a baseline', () => {
    const series = [watch({ ...quality(-0.3, firstMonday + 8 * dayMs) })];
    series[0]!.untilMs = firstMonday + 13 * dayMs;
    const changes = evaluateGroup({
      series,
      incidents: [],
      fromMs: firstMonday,
      thresholdAt: () => threshold,
    });
    expect(changes).toEqual([]);
    expect(series[0]!.memory.detector).toMatchObject({ baseline: null, open: null });
  });

  test('a rise is the bad direction of a score that counts harm', () => {
    const mean = step(0.1, 0.08);
    expect(kinds(run([{ rollup: 'score:toxicity', mean, sd: 0.1 }]).changes)).toEqual(['fired']);
  });

  test('a score of 1 to 5 needs a larger move and is not read in points', () => {
    const mean = (at: number) => 4.3 + (at >= changeMs ? -0.4 : 0);
    const { incidents } = run([{ rollup: 'score:rating', mean, sd: 0.5 }]);
    expect(title(incidents[0]!.findings[0]!)).toBe('Rating of support-bot fell 0.40: 4.30 → 3.90');
    const within = (at: number) => 4.3 + (at >= changeMs ? -0.025 : 0);
    expect(run([{ rollup: 'score:rating', mean: within, sd: 0.5 }]).changes).toEqual([]);
  });

  test('one bucket at a time, with the memory stored in between, comes to the same as all at once', () => {
    const shapes = [quality(-0.09), cost(0.25), length(0.25), pace(0)];
    const whole = run(shapes);
    const series = shapes.map(watch);
    let incidents: Incident[] = [];
    const changes: IncidentChange[] = [];
    for (let fromMs = firstMonday; fromMs < endMs; fromMs += bucketMs) {
      for (const one of series) one.untilMs = fromMs + bucketMs;
      const group = { series, incidents, fromMs, thresholdAt: () => threshold };
      changes.push(...structuredClone(evaluateGroup(group)));
      if (fromMs % (6 * 3_600_000) !== 0) continue;
      for (const one of series) one.memory = parseMemory(JSON.stringify(one.memory));
      incidents = structuredClone(incidents);
    }
    expect(changes.map(({ eventId, atMs, kind }) => [eventId, atMs, kind])).toEqual(
      whole.changes.map(({ eventId, atMs, kind }) => [eventId, atMs, kind]),
    );
    expect(incidents).toEqual(whole.incidents);
    expect(series.map(({ memory }) => memory)).toEqual(whole.series.map(({ memory }) => memory));
  });
});
