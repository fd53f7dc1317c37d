import { expect, test } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { alarmThreshold } from '../drift/detector.ts';
import {
  evaluateQuiet,
  freshQuietMemory,
  parseQuietMemory,
  type QuietFound,
  quietPoints,
} from './evaluate.ts';
import { quietMetric } from './quiet-metric.ts';
import type { QuietSeriesData } from './quiet-series.ts';
import { usageSeries } from './usage-series.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Monday. */
const fromMs = Date.parse('2026-08-31T00:00:00Z');
const metric = quietMetric('usage:requests')!;
const series = 24;
const threshold = alarmThreshold({ series, bucketsPerWeek: metric.bucketsPerWeek });

/** Counts by the hour: days and weekends, days that differ for no reason, and Poisson noise. */
function traffic(
  seed: number,
  { rate, days, factor = () => 1 }: { rate: number; days: number; factor?: (ms: number) => number },
) {
  const { next } = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const hours = [];
  let dayLevel = 0;
  for (let ms = fromMs; ms < fromMs + days * dayMs; ms += hourMs) {
    if (ms % dayMs === 0) dayLevel = 0.08 * normal();
    const hour = (ms % dayMs) / hourMs;
    const weekend = new Date(ms).getUTCDay() % 6 === 0 ? 0.6 : 1;
    const mean =
      rate * factor(ms) * weekend * Math.exp(0.8 * Math.sin((2 * Math.PI * (hour - 8)) / 24) + dayLevel);
    const requests = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    if (requests > 0) hours.push({ hourMs: ms, requests, users: 0, sessions: 0 });
  }
  // Another feature that is always there: hours without requests are known to be empty.
  const always = Array.from({ length: days * 24 }, (_, at) => ({
    ...{ requests: 1, users: 0, sessions: 0 },
    hourMs: fromMs + at * hourMs,
  }));
  const usage = [
    { feature: 'a', environment: '', hours },
    { feature: 'b', environment: '', hours: always },
  ];
  return usageSeries(usage, fromMs + days * dayMs)[0]!;
}

const judge = (data: QuietSeriesData) => evaluateQuiet(data, freshQuietMemory(), { metric, threshold });

test('usage without a change is hardly ever taken for drift', () => {
  const found: QuietFound[] = [];
  for (let seed = 1; seed <= series; seed += 1) {
    const rate = [3, 20, 200][seed % 3]!;
    found.push(...judge(traffic(seed, { rate, days: 42 })).findings);
  }
  // Four weeks are judged at one a week; the upper 99 % Poisson limit of that would be nine.
  console.info(`${found.length} findings in ${series} series of 28 days without a change`);
  expect(found.length).toBeLessThanOrEqual(4);
});

test.each([3, 20, 200])(
  'usage that falls to half at %i requests an hour is found, dated and measured',
  rate => {
    const changeMs = fromMs + 35 * dayMs + 7 * hourMs;
    const factor = (ms: number) => (ms >= changeMs ? 0.5 : 1);
    const { findings } = judge(traffic(77, { rate, days: 42, factor }));
    expect(findings).toHaveLength(1);
    const [found] = findings;
    expect(found).toMatchObject({ direction: 'down', closedAtMs: null });
    expect(found!.openedAtMs - changeMs).toBeLessThan(4 * dayMs);
    expect(Math.abs(found!.changedAtMs - changeMs)).toBeLessThan(2 * dayMs);
    expect(Math.exp(found!.after - found!.before)).toBeCloseTo(0.5, 0.7);
  },
);

test('hours that were only late take a finding back, and what they do not touch goes on under its name', () => {
  const fall = fromMs + 35 * dayMs + 7 * hourMs;
  const factor = (ms: number) => (ms >= fall ? 0.5 : 1);
  const [whole, part] = [{}, { factor }].map(of => traffic(77, { rate: 200, days: 37, ...of }));
  const first = judge(part!);
  expect(first.findings).toMatchObject([{ direction: 'down', closedAtMs: null }]);
  const again = (data: QuietSeriesData) =>
    evaluateQuiet(data, parseQuietMemory(JSON.stringify(first.memory)), { metric, threshold });
  // The other half of the requests comes two days late.
  const late = again(whole!);
  expect(late.findings).toMatchObject([{ id: first.findings[0]!.id, retracted: true }]);
  expect(late.findings[0]!.closedAtMs).not.toBeNull();
  expect(late.memory.finding).toBeNull();
  const { mornings: _, taken: __, ...asIfInTime } = judge(whole!).memory;
  expect(late.memory).toMatchObject(asIfInTime);
  // A few that change nothing.
  const hour = part!.buckets.length - 5;
  const few = {
    ...part!,
    buckets: part!.buckets.map((one, at) => (at === hour ? { ...one, sum: one.sum + 0.01 } : one)),
  };
  const still = again(few);
  expect(still.findings).toMatchObject([{ id: first.findings[0]!.id, closedAtMs: null }]);
  expect(still.memory.finding).toMatchObject({ id: first.findings[0]!.id });
  expect(again(part!).findings).toEqual([]);
});

test('users who come back end the finding; a replay in steps finds the same', () => {
  const [fall, back] = [fromMs + 30 * dayMs, fromMs + 34 * dayMs];
  const data = traffic(5, { rate: 60, days: 45, factor: ms => (ms >= fall && ms < back ? 0.4 : 1) });
  const whole = judge(data);
  expect(whole.findings.map(({ direction }) => direction)).toEqual(['down']);
  expect(whole.findings[0]!.closedAtMs).toBeGreaterThan(back);
  expect(whole.memory.finding).toBeNull();

  let memory = freshQuietMemory();
  const stepwise = new Map<string, QuietFound>();
  for (let days = 10; days <= 45; days += 5) {
    const known = data.buckets.filter(({ startMs }) => startMs < fromMs + days * dayMs);
    const step = evaluateQuiet({ ...data, buckets: known }, memory, { metric, threshold });
    memory = parseQuietMemory(JSON.stringify(step.memory));
    for (const found of step.findings) stepwise.set(found.id, found);
  }
  expect([...stepwise.values()]).toEqual(whole.findings);
  expect(memory).toEqual(whole.memory);
  const points = quietPoints(data, memory, metric);
  expect(points).toHaveLength(28);
  expect(points.at(-13)![1]).toBeCloseTo(0.4, 1);
});
