import type { BucketColumns } from './bucket-columns.ts';
import { solveRidge } from './least-squares.ts';
import {
  bucketsPerDay,
  bucketsPerWeek,
  cosines,
  dailyHarmonics,
  firstWave,
  firstWeekendWave,
  isWeekend,
  type SeasonModel,
  seasonTable,
  sines,
  termCount,
  weekdayOfSlot,
} from './season.ts';

export interface SeasonFit {
  /** Of the terms of season.ts. */
  coefficients: number[];
  /** Bucket means less the season. */
  residuals: Float64Array;
  /** Free levels of days that were fitted, 1 to 7: a weekday drawn halfway to its kind counts as half of one. */
  dayLevels: number;
}

// Keeps directions that missing hours leave undetermined near zero; a well-filled fit moves by about 0.01 %.
const ridgeShare = 1e-4;
/** Weekdays that do not differ at all still keep this share of what sets them apart, to keep the equations well-conditioned. */
const leastKept = 0.001;

interface NormalEquations {
  gram: Float64Array;
  rhs: Float64Array;
  totalWeight: number;
}

/**
 * Weighted least squares of bucket means on the seasonal terms, weight n/(1 + 0.02 n). Four weeks show every weekday only four
 * times, so its own level would carry a quarter of the variance of a day into every expectation. The levels are therefore drawn
 * to the mean of their kind (working days, weekend) by as much as days differ by chance: the share MSE/MSB of a one-way analysis of
 * variance, which is the positive-part James–Stein estimator (Efron, Morris, Stein's estimation rule and its competitors, 1973). `into`
 * takes the residuals: as many as there are buckets.
 */
export function fitSeason(
  buckets: BucketColumns,
  model: SeasonModel,
  kept: WeekdaySums = noWeekdaySums(),
  into: Float64Array = new Float64Array(buckets.size),
): SeasonFit {
  const equations = normalEquations(buckets, model, kept);
  const free = solve(equations);
  const residuals = residualsOf(buckets, model, free, into);
  if (model === 'day') return { coefficients: free, residuals, dayLevels: 1 };
  const days = dayTotals(buckets, residuals, free);
  const { share, weekdays, kinds } = shareByChance(days);
  const coefficients = solve(penalised(equations, days, share / (1 - share)));
  return {
    coefficients,
    residuals: residualsOf(buckets, model, coefficients, residuals),
    dayLevels: kinds + (weekdays - kinds) * (1 - share),
  };
}

/** Turns a day of the fastest wave in a product of two: moments have one more, of no turn. */
const mostTurns = 2 * dailyHarmonics;
const momentCount = 2 * (mostTurns + 1);

/** Σ v cos(m a) of the values at the angles a of a day, m = 0 to 8 turns, and behind them Σ v sin(m a). */
type Moments = Float64Array;

/** Of every weekday, of all days and of weekends. */
interface WeekMoments {
  days: readonly Moments[];
  all: Moments;
  weekend: Moments;
}

/**
 * What the equations are made of, weekday by weekday. The references of one day and the next differ in a single weekday, so whoever
 * fits day after day keeps these, and says of which weekdays the buckets are others. The same buckets give the same bits.
 */
export interface WeekdaySums {
  /** Weekdays to be gone through again, as bits, Monday's being 1. */
  stale: number;
  /** Σ weight and Σ weight × mean at each of the 672 slots. */
  weights: Float64Array;
  weightedMeans: Float64Array;
  ofWeights: WeekMoments;
  ofMeans: WeekMoments;
}

export const allWeekdays = 0b1111111;

export const noWeekdaySums = (): WeekdaySums => ({
  stale: allWeekdays,
  weights: new Float64Array(bucketsPerWeek),
  weightedMeans: new Float64Array(bucketsPerWeek),
  ofWeights: noMoments(),
  ofMeans: noMoments(),
});

function noMoments(): WeekMoments {
  const memory = new Float64Array(9 * momentCount);
  const [all, weekend, ...days] = Array.from({ length: 9 }, (_, at) =>
    memory.subarray(at * momentCount, (at + 1) * momentCount),
  );
  return { all: all!, weekend: weekend!, days };
}

/**
 * From one weight and one sum per slot of the week. A product of two waves is half the sum of two waves of their difference and
 * their sum, so the equations follow from 17 moments of each weekday instead of from products at 672 slots.
 */
