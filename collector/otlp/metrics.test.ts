import { describe, expect, test } from 'vitest';
import { decodeMetrics } from './decode.ts';

const receivedAtMs = Date.UTC(2026, 10, 21, 12);
const timeUnixNano = String(BigInt(receivedAtMs) * 1_000_000n);
const ctx = { projectId: 'default', receivedAtMs, retentionDays: 90 };

function onlyPoint(data: Record<string, unknown>) {
  const metrics = [{ name: 'm', ...data }];
  const body = Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  const { points, rejected } = decodeMetrics(body, 'json', ctx);
  expect(rejected).toEqual([]);
  return points[0]!;
}

const exponential = (point: Record<string, unknown>) =>
  onlyPoint({ exponentialHistogram: { dataPoints: [{ timeUnixNano, ...point }] } });

describe('exponential buckets as explicit ones', () => {
  test('zeros stay zeros, however far away the other values are', () => {
    // Scale 0: base 2. Offset 9: (512, 1024], then (1024, 2048].
    const point = exponential({
      count: '9',
      scale: 0,
      zeroCount: '4',
      positive: { offset: 9, bucketCounts: ['2', '3'] },
    });
    expect(point.bounds).toEqual([0, 512, 1024, 2048]);
    expect(point.bucketCounts).toEqual([4n, 0n, 2n, 3n, 0n]);
  });

  test('reach as far as the zero threshold, with negative values mirrored', () => {
    // Scale 1: base √2. Offset 2: (2, 2√2]; mirrored: [-2√2, -2).
    const point = exponential({
      count: '6',
      scale: 1,
      zeroCount: '1',
      zeroThreshold: 0.5,
      positive: { offset: 2, bucketCounts: ['3'] },
      negative: { offset: 2, bucketCounts: ['2'] },
    });
    const edge = 2 ** 1.5;
    expect(point.bounds).toEqual([-edge, -2, -0.5, 0.5, 2, edge]);
    expect(point.bucketCounts).toEqual([0n, 2n, 0n, 1n, 0n, 3n, 0n]);
  });

  test('begin at the threshold when nothing is between', () => {
    const point = exponential({
      count: '3',
      scale: 0,
      zeroCount: '1',
      zeroThreshold: 1,
      positive: { offset: 0, bucketCounts: ['2'] },
    });
    expect(point.bounds).toEqual([1, 2]);
    expect(point.bucketCounts).toEqual([1n, 2n, 0n]);
  });

  test('of zeros alone', () => {
    const point = exponential({ count: '5', scale: 20, zeroCount: '5' });
    expect(point.bounds).toEqual([0]);
    expect(point.bucketCounts).toEqual([5n, 0n]);
  });

  test('are left out when a boundary is no number, and count and sum stay', () => {
    const point = exponential({
      count: '1',
      sum: 3,
      scale: -10,
      positive: { offset: 900, bucketCounts: ['1'] },
    });
    expect(point).toMatchObject({ count: 1n, sum: 3, bounds: [], bucketCounts: [] });
  });
});

describe('a point that says there is no value', () => {
  test('has none', () => {
    const dataPoints = [{ timeUnixNano, asInt: '0', flags: 1 }];
    expect(onlyPoint({ sum: { dataPoints } }).value).toBeNull();
    expect(onlyPoint({ gauge: { dataPoints: [{ timeUnixNano, asInt: '0' }] } }).value).toBe(0);
  });

  test('has no count either', () => {
    const nothing = {
      timeUnixNano,
      count: '0',
      sum: 0,
      bucketCounts: ['0', '0'],
      explicitBounds: [1],
      flags: 1,
    };
    const unknown = { count: null, sum: null, bounds: [], bucketCounts: [] };
    expect(onlyPoint({ histogram: { dataPoints: [nothing] } })).toMatchObject(unknown);
    expect(exponential({ ...nothing, scale: 0 })).toMatchObject(unknown);
    expect(onlyPoint({ summary: { dataPoints: [{ ...nothing, sum: 0 }] } })).toMatchObject(unknown);
  });
});
