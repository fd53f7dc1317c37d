import { describe, expect, test } from 'vitest';
import type { MetricSeries } from '../../data/otlp-metrics.ts';
import { drawMetric } from './metric-drawing.ts';
import { axisOf, unitWords } from './metric-words.ts';

const nowMs = Date.parse('2026-11-20T11:00:00Z');
const range = { from: '2026-11-20T10:02:00Z', to: '2026-11-20T10:32:00Z' };
const stepS = 900;
const times = ['2026-11-20T10:00:00.000Z', '2026-11-20T10:15:00.000Z', '2026-11-20T10:30:00.000Z'];

const points = (...values: (number | null)[]) =>
  values.map((value, at) => ({ time: times[at]!, value, count: value, p50: value, p95: value, p99: value }));

function draw(over: Partial<MetricSeries>, figure: Parameters<typeof drawMetric>[1] = 'quantiles') {
  const data: MetricSeries = {
    name: 'm',
    unit: '{token}',
    kind: 'sum',
    monotonic: true,
    interval_s: stepS,
    series: [{ group: '', points: points(1, 2, 3) }],
    ...over,
  };
  return drawMetric(data, figure, range, 'UTC', nowMs);
}

describe('a metric as a chart', () => {
  test('begins with the bucket in which the range begins', () => {
    expect(draw({}).scale).toMatchObject({
      fromMs: Date.parse(times[0]!),
      toMs: Date.parse(range.to),
      stepMs: stepS * 1000,
    });
  });

  test('a counter is bars of what was added, the largest groups first and the rest as one', () => {
    const series = Array.from({ length: 9 }, (_, at) => ({ group: `g${at}`, points: points(at, at) }));
    const drawn = draw({ series });
    expect(drawn).toMatchObject({ title: 'Tokens per 15 min', left: 0 });
    expect(drawn.series.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'g8 bar',
      'g7 bar',
      'g6 bar',
      'g5 bar',
      'g4 bar',
      'g3 bar',
      'Other bar',
    ]);
    expect(drawn.series.at(-1)?.points[0]?.[1]).toBe(2 + 1 + 0);
  });

  test('what cannot be added up is lines, and says how many are left out', () => {
    const series = Array.from({ length: 9 }, (_, at) => ({ group: `g${at}`, points: points(at) }));
    const drawn = draw({ kind: 'gauge', series });
    expect(drawn).toMatchObject({ title: 'Mean per 15 min', left: 3 });
    expect(drawn.series).toHaveLength(6);
    expect(drawn.series.every(({ kind }) => kind === 'line')).toBe(true);
  });

  test('a gap stays a gap', () => {
    const gap = [points(1)[0]!, points(1, 2, 3)[2]!];
    expect(draw({ kind: 'gauge', series: [{ group: '', points: gap }] }).series[0]?.points).toEqual([
      [Date.parse(times[0]!), 1],
      [Date.parse(times[1]!), null],
      [Date.parse(times[2]!), 3],
    ]);
    const bars = draw({ series: [{ group: '', points: gap }] }).series[0]?.points;
    expect(bars?.[1]).toEqual([Date.parse(times[1]!), null]);
  });

  test('a histogram has percentiles, one of them by group, its count and its sum', () => {
    const names = (drawn: ReturnType<typeof draw>) => drawn.series.map(({ name }) => name);
    const histogram = { kind: 'exponential_histogram', unit: 's' } as const;
    expect(names(draw(histogram))).toEqual(['p50', 'p95', 'p99']);
    const series = [
      { group: 'a', points: points(1) },
      { group: '', points: points(2) },
    ];
    const grouped = draw({ ...histogram, series });
    expect(grouped.title).toBe('95th percentile');
    expect(names(grouped)).toEqual(['a', '(none)']);
    expect(draw(histogram, 'count').title).toBe('Measurements per 15 min');
    expect(draw(histogram, 'sum').title).toBe('Sum of seconds per 15 min');
    expect(draw({ kind: 'summary', unit: 's' }).title).toBe('Measurements per 15 min');
  });

  test('a change may be negative', () => {
    const drawn = draw({ monotonic: false, series: [{ group: '', points: points(2, -3) }] });
    expect(drawn).toMatchObject({ title: 'Change of tokens per 15 min', axis: { min: null } });
  });
});

test('values are written in their unit', () => {
  expect(axisOf('s', 0).value(0.812)).toBe('812\u00a0ms');
  expect(axisOf('ms', 0).value(812)).toBe('812\u00a0ms');
  expect(axisOf('By', 0).value(2_000_000)).toBe('2\u00a0MB');
  expect(axisOf('{token}', 0).value(1_200_000)).toBe('1.2M');
  expect(axisOf('1', 0).value(0.25)).toBe('0.25');
  expect(axisOf('s', 0).value(null)).toBe('-');
});

test.each([
  ['{token}', 'tokens'],
  ['{requests}', 'requests'],
  ['s', 'seconds'],
  ['1', ''],
  ['Cel', 'Cel'],
])('%s is %s', (unit, written) => expect(unitWords(unit)).toBe(written));