function normalEquations(buckets: BucketColumns, model: SeasonModel, kept: WeekdaySums): NormalEquations {
  const totalWeight = sumSlots(buckets, kept);
  const { ofWeights, ofMeans } = kept;
  takeMoments(kept.weights, mostTurns, ofWeights, kept.stale);
  takeMoments(kept.weightedMeans, dailyHarmonics, ofMeans, kept.stale);
  kept.stale = 0;
  const terms = termCount[model];
  const equations = { gram: new Float64Array(terms * terms), rhs: new Float64Array(terms), totalWeight };
  const first = firstWave[model];
  placeLevel(equations, 0, ofWeights.all, ofMeans.all);
  placeWaves(equations, first, [first], ofWeights.all, ofMeans.all);
  if (model === 'day') return equations;
  placeWaves(equations, firstWeekendWave, [first, firstWeekendWave], ofWeights.weekend, ofMeans.weekend);
  for (let weekday = 1; weekday < 7; weekday++) {
    placeLevel(equations, weekday, ofWeights.days[weekday]!, ofMeans.days[weekday]!);
    placeWeekdayWaves(equations, weekday, ofWeights.days[weekday]!);
  }
  return equations;
}

/** Sums up the stale weekdays by slot, in time order; the weight of all. */
function sumSlots(
  { size, weight, mean, slot }: BucketColumns,
  { stale, weights, weightedMeans }: WeekdaySums,
): number {
  for (let weekday = 0; weekday < 7; weekday++) {
    if ((stale & (1 << weekday)) === 0) continue;
    weights.fill(0, weekday * bucketsPerDay, (weekday + 1) * bucketsPerDay);
    weightedMeans.fill(0, weekday * bucketsPerDay, (weekday + 1) * bucketsPerDay);
  }
  let totalWeight = 0;
  for (let at = 0; at < size; at++) {
    const own = weight[at]!;
    totalWeight += own;
    const place = slot[at]!;
    if ((stale & (1 << weekdayOfSlot(place))) === 0) continue;
    weights[place]! += own;
    weightedMeans[place]! += own * mean[at]!;
  }
  return totalWeight;
}

const noon = bucketsPerDay / 2;
const [sums, differences] = [new Float64Array(noon), new Float64Array(noon)];

function takeMoments(
  values: Float64Array,
  highest: number,
  { all, weekend, days }: WeekMoments,
  stale: number,
): void {
  all.fill(0);
  weekend.fill(0);
  for (let weekday = 0; weekday < 7; weekday++) {
    const own = days[weekday]!;
    if ((stale & (1 << weekday)) !== 0) takeDay(values, weekday * bucketsPerDay, highest, own);
    for (let at = 0; at < momentCount; at++) {
      all[at]! += own[at]!;
      if (weekday >= 5) weekend[at]! += own[at]!;
    }
  }
}

function takeDay(values: Float64Array, from: number, highest: number, own: Moments): void {
  // Waves are mirrored at noon, cosines as they are and sines turned over: half a day of sums and differences does for both.
  for (let quarter = 1; quarter < noon; quarter++) {
    const [value, mirrored] = [values[from + quarter]!, values[from + bucketsPerDay - quarter]!];
    sums[quarter] = value + mirrored;
    differences[quarter] = value - mirrored;
  }
  for (let turns = 0; turns <= highest; turns++) {
    const place = turns * bucketsPerDay;
    let cos = values[from]! + values[from + noon]! * cosines[place + noon]!;
    let sin = 0;
    for (let quarter = 1; quarter < noon; quarter++) {
      cos += sums[quarter]! * cosines[place + quarter]!;
      sin += differences[quarter]! * sines[place + quarter]!;
    }
    own[turns] = cos;
    own[mostTurns + 1 + turns] = sin;
  }
}

/** Σ v × wave, in the order of the terms: cosine and sine of one turn, of two … */
const waveSum = (moments: Moments, wave: number): number =>
  moments[(wave % 2 === 0 ? 0 : mostTurns + 1) + (wave >> 1) + 1]!;

/** Σ v × wave × other wave. */
function productSum(moments: Moments, wave: number, other: number): number {
  const [turns, otherTurns] = [(wave >> 1) + 1, (other >> 1) + 1];
  const [both, apart] = [turns + otherTurns, Math.abs(turns - otherTurns)];
  if (wave % 2 === other % 2) return (moments[apart]! + (wave % 2 === 0 ? 1 : -1) * moments[both]!) / 2;
  const sign = Math.sign(wave % 2 === 1 ? turns - otherTurns : otherTurns - turns);
  return (moments[mostTurns + 1 + both]! + sign * moments[mostTurns + 1 + apart]!) / 2;
}

type Equations = Pick<NormalEquations, 'gram' | 'rhs'>;

/** The level of all days or of a weekday, against itself and that of all. */
function placeLevel({ gram, rhs }: Equations, term: number, weights: Moments, means: Moments): void {
  rhs[term] = means[0]!;
  gram[term * rhs.length] = weights[0]!;
  gram[term * rhs.length + term] = weights[0]!;
}

/** The level of a weekday against the waves of all days and of its kind. */
function placeWeekdayWaves({ gram, rhs }: Equations, weekday: number, weights: Moments): void {
  for (let wave = 0; wave < 2 * dailyHarmonics; wave++) {
    const sum = waveSum(weights, wave);
    gram[(firstWave.week + wave) * rhs.length + weekday] = sum;
    if (weekday >= 5) gram[(firstWeekendWave + wave) * rhs.length + weekday] = sum;
  }
}

