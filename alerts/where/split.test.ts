import { expect, test } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import type { Cell, Cells, Sums } from './cells.ts';
import { type Inside, isMixOnly, isNoPage, verdictOf } from './mix-only.ts';
import { movedValues, splitByDimension, splitByTraffic, splitShift, type TrafficSplit } from './split.ts';

const sums = (n: number, mean: number): Sums => ({ n, sum: n * mean, sumSq: n * (mean ** 2 + 0.04) });

/** Cells of any size and scale, many of them on one side only. */
function anyCells(seed: number): Cells {
  const random = seeded(seed);
  const scale = 10 ** (random.integer(9) - 4);
  const count = 1 + random.integer(60);
  const side = () =>
    random.next() < 0.2 ? sums(0, 0) : sums(1 + random.integer(5000), scale * (random.next() - 0.3));
  const cells = Array.from({ length: count }, (_, at) => ({
    values: [`t${at % 7}`, `l${at % 3}`, `p${at}`],
    before: side(),
    after: side(),
  }));
  return { dimensions: ['tenant', 'language', 'prompt'], cells };
}

test('mix and within add up to the shift, for any calls', () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const all = anyCells(seed);
    const parts = [
      splitShift(all.cells),
      ...all.dimensions.map(name => splitByDimension(all, name)),
      splitByTraffic(all, 1),
    ].filter(split => split !== null);
    for (const { shift, mix, within } of parts) {
      const size = Math.max(1, Math.abs(shift));
      expect(Math.abs(mix + within - shift) / size, `seed ${seed}`).toBeLessThan(1e-9);
    }
    const split = splitByDimension(all, 'tenant');
    const moved = movedValues(all).filter(({ dimension }) => dimension === 'tenant');
    const total = moved.reduce((sum, { mix }) => sum + mix, 0);
    if (split) expect(Math.abs(total - split.mix) / Math.max(1, Math.abs(split.mix))).toBeLessThan(1e-9);
  }
});

const two = (cells: Cell[]): Cells => ({ dimensions: ['tenant'], cells });
const drop = { shift: -0.1, minShift: 0.01 };
const inside = (split: TrafficSplit | null, causes: Inside['causes'] = []): Inside => ({ split, causes });

test('a harder tenant that grows is other traffic', () => {
  const all = two([
    { values: ['easy'], before: sums(9000, 0.9), after: sums(300, 0.9) },
    { values: ['hard'], before: sums(1000, 0.7), after: sums(400, 0.7) },
  ]);
  const split = splitByTraffic(all, 1);
  expect(split!.within).toBeCloseTo(0, 9);
  expect(isMixOnly(inside(split), drop)).toBe(true);
  expect(verdictOf(inside(split), drop)).toBe('mix');
  expect(movedValues(all)[0]!.mix).toBeLessThan(0);
});

test('the same calls answered worse are a regression, whatever the traffic does beside it', () => {
  const regression = two([
    { values: ['easy'], before: sums(9000, 0.9), after: sums(630, 0.8) },
    { values: ['hard'], before: sums(1000, 0.7), after: sums(70, 0.6) },
  ]);
  expect(isMixOnly(inside(splitByTraffic(regression, 1)), drop)).toBe(false);
  expect(verdictOf(inside(splitByTraffic(regression, 1)), drop)).toBe('regression');
  const both = two([
    { values: ['easy'], before: sums(9000, 0.9), after: sums(400, 0.84) },
    { values: ['hard'], before: sums(1000, 0.7), after: sums(400, 0.64) },
  ]);
  expect(isMixOnly(inside(splitByTraffic(both, 1)), drop)).toBe(false);
  expect(verdictOf(inside(splitByTraffic(both, 1)), drop)).toBe('both');
});

test('too few calls, other signs and no dimension of the traffic conclude nothing', () => {
  const few = two([
    { values: ['easy'], before: sums(900, 0.9), after: sums(6, 0.9) },
    { values: ['hard'], before: sums(100, 0.7), after: sums(6, 0.7) },
  ]);
  expect(isMixOnly(inside(splitByTraffic(few, 1)), drop)).toBe(false);
  expect(isMixOnly(inside(splitByTraffic(few, 1)), { ...drop, shift: 0.1 })).toBe(false);
  const prompts: Cells = {
    dimensions: ['prompt'],
    cells: [
      { values: ['v1'], before: sums(900, 0.9), after: sums(0, 0) },
      { values: ['v2'], before: sums(0, 0), after: sums(900, 0.7) },
    ],
  };
  const split = splitByTraffic(prompts, 1);
  expect(isMixOnly(inside(split), drop)).toBe(false);
  expect(splitByTraffic(two([]), 1)).toBeNull();
});

test('a mix that goes back stays one, and a cause that is clear by itself is told beside a mix', () => {
  const receded = two([
    { values: ['easy'], before: sums(9000, 0.9), after: sums(8850, 0.9) },
    { values: ['hard'], before: sums(1000, 0.7), after: sums(1150, 0.7) },
  ]);
  const left = { shift: -0.003, minShift: 0.01 };
  expect(isNoPage(inside(splitByTraffic(receded, 1)), left)).toBe(true);
  expect(isNoPage(inside(splitByTraffic(receded, 1)), drop)).toBe(false);
  const moved = two([
    { values: ['easy'], before: sums(9000, 0.9), after: sums(300, 0.89) },
    { values: ['hard'], before: sums(1000, 0.7), after: sums(400, 0.69) },
  ]);
  const split = splitByTraffic(moved, 1)!;
  const cause = { z: -9, pValue: 1e-16, explained: 0.1, isNew: false, insteadOf: null };
  expect(isNoPage(inside(split), drop)).toBe(true);
  expect(isNoPage(inside(split, [cause]), drop)).toBe(false);
  // What is new is compared with others, and they may have other traffic.
  expect(isNoPage(inside(split, [{ ...cause, isNew: true }]), drop)).toBe(true);
});
