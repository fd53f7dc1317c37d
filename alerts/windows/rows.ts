import type { WindowTestRow } from '#contract/compare-tests.ts';
import { momentsOf, welch } from '../drift/shift.ts';
import { studentTwoSidedP } from '../drift/student-t.ts';
import { chiSquareHomogeneity, cramersV } from '../statistics/categories.ts';
import { compareWindows } from '../statistics/compare-windows.ts';
import { mannWhitney } from '../statistics/mann-whitney.ts';
import { twoProportionZ } from '../statistics/proportions.ts';

/** A row before its p is adjusted. */
export type BareRow = Omit<WindowTestRow, 'p_adjusted' | 'differs'>;
type Sides<T> = Record<'control' | 'candidate', T | null>;
type Unit = WindowTestRow['unit'];

interface Sums {
  n: number;
  sum: number;
  sumSq: number;
  median: number;
}

/** Fewer values on a side are not tested, fewer than the second are tested and said to be few. */
const leastValues = 5;
const fewValues = 30;
/** PSI of two equal samples is about (bins − 1)(1/n₁ + 1/n₂): below this it is noise. */
const shapeFrom = 500;
const leastExpected = 5;
/** A page waits for it: above this the normal has to do. */
const exactPairs = 2500;

/** Welch's test of the means; the bins of a number add a row for its shape. */
export function meanRow(measure: string, unit: Unit, sides: Sides<Sums>): BareRow {
  const [before, after] = [sides.control, sides.candidate].map(side => side && momentsOf(side));
  const row: BareRow = {
    ...nothing(measure, 'welch', unit),
    control: figure(before?.n, before?.mean),
    candidate: figure(after?.n, after?.mean),
  };
  const few = fewOf(row);
  if (!before || !after) return { ...row, note: few };
  const effect = after.mean - before.mean;
  const pooled = Math.sqrt((before.variance + after.variance) / 2);
  const error = Math.sqrt(before.variance / before.n + after.variance / after.n);
  const told = { ...row, effect, relative: before.mean > 0 ? effect / before.mean : null, note: few };
  if (Math.min(before.n, after.n) < leastValues) return told;
  const test = welch(after, before);
  if (test === null) {
    return { ...told, note: 'No value differs from another on either side: nothing to judge by.' };
  }
  const reach = studentQuantile(test.df) * error;
  return {
    ...told,
    low: effect - reach,
    high: effect + reach,
    strength: effect / pooled,
    p: test.pTwoSided,
  };
}

/** Kolmogorov–Smirnov on 4 % wide bins, with the effect sizes of a changed shape. */
export function shapeRow(
  measure: string,
  unit: Unit,
  sides: Sides<Sums & { bins: ReadonlyMap<number, number> }>,
): BareRow {
  const { control, candidate } = sides;
  const row: BareRow = {
    ...nothing(measure, 'kolmogorov_smirnov', unit),
    control: figure(control?.n, control?.median),
    candidate: figure(candidate?.n, candidate?.median),
  };
  const few = fewOf(row);
  if (!control || !candidate || Math.min(control.n, candidate.n) < leastValues) return { ...row, note: few };
  const { ks, psi, jensenShannon, wasserstein1PerSd } = compareWindows([control], [candidate]);
  const enough = Math.min(control.n, candidate.n) >= shapeFrom;
  return {
    ...row,
    effect: ks.d,
    strength: ks.d,
    p: ks.p,
    shape: enough ? { psi, jensen_shannon: jensenShannon, wasserstein_per_sd: wasserstein1PerSd } : null,
    note: few,
  };
}

/** Two-proportion z with the variance pooled; Wald's interval. */
export function rateRow(measure: string, sides: Sides<{ n: number; hits: number }>): BareRow {
  const { control, candidate } = sides;
  const share = (side: { n: number; hits: number } | null) =>
    side && side.n > 0 ? side.hits / side.n : null;
  const [before, after] = [share(control), share(candidate)];
  const row: BareRow = {
    ...nothing(measure, 'two_proportion_z', 'share'),
    control: figure(control?.n, before),
    candidate: figure(candidate?.n, after),
  };
  const few = fewOf(row);
  if (before === null || after === null || !control || !candidate) return { ...row, note: few };
  const effect = after - before;
  const told = { ...row, effect, relative: before > 0 ? effect / before : null, note: few };
  if (Math.min(control.n, candidate.n) < leastValues) return told;
  const hits = control.hits + candidate.hits;
  const n = control.n + candidate.n;
  const strength = 2 * Math.asin(Math.sqrt(after)) - 2 * Math.asin(Math.sqrt(before));
  if (hits === 0 || hits === n)
    return { ...told, effect: 0, strength: 0, note: 'The same in every call of both.' };
  const reach =
    1.959964 * Math.sqrt((before * (1 - before)) / control.n + (after * (1 - after)) / candidate.n);
  const expected = (Math.min(hits, n - hits) / n) * Math.min(control.n, candidate.n);
  return {
    ...told,
    low: effect - reach,
    high: effect + reach,
    strength,
    p: twoProportionZ(
      { successes: candidate.hits, n: candidate.n },
      { successes: control.hits, n: control.n },
    ).pPooled,
    note: few || (expected < leastExpected ? 'Fewer than 5 cases to be expected on a side: p is rough.' : ''),
  };
}

