import { expect, test } from 'vitest';
import { format } from '../format.ts';
import { type ChartMarker, clusters } from './markers.tsx';
import { coarser, sparkPath } from './sparkline.tsx';
import { bucketLabel, timeOption } from './time-option.ts';

const palette = {
  bg: '#fff',
  surface: '#eee',
  ink: '#000',
  muted: '#777',
  accent: '#00f',
  critical: '#f00',
  line: '#ccc',
  control: '#999',
  series: ['#1', '#2'],
};

test('times are the wall clock of the zone, in the middle of their bucket', () => {
  const from = Date.parse('2026-11-10T23:00:00Z');
  const option = timeOption({
    series: [{ name: 'p95', color: 1, kind: 'line', points: [[from, 5]] }],
    scale: { fromMs: from, toMs: from + 86_400_000, stepMs: 3_600_000, zone: 'Europe/Paris' },
    axis: { min: 0, ticks: () => String, value: String },
    palette,
    width: 600,
    isHovered: () => true,
  }) as { animation: boolean; xAxis: { min: number }; series: { data: { value: number[] }[] }[] };
  expect(option.animation).toBe(false);
  expect(option.xAxis.min).toBe(Date.parse('2026-11-11T00:00:00Z'));
  expect(option.series[0]?.data[0]?.value).toEqual([Date.parse('2026-11-11T00:30:00Z'), 5]);
});

test('a lone bar is as wide as its bucket', () => {
  const option = timeOption({
    series: [{ name: 'acked', color: 1, kind: 'bar', points: [[7_200_000, 5]] }],
    scale: { fromMs: 0, toMs: 86_400_000, stepMs: 3_600_000, zone: 'UTC' },
    axis: { min: 0, ticks: () => String, value: String },
    palette,
    width: 600,
    isHovered: () => true,
  }) as { series: { data: { value: number[] }[] | number[][] }[] };
  expect(option.series[0]?.data.map(one => (Array.isArray(one) ? one : one.value))).toEqual([
    [9_000_000, 5],
    [12_600_000, null],
  ]);
});

test('a tick is written from its value alone, whatever the engine hands over beside it', () => {
  const option = timeOption({
    series: [],
    scale: { fromMs: 0, toMs: 86_400_000, stepMs: 3_600_000, zone: 'UTC' },
    axis: { min: 0, ticks: () => format.score, value: format.score },
    palette,
    width: 600,
    isHovered: () => true,
  }) as { yAxis: { axisLabel: { formatter: (value: number, index: number) => string } } };
  expect([0, 0.25, 0.5, 0.75, 1].map(option.yAxis.axisLabel.formatter)).toEqual([
    '0.00',
    '0.25',
    '0.50',
    '0.75',
    '1.00',
  ]);
});

test('markers that would cover each other become one', () => {
  const at = (atMs: number): ChartMarker => ({ atMs, kind: 'model', label: 'm' });
  expect(clusters([at(30), at(0), at(5), at(11)], 10).map(group => group.map(one => one.atMs))).toEqual([
    [0, 5],
    [11],
    [30],
  ]);
});

test('a sparkline breaks where data is missing and is flat without change', () => {
  expect(
    sparkPath([
      [0, 1],
      [1, null],
      [2, 3],
      [4, 1],
    ]),
  ).toBe('M0.0 24.0M50.0 0.0L100.0 24.0');
  expect(
    sparkPath([
      [0, 2],
      [1, 2],
    ]),
  ).toBe('M0.0 12.0L100.0 12.0');
  expect(sparkPath([[0, 2]])).toBe('');
});

test('a bucket names its time', () => {
  const wall = Date.parse('2026-11-10T14:00:00Z');
  expect(bucketLabel(wall, 900_000)).toMatch(/14:00 – 14:15$/);
  expect(bucketLabel(wall, 86_400_000)).not.toMatch(/14/);
});

test('a long sparkline is made of means, and missing stays missing', () => {
  const points = Array.from({ length: 96 }, (_, at): [number, number | null] => [at, at < 2 ? null : at % 2]);
  const means = coarser(points);
  expect(means.length).toBe(48);
  expect(means.slice(0, 2)).toEqual([
    [0, null],
    [2, 0.5],
  ]);
});
