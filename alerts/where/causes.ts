import type { CauseDimension } from '#contract/explanation.ts';
import { studentTwoSidedP } from '../drift/student-t.ts';
import {
  addSums,
  type Cell,
  type Cells,
  keyOf,
  noSums,
  outcomeDimensions,
  projected,
  type Sums,
  totalsOf,
  trafficDimensions,
  varianceOf,
} from './cells.ts';

export interface CauseCondition {
  dimension: CauseDimension;
  value: string;
}

/** Calls that changed unlike the others, in the metric's scale. */
export interface RankedCause {
  conditions: CauseCondition[];
  before: Sums;
  after: Sums;
  /** Share of the shift of the whole, 1 = all of it. */
  explained: number;
  /** Share of the calls after the change. */
  covered: number;
  z: number;
  /** Two-sided, times the number of segments tried (Bonferroni). */
  pValue: number;
  isNew: boolean;
  /** The value that lost most calls to it; null unless it is one new value. */
  insteadOf: string | null;
  /** Other conditions met by the same calls. */
  sameCalls: CauseCondition[][];
}

export interface RankedCauses {
  causes: RankedCause[];
  /** How many segments and pairs were tried. */
  tried: number;
}

interface Options {
  /** How much more values wander than independent ones would, ≥ 1. */
  inflation: number;
  mostCauses?: number;
}

const largestPValue = 0.01;
const smallestExplained = 0.1;
/** What a pair must explain more than its better half, per call covered, and how much likelier it must be. */
const pairGain = 0.1;
const pairLogGain = 3;
const bestValuesEach = 5;
const fewestCalls = 10;
const fewestReference = 3;
/** Less information than this share in all other calls is no contrast. */
const smallestContrast = 0.02;

/** A cell after the change against what was to be expected of it. */
interface Change {
  values: readonly string[];
  after: Sums;
  delta: number;
  information: number;
}

/**
 * Which calls changed unlike all others. Every cell (calls that agree in all dimensions) is compared with itself before the
 * change, so that no shift of shares can look like a cause; a cell with a value that is new is compared with the calls that
 * had another value in its place. A segment's change δ_S is the precision-weighted mean over its cells; it is ranked by
 * z = (δ_S − δ_rest) / √(1/I_S + 1/I_rest), whose half square is the gain in log likelihood of "S changed by its own amount",
 * less the logarithm of how many such segments there are. A cause found is taken out, and the search repeated.
 */
export function rankCauses(all: Cells, { inflation, mostCauses = 5 }: Options): RankedCauses {
  const strata = projected(
    all,
    all.dimensions.filter(name => !outcomeDimensions.includes(name)),
  );
  const totals = totalsOf(strata);
  if (totals.before.n === 0 || totals.after.n === 0) return { causes: [], tried: 0 };
  const shift = totals.after.sum / totals.after.n - totals.before.sum / totals.before.n;
  if (shift === 0) return { causes: [], tried: 0 };
  const arrived = arrivedValues(strata, totals);
  let changes = changesOf(strata, arrived, Math.max(1, inflation));
  const context = { strata, arrived, direction: Math.sign(shift), shift, callsAfter: totals.after.n };
  const causes: RankedCause[] = [];
  let tried = 0;
  while (causes.length < mostCauses) {
    const round = strongest(changes, context);
    tried ||= round.tried;
    if (!round.best) break;
    const { best } = round;
    causes.push(describe(best, strata, context, tried));
    changes = changes.map(change =>
      best.holds(change) ? { ...change, delta: change.delta - best.effect } : change,
    );
  }
  const common = inCommon(changes, context, tried);
  if (common && causes.length < mostCauses) {
    const cause = describe(common, strata, context, tried);
    const at = causes.findIndex(({ explained }) => explained < cause.explained);
    causes.splice(at === -1 ? causes.length : at, 0, cause);
  }
  return { causes, tried };
}

/**
 * What is left when every segment has been taken out, and all calls share, may come of something new that all of them have
 * now. Nothing stands beside it to compare it with, so it comes last.
 */