/** Ranks of raw values: whether one side tends to be higher, whatever its mean. */
export function rankRow(
  measure: string,
  unit: Unit,
  sides: Sides<Sums & { values: readonly number[] }>,
): BareRow {
  const { control, candidate } = sides;
  const row: BareRow = {
    ...nothing(measure, 'mann_whitney', unit),
    control: figure(control?.n, control?.median),
    candidate: figure(candidate?.n, candidate?.median),
  };
  const few = fewOf(row);
  if (!control || !candidate || Math.min(control.n, candidate.n) < leastValues) return { ...row, note: few };
  const values = [...control.values, ...candidate.values];
  if (values.every(value => value === values[0]))
    return { ...row, effect: 0, strength: 0, note: 'All values are equal.' };
  const tested = mannWhitney(candidate.values, control.values, exactPairs);
  const sampled = control.values.length < control.n || candidate.values.length < candidate.n;
  return {
    ...row,
    effect: tested.superiority - 0.5,
    strength: 2 * tested.superiority - 1,
    p: tested.pExact ?? tested.pAsymptoticContinuity,
    note: few || (sampled ? 'Ranks of a sample of the values.' : ''),
  };
}

/** Chi-square over the values of a dimension; those too rare to be tested alone are one. */
export function categoryRow(
  measure: string,
  values: readonly { value: string; control: number; candidate: number }[],
): BareRow {
  const total = (side: 'control' | 'candidate') => values.reduce((sum, one) => sum + one[side], 0);
  const n = { control: total('control'), candidate: total('candidate') };
  const top = (side: 'control' | 'candidate') => {
    const most = values.reduce((best, one) => (one[side] > best[side] ? one : best));
    const text = n[side] > 0 ? most.value || '(none)' : null;
    return { n: n[side], value: n[side] > 0 ? most[side] / n[side] : null, text };
  };
  const row: BareRow = {
    ...nothing(measure, 'chi_square', 'none'),
    control: top('control'),
    candidate: top('candidate'),
  };
  const few = fewOf(row);
  if (Math.min(n.control, n.candidate) < leastValues) return { ...row, note: few };
  const smaller = Math.min(n.control, n.candidate) / (n.control + n.candidate);
  const isRare = (one: { control: number; candidate: number }) =>
    (one.control + one.candidate) * smaller < leastExpected;
  const kept = values.filter(one => !isRare(one));
  const rare = values.filter(isRare);
  const together = {
    control: rare.reduce((sum, one) => sum + one.control, 0),
    candidate: rare.reduce((sum, one) => sum + one.candidate, 0),
  };
  const cells = isRare(together) ? kept : [...kept, together];
  if (cells.length < 2) return { ...row, note: few || 'Too few calls of any second value to compare.' };
  const [before, after] = [cells.map(({ control }) => control), cells.map(({ candidate }) => candidate)];
  const { vBiasCorrected } = cramersV(before, after);
  const left = isRare(together) ? 'are left out' : 'count as one';
  return {
    ...row,
    effect: vBiasCorrected,
    strength: vBiasCorrected,
    p: chiSquareHomogeneity(before, after).p,
    note: few || (rare.length > 0 ? `${rare.length} rare values ${left}.` : ''),
  };
}

const nothing = (measure: string, test: WindowTestRow['test'], unit: Unit): BareRow => ({
  measure,
  test,
  unit,
  control: figure(0, null),
  candidate: figure(0, null),
  effect: null,
  low: null,
  high: null,
  relative: null,
  strength: null,
  p: null,
  shape: null,
  note: '',
});

const figure = (n: number | undefined, value: number | null | undefined) => ({
  n: n ?? 0,
  value: value ?? null,
  text: null,
});

/** Says which side is small; empty when none is. */
function fewOf({ control, candidate }: Pick<BareRow, 'control' | 'candidate'>): string {
  const least = control.n <= candidate.n ? { n: control.n, name: 'A' } : { n: candidate.n, name: 'B' };
  if (least.n === 0) return `No values in ${least.name}.`;
  if (least.n < leastValues) return `Only ${least.n} in ${least.name}: too few to test.`;
  return least.n < fewValues ? `Only ${least.n} in ${least.name}: a small sample says little.` : '';
}

/** t with a two-sided tail of 5 %, by halving. */
function studentQuantile(df: number): number {
  let [low, high] = [1.9, 13];
  for (let turn = 0; turn < 60; turn += 1) {
    const middle = (low + high) / 2;
    if (studentTwoSidedP(middle, df) > 0.05) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