/** Waves from the term `first` on, against the level and the waves from each of `columns` on. */
function placeWaves(
  { gram, rhs }: Equations,
  first: number,
  columns: readonly number[],
  weights: Moments,
  means: Moments,
): void {
  for (let wave = 0; wave < 2 * dailyHarmonics; wave++) {
    const line = (first + wave) * rhs.length;
    rhs[first + wave] = waveSum(means, wave);
    gram[line] = waveSum(weights, wave);
    for (const column of columns) {
      // The solver reads the lower triangle.
      const last = column === first ? wave : 2 * dailyHarmonics - 1;
      for (let other = 0; other <= last; other++) {
        gram[line + column + other] = productSum(weights, wave, other);
      }
    }
  }
}

function solve({ gram, rhs, totalWeight }: NormalEquations): number[] {
  const ridge = new Float64Array(rhs.length).fill(ridgeShare * totalWeight);
  ridge[0] = 0; // the level itself is not shrunk
  return solveRidge(gram, rhs, ridge);
}

function residualsOf(
  { size, mean, slot }: BucketColumns,
  model: SeasonModel,
  coefficients: readonly number[],
  residuals: Float64Array,
): Float64Array {
  const season = seasonTable(model, coefficients);
  for (let at = 0; at < size; at++) residuals[at] = mean[at]! - season[slot[at]!]!;
  return residuals;
}

interface DayTotal {
  day: number;
  /** 0 = Monday … 6 = Sunday. */
  weekday: number;
  isWeekend: boolean;
  weight: number;
  /** Σ weight × (mean less the waves of the day): its level and its weekday's. */
  sum: number;
}

function dayTotals(
  { size, weight, slot, day }: BucketColumns,
  residuals: Float64Array,
  coefficients: readonly number[],
): DayTotal[] {
  const days: DayTotal[] = [];
  let ownLevel = 0;
  for (let at = 0; at < size; at++) {
    if (at === 0 || day[at] !== day[at - 1]) {
      const weekday = weekdayOfSlot(slot[at]!);
      days.push({ day: day[at]!, weekday, isWeekend: isWeekend(slot[at]!), weight: 0, sum: 0 });
      ownLevel = weekday === 0 ? 0 : coefficients[weekday]!;
    }
    const total = days[days.length - 1]!;
    total.weight += weight[at]!;
    total.sum += weight[at]! * (residuals[at]! + ownLevel);
  }
  return days;
}

/** How much of what sets weekdays of a kind apart days differ by anyway: min(1, MSE/MSB), all but all when it cannot be told. */
function shareByChance(days: readonly DayTotal[]): { share: number; weekdays: number; kinds: number } {
  const all = squaresOf(days, ({ day }) => day);
  const ofWeekdays = squaresOf(days, ({ weekday }) => weekday);
  const ofKinds = squaresOf(days, day => Number(day.isWeekend));
  const [weekdays, kinds] = [ofWeekdays.groups, ofKinds.groups];
  const within = Math.max(0, all.squares - ofWeekdays.squares) / Math.max(1, all.groups - weekdays);
  const between = Math.max(0, ofWeekdays.squares - ofKinds.squares) / Math.max(1, weekdays - kinds);
  const share = between > within ? within / between : 1;
  return { share: Math.min(share, 1 - leastKept), weekdays, kinds };
}

/** Σ (Σ weighted values of a group)² / its weight: what the means of the groups explain. */
function squaresOf(days: readonly DayTotal[], groupOf: (day: DayTotal) => number) {
  const groups = new Map<number, { weight: number; sum: number }>();
  for (const day of days) {
    const group = groups.get(groupOf(day)) ?? { weight: 0, sum: 0 };
    group.weight += day.weight;
    group.sum += day.sum;
    groups.set(groupOf(day), group);
  }
  let squares = 0;
  for (const { weight, sum } of groups.values()) squares += sum ** 2 / weight;
  return { squares, groups: groups.size };
}

/** Adds λ Σ (level of a weekday − mean of its kind)², λ = `strength` × the mean weight of a weekday of the kind. */
function penalised(equations: NormalEquations, days: readonly DayTotal[], strength: number): NormalEquations {
  const terms = equations.rhs.length;
  const gram = equations.gram.slice();
  // Monday is the level that the others are measured from: it has no term.
  for (const kind of [
    [0, 1, 2, 3, 4],
    [5, 6],
  ]) {
    const weight = days
      .filter(({ weekday }) => kind.includes(weekday))
      .reduce((total, day) => total + day.weight, 0);
    const penalty = (strength * weight) / kind.length;
    for (const i of kind.filter(weekday => weekday > 0)) {
      for (const j of kind.filter(weekday => weekday > 0 && weekday <= i)) {
        const at = i * terms + j;
        gram[at] = gram[at]! + penalty * ((i === j ? 1 : 0) - 1 / kind.length);
      }
    }
  }
  return { ...equations, gram };
}