function inCommon(changes: readonly Change[], context: Context, tried: number): Candidate | null {
  const { strata, arrived, shift, callsAfter, direction } = context;
  const pools = new Map<string, Pool>();
  for (const change of changes) addTo(pools, '', change);
  const total = pools.get('');
  if (!total) return null;
  const effect = total.weighted / total.information;
  const z = effect * Math.sqrt(total.information);
  const explained = total.moved / callsAfter / shift;
  if (z * direction <= 0 || explained < smallestExplained || tried * pOf(z) > largestPValue) return null;
  for (const index of strata.dimensions.keys()) {
    const counts = new Map<string, number>();
    for (const { values, after } of changes) {
      counts.set(values[index]!, (counts.get(values[index]!) ?? 0) + after.n);
    }
    for (const [value, n] of counts) {
      if (n < (1 - smallestContrast) * total.n || arrived(index, value) === 'known') continue;
      const holds = ({ values }: Pick<Change, 'values'>) => values[index] === value;
      const covered = n / callsAfter;
      return { at: [{ index, value }], z, score: (z * z) / 2, effect, explained, covered, holds };
    }
  }
  return null;
}

/** `known` values were there before; what grew to twice its share is treated as if it came with the change. */
type Arrived = (dimension: number, value: string) => 'known' | 'grown' | 'new';

function arrivedValues({ dimensions, cells }: Cells, totals: { before: Sums; after: Sums }): Arrived {
  const counts = dimensions.map((_, index) => {
    const byValue = new Map<string, { before: number; after: number }>();
    for (const { values, before, after } of cells) {
      const count = byValue.get(values[index]!) ?? { before: 0, after: 0 };
      count.before += before.n;
      count.after += after.n;
      byValue.set(values[index]!, count);
    }
    return byValue;
  });
  return (index, value) => {
    const count = counts[index]!.get(value);
    if (!count) return 'known';
    const [before, after] = [count.before / totals.before.n, count.after / totals.after.n];
    if (count.after >= fewestCalls && before < Math.min(0.002, after / 10)) return 'new';
    const isOurs = !trafficDimensions.includes(dimensions[index]!);
    return isOurs && after >= before + 0.1 && after >= 2 * before ? 'grown' : 'known';
  };
}

function changesOf(strata: Cells, arrived: Arrived, inflation: number): Change[] {
  const variance = varianceOf(strata);
  const references = referenceFinder(strata, arrived);
  return strata.cells.flatMap(cell => {
    if (cell.after.n === 0) return [];
    const reference = references(cell);
    const spread = variance(cell.after) / cell.after.n + variance(reference) / reference.n;
    return [
      {
        values: cell.values,
        after: cell.after,
        delta: cell.after.sum / cell.after.n - reference.sum / reference.n,
        information: 1 / (spread * inflation),
      },
    ];
  });
}

/** What a cell is compared with: itself, else the calls like it but for what is new, else by traffic alone, else all. */
function referenceFinder({ dimensions, cells }: Cells, arrived: Arrived): (cell: Cell) => Sums {
  const everywhere = dimensions.map((_, index) => index);
  const traffic = everywhere.filter(index => trafficDimensions.includes(dimensions[index]!));
  const tables = new Map<string, Map<string, Sums>>();
  const lookUp = (kept: readonly number[], values: readonly string[]) => {
    const name = kept.join();
    let table = tables.get(name);
    if (!table) {
      table = new Map();
      for (const { values: of, before } of cells) {
        if (before.n === 0) continue;
        const key = keyOf(kept.map(index => of[index]!));
        table.set(key, addSums(table.get(key) ?? noSums, before));
      }
      tables.set(name, table);
    }
    return table.get(keyOf(kept.map(index => values[index]!)));
  };
  return ({ values }) => {
    const settled = everywhere.filter(index => arrived(index, values[index]!) === 'known');
    const settledTraffic = traffic.filter(index => settled.includes(index));
    for (const kept of [settled, settledTraffic]) {
      const found = lookUp(kept, values);
      if (found && found.n >= fewestReference) return found;
    }
    return lookUp([], values)!;
  };
}

interface Candidate {
  /** Indexes of the dimensions and their values. */
  at: readonly { index: number; value: string }[];
  z: number;
  /** z²/2 less ln of the number of its kind. */
  score: number;
  /** How much more it changed than all others. */
  effect: number;
  explained: number;
  covered: number;
  holds: (change: Pick<Change, 'values'>) => boolean;
}

interface Context {
  strata: Cells;
  arrived: Arrived;
  direction: number;
  shift: number;
  callsAfter: number;
}

