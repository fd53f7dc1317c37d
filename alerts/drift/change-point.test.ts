import { expect, test } from 'vitest';
import type { Observation } from './baseline.ts';
import { dateChange } from './change-point.ts';
import { bucketMs } from './season.ts';

/** Deterministic standard normals (Box–Muller over a linear congruential generator). */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const series = (shifts: readonly number[], noise = () => 0): Observation[] =>
  shifts.map((shift, at) => ({
    startMs: at * bucketMs,
    n: 5,
    expected: 0.9,
    residual: shift + noise(),
    variance: 1,
  }));

test('without noise the first shifted bucket is found, in either direction', () => {
  const up = [...Array<number>(20).fill(0), ...Array<number>(10).fill(3)];
  expect(dateChange(series(up), 'up')).toMatchObject({ startMs: 20 * bucketMs });
  expect(dateChange(series(up.map(value => -value)), 'down')).toMatchObject({ startMs: 20 * bucketMs });
  expect(dateChange(series(up), 'down')).toBeNull();
});

test('worked by hand: S² / 2A of three buckets 0, 1, 2 with V = 1 is 1.5, 2.25, 2: the middle one', () => {
  expect(dateChange(series([0, 1, 2]), 'up')).toMatchObject({ startMs: bucketMs });
});

test('one wild bucket does not date a lasting shift', () => {
  const shifts = [0, 0, 0, 60, 0, 0, 0, 0, 0, 0, ...Array<number>(30).fill(3)];
  expect(dateChange(series(shifts), 'up')!.startMs).toBe(10 * bucketMs);
});

test('the interval covers the true start at least as often as it says', () => {
  const noise = normals(7);
  const runs = 600;
  let covered = 0;
  let errors = 0;
  for (let run = 0; run < runs; run += 1) {
    const start = 60 + (run % 40);
    const shifts = Array.from({ length: 140 }, (_, at) => (at >= start ? 1.2 : 0));
    const dated = dateChange(series(shifts, noise), 'up')!;
    errors += Math.abs(dated.startMs / bucketMs - start);
    if (dated.earliestMs <= start * bucketMs && dated.latestMs >= start * bucketMs) covered += 1;
  }
  expect(covered / runs).toBeGreaterThan(0.88);
  expect(errors / runs).toBeLessThan(2.5);
});
