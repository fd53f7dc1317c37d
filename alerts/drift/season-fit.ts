import type { BucketStat } from './baseline.ts';
import { solveRidge } from './least-squares.ts';
import {
  bucketsPerWeek,
  dayMs,
  isWeekend,
  type SeasonModel,
  seasonAt,
  seasonDesign,
  termCount,
  weekdayOfSlot,
  weekSlot,
} from './season.ts';

export interface SeasonFit {
  /** Of the terms of season.ts. */
  coefficients: number[];
  /** Bucket means less the season. */
  residuals: number[];
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
 * variance, which is the positive-part James–Stein estimator (Efron, Morris, Stein's estimation rule and its competitors, 1973).
 */
export function fitSeason(buckets: readonly BucketStat[], model: SeasonModel): SeasonFit {
  const equations = normalEquations(buckets, model);
  const free = solve(equations);
  const residuals = residualsOf(buckets, model, free);
  if (model === 'day') return { coefficients: free, residuals, dayLevels: 1 };
  const days = dayTotals(buckets, residuals, free);
  const { share, weekdays, kinds } = shareByChance(days);
  const coefficients = solve(penalised(equations, days, share / (1 - share)));
  return {
    coefficients,
    residuals: residualsOf(buckets, model, coefficients),
    dayLevels: kinds + (weekdays - kinds) * (1 - share),
  };
}

const weightOf = (n: number): number => n / (1 + 0.02 * n);

/** Through one weight and one sum per slot of the week. */
function normalEquations(buckets: readonly BucketStat[], model: SeasonModel): NormalEquations {
  const weights = new Float64Array(bucketsPerWeek);
  const weightedMeans = new Float64Array(bucketsPerWeek);
  let totalWeight = 0;
  for (const { startMs, n, sum } of buckets) {
    const slot = weekSlot(startMs);
    const weight = weightOf(n);
    weights[slot] = weights[slot]! + weight;
    weightedMeans[slot] = weightedMeans[slot]! + weight * (sum / n);
    totalWeight += weight;
  }
  const terms = termCount[model];
  const gram = new Float64Array(terms * terms);
  const rhs = new Float64Array(terms);
  const design = seasonDesign[model];
  for (let slot = 0; slot < bucketsPerWeek; slot++) {
    const weight = weights[slot]!;
    if (weight === 0) continue;
    const row = design.subarray(slot * terms, (slot + 1) * terms);
    for (let i = 0; i < terms; i++) {
      const xi = row[i]!;
      if (xi === 0) continue;
      rhs[i] = rhs[i]! + weightedMeans[slot]! * xi;
      for (let j = 0; j <= i; j++) gram[i * terms + j] = gram[i * terms + j]! + weight * xi * row[j]!;
    }
  }
  return { gram, rhs, totalWeight };
}

function solve({ gram, rhs, totalWeight }: NormalEquations): number[] {
  const ridge = new Float64Array(rhs.length).fill(ridgeShare * totalWeight);
  ridge[0] = 0; // the level itself is not shrunk
  return solveRidge(gram, rhs, ridge);
}

/** The season is worked out once for each of the 672 slots of the week. */
function residualsOf(
  buckets: readonly BucketStat[],
  model: SeasonModel,
  coefficients: readonly number[],
): number[] {
  const season = new Float64Array(bucketsPerWeek).fill(Number.NaN);
  return buckets.map(({ startMs, n, sum }) => {
    const slot = weekSlot(startMs);
    if (Number.isNaN(season[slot])) season[slot] = seasonAt(model, coefficients, slot);
    return sum / n - season[slot]!;
  });
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
  buckets: readonly BucketStat[],
  residuals: readonly number[],
  coefficients: readonly number[],
): DayTotal[] {
  const days: DayTotal[] = [];
  buckets.forEach(({ startMs, n }, at) => {
    const day = Math.floor(startMs / dayMs);
    if (days.at(-1)?.day !== day) {
      const slot = weekSlot(startMs);
      days.push({ day, weekday: weekdayOfSlot(slot), isWeekend: isWeekend(slot), weight: 0, sum: 0 });
    }
    const total = days.at(-1)!;
    const ownLevel = total.weekday === 0 ? 0 : coefficients[total.weekday]!;
    total.weight += weightOf(n);
    total.sum += weightOf(n) * (residuals[at]! + ownLevel);
  });
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