/** Weighted sums of the changes in a segment. */
interface Pool {
  information: number;
  weighted: number;
  n: number;
  /** Σ n δ: what it adds to the shift, times all calls. */
  moved: number;
}

function addTo(pools: Map<string, Pool>, key: string, change: Change): void {
  const pool = pools.get(key) ?? { information: 0, weighted: 0, n: 0, moved: 0 };
  pool.information += change.information;
  pool.weighted += change.information * change.delta;
  pool.n += change.after.n;
  pool.moved += change.after.n * change.delta;
  pools.set(key, pool);
}

function strongest(changes: readonly Change[], context: Context): { best: Candidate | null; tried: number } {
  const whole = new Map<string, Pool>();
  for (const change of changes) addTo(whole, '', change);
  const total = whole.get('');
  if (!total) return { best: null, tried: 0 };
  const singles = context.strata.dimensions.flatMap((_, index) => singlesOf(changes, index, total, context));
  const pairs = pairsOf(changes, singles, total, context);
  const tried = singles.length + pairs.length;
  for (const one of singles) one.score -= Math.log(Math.max(1, singles.length));
  for (const one of pairs) one.score -= Math.log(Math.max(1, tried));
  const isCause = (one: Candidate) =>
    one.z * context.direction > 0 &&
    one.explained >= smallestExplained &&
    Math.min(1, tried * pOf(one.z)) <= largestPValue;
  const best = highest(singles.filter(isCause));
  const bestPair = highest(pairs.filter(isCause));
  if (!bestPair) return { best, tried };
  if (!best) return { best: bestPair, tried };
  const sharper =
    !addsUp(changes, bestPair, singles.length) &&
    bestPair.explained / bestPair.covered >= best.explained / best.covered + pairGain &&
    bestPair.score >= best.score + pairLogGain;
  return { best: sharper ? bestPair : best, tried };
}

/**
 * Whether two causes that happened to meet tell the changes at least as well as their meeting does: the gain of a
 * regression on both conditions (weighted least squares with a level of all) against that of the pair.
 */
function addsUp(changes: readonly Change[], pair: Candidate, singles: number): boolean {
  const [a, b] = pair.at.map(
    ({ index, value }) =>
      ({ values }: Change) =>
        values[index] === value ? 1 : 0,
  ) as [(change: Change) => number, (change: Change) => number];
  const mean = (read: (change: Change) => number) =>
    changes.reduce((sum, one) => sum + one.information * read(one), 0) /
    changes.reduce((sum, one) => sum + one.information, 0);
  const [meanA, meanB, level] = [mean(a), mean(b), mean(({ delta }) => delta)];
  const product = (one: (change: Change) => number, other: (change: Change) => number) =>
    changes.reduce((sum, change) => sum + change.information * one(change) * other(change), 0);
  const x = (change: Change) => a(change) - meanA;
  const y = (change: Change) => b(change) - meanB;
  const d = ({ delta }: Change) => delta - level;
  const [xx, yy, xy, xd, yd] = [product(x, x), product(y, y), product(x, y), product(x, d), product(y, d)];
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 1e-9 * xx * yy)) return false;
  const gain = (xd * xd * yy - 2 * xd * yd * xy + yd * yd * xx) / determinant / 2;
  return gain - 2 * Math.log(Math.max(1, singles)) >= pair.score;
}

const pOf = (z: number) => studentTwoSidedP(z, 1e6);

/** Of equals the first dimension of the list: causes before what comes with them. */
function highest(candidates: readonly Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>(
    (best, one) => (best === null || one.score > best.score + 1e-9 ? one : best),
    null,
  );
}

function singlesOf(changes: readonly Change[], index: number, total: Pool, context: Context): Candidate[] {
  const pools = new Map<string, Pool>();
  for (const change of changes) addTo(pools, change.values[index]!, change);
  return [...pools].flatMap(([value, pool]) => candidate([{ index, value }], pool, total, context) ?? []);
}

