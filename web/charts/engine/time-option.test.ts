import { expect, test } from 'vitest';
import { format } from '../../format.ts';
import type { SketchProps } from '../sketch.tsx';
import { timeOption } from './time-option.ts';

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

const optionOf = (drawing: Pick<SketchProps, 'series' | 'scale' | 'axis'>) =>
  timeOption(
    { ...drawing, width: 600, height: 200, partialFromMs: null, partialToMs: undefined },
    palette,
    () => true,
  );

test('times are the wall clock of the zone, in the middle of their bucket', () => {
  const from = Date.parse('2026-11-10T23:00:00Z');
  const option = optionOf({
    series: [{ name: 'p95', color: 1, kind: 'line', points: [[from, 5]] }],
    scale: { fromMs: from, toMs: from + 86_400_000, stepMs: 3_600_000, zone: 'Europe/Paris' },
    axis: { min: 0, ticks: () => String, value: String },
  }) as { animation: boolean; xAxis: { min: number }; series: { data: { value: number[] }[] }[] };
  expect(option.animation).toBe(false);
  expect(option.xAxis.min).toBe(Date.parse('2026-11-11T00:00:00Z'));
  expect(option.series[0]?.data[0]?.value).toEqual([Date.parse('2026-11-11T00:30:00Z'), 5]);
});

test('a lone bar is as wide as its bucket', () => {
  const option = optionOf({
    series: [{ name: 'acked', color: 1, kind: 'bar', points: [[7_200_000, 5]] }],
    scale: { fromMs: 0, toMs: 86_400_000, stepMs: 3_600_000, zone: 'UTC' },
    axis: { min: 0, ticks: () => String, value: String },
  }) as { series: { data: { value: number[] }[] | number[][] }[] };
  expect(option.series[0]?.data.map(one => (Array.isArray(one) ? one : one.value))).toEqual([
    [9_000_000, 5],
    [12_600_000, null],
  ]);
});

test('a tick is written from its value alone, whatever the engine hands over beside it', () => {
  const option = optionOf({
    series: [],
    scale: { fromMs: 0, toMs: 86_400_000, stepMs: 3_600_000, zone: 'UTC' },
    axis: { min: 0, ticks: () => format.score, value: format.score },
  }) as { yAxis: { axisLabel: { formatter: (value: number, index: number) => string } } };
  expect([0, 0.25, 0.5, 0.75, 1].map(option.yAxis.axisLabel.formatter)).toEqual([
    '0.00',
    '0.25',
    '0.50',
    '0.75',
    '1.00',
  ]);
});

test('the axes have the ticks of the sketch', () => {
  const option = optionOf({
    series: [
      {
        name: 'p95',
        color: 1,
        kind: 'line',
        points: [
          [0, 7],
          [3_600_000, 31],
        ],
      },
    ],
    scale: { fromMs: 0, toMs: 86_400_000, stepMs: 3_600_000, zone: 'UTC' },
    axis: { min: 0, ticks: () => String, value: String },
  }) as {
    xAxis: { axisLabel: { customValues: number[]; formatter: (ms: number) => string } };
    yAxis: { min: number; max: number; axisLabel: { customValues: number[] } };
  };
  expect(option.yAxis).toMatchObject({ min: 0, max: 40, axisLabel: { customValues: [0, 10, 20, 30, 40] } });
  const { customValues, formatter } = option.xAxis.axisLabel;
  expect(customValues.slice(1, 4).map(formatter)).toEqual(['04:00', '08:00', '12:00']);
});