function pairsOf(
  changes: readonly Change[],
  singles: readonly Candidate[],
  total: Pool,
  context: Context,
): Candidate[] {
  const best = context.strata.dimensions.map((_, index) => {
    const own = singles.filter(({ at }) => at[0]!.index === index);
    const ranked = own.sort((one, other) => (other.z - one.z) * context.direction);
    return own.length < 2 ? [] : ranked.slice(0, bestValuesEach).map(({ at }) => at[0]!.value);
  });
  const found: Candidate[] = [];
  for (let one = 0; one < best.length; one += 1) {
    for (let other = one + 1; other < best.length; other += 1) {
      if (best[one]!.length === 0 || best[other]!.length === 0) continue;
      const pools = new Map<string, Pool>();
      for (const change of changes) {
        const [first, second] = [change.values[one]!, change.values[other]!];
        if (best[one]!.includes(first) && best[other]!.includes(second)) {
          addTo(pools, keyOf([first, second]), change);
        }
      }
      for (const [key, pool] of pools) {
        const [first, second] = JSON.parse(key) as [string, string];
        const at = [
          { index: one, value: first },
          { index: other, value: second },
        ];
        found.push(...(candidate(at, pool, total, context) ?? []));
      }
    }
  }
  return found;
}

/** Null for segments nothing can be said of: too few calls, or nothing to hold them against. */
function candidate(
  at: Candidate['at'],
  pool: Pool,
  total: Pool,
  { shift, callsAfter }: Context,
): [Candidate] | null {
  if (pool.n < fewestCalls) return null;
  const rest = total.information - pool.information;
  if (rest < smallestContrast * total.information) return null;
  const own = pool.weighted / pool.information;
  const holds = ({ values }: Pick<Change, 'values'>) =>
    at.every(({ index, value }) => values[index] === value);
  const of = {
    at,
    explained: pool.moved / callsAfter / shift,
    covered: pool.n / callsAfter,
    holds,
  };
  const effect = own - (total.weighted - pool.weighted) / rest;
  const z = effect / Math.sqrt(1 / pool.information + 1 / rest);
  return [{ ...of, z, score: (z * z) / 2, effect }];
}

function describe(best: Candidate, strata: Cells, context: Context, tried: number): RankedCause {
  const conditionOf = ({ index, value }: Candidate['at'][number]): CauseCondition => ({
    dimension: strata.dimensions[index]!,
    value,
  });
  const own = strata.cells.filter(best.holds);
  return {
    conditions: best.at.map(conditionOf),
    before: own.reduce((sum, cell) => addSums(sum, cell.before), noSums),
    after: own.reduce((sum, cell) => addSums(sum, cell.after), noSums),
    explained: best.explained,
    covered: best.covered,
    z: best.z,
    pValue: Math.min(1, tried * pOf(best.z)),
    isNew: best.at.some(({ index, value }) => context.arrived(index, value) === 'new'),
    insteadOf: best.at.length === 1 ? replacedBy(best.at[0]!, context) : null,
    sameCalls: sameCalls(best, context, conditionOf),
  };
}

function replacedBy({ index, value }: Candidate['at'][number], { strata, arrived }: Context): string | null {
  if (arrived(index, value) === 'known') return null;
  const { cells } = projected(strata, [strata.dimensions[index]!]);
  const totals = totalsOf({ dimensions: [], cells });
  const lost = ({ before, after }: Cell) => before.n / totals.before.n - after.n / totals.after.n;
  const most = cells.reduce((one, other) => (lost(other) > lost(one) ? other : one));
  return lost(most) > 0 ? most.values[0]! : null;
}

/** Single conditions of other dimensions that are met by nearly the same calls since the change. */
function sameCalls(
  best: Candidate,
  { strata: { dimensions, cells }, arrived }: Context,
  conditionOf: (at: Candidate['at'][number]) => CauseCondition,
): CauseCondition[][] {
  const others = dimensions
    .map((_, index) => index)
    .filter(index => best.at.every(one => one.index !== index));
  const own = cells.filter(best.holds).reduce((sum, cell) => sum + cell.after.n, 0);
  const all = cells.reduce((sum, cell) => sum + cell.after.n, 0);
  return others.flatMap(index => {
    const counts = new Map<string, { both: number; either: number }>();
    for (const cell of cells) {
      const value = cell.values[index]!;
      const count = counts.get(value) ?? { both: 0, either: 0 };
      count.either += cell.after.n;
      if (best.holds(cell)) count.both += cell.after.n;
      counts.set(value, count);
    }
    return [...counts]
      .filter(([value, { both, either }]) => {
        // What all calls have in common all the time names nothing.
        if (value === '' || (either >= 0.98 * all && arrived(index, value) === 'known')) return false;
        return both >= 0.98 * Math.max(own, either);
      })
      .map(([value]) => [conditionOf({ index, value })]);
  });
}
