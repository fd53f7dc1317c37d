import type { ReconcileKind } from '#contract/reconcile.ts';
import { type Cell, callsKey, type Sides } from './sides.ts';

/** Tokens of one cell that our side counts a second time. */
export interface DoubleCounted {
  what: 'cache' | 'calls';
  services: string[];
  /** By day, of the kind they are counted in. */
  units: Map<Cell, number>;
  /** Calls counted twice; 0 for cache tokens. */
  calls: number;
}

/** More services than these are looked at only all together and one by one. */
const MOST_COMBINED = 8;
/** A double count must explain this much of the squared differences that are there without it. */
const EXPLAINS = 0.75;
/** Below this share of their tokens an excess is noise. */
const SMALLEST = 0.004;
/** Part of a day's tokens that may be on the next day of theirs. */
const DAY_EDGE = 0.02;

/**
 * Finds what our side counts twice in one model: whole calls of some services (two instrumentations of one client), or cache
 * tokens once more as plain input. By arithmetic: our excess must follow, day by day, the calls or the cache tokens of
 * these services. What is missing on our side at the same time is allowed for, by the share of calls (else of output
 * tokens) that is missing.
 */
export function findDoubleCounted(sides: Sides, model: string): DoubleCounted | null {
  const cells = sides.cells.filter(cell => cell.model === model && cell.theirUnits !== null);
  return wholeCalls(sides, model, cells) ?? cacheTokens(sides, model, cells);
}

/** With fewer days or calls a pattern over the days is chance. */
const FEWEST_DAYS = 4;
const FEWEST_CALLS = 100;
const caches: readonly ReconcileKind[] = ['cache_read', 'cache_write', 'cache_write_1h'];

/**
 * Whether there is too little of a model to tell tokens that are counted twice from tokens that are missing: the one can hide in the
 * other. Without cached tokens there is nothing to tell apart.
 */
export function isTooLittleToJudge(sides: Sides, model: string): boolean {
  const cells = sides.cells.filter(cell => cell.model === model);
  const compared = cells.filter(cell => cell.kind === 'input' && cell.theirUnits !== null);
  const days = new Set(compared.map(({ day }) => day));
  const cached = cells.some(cell => caches.includes(cell.kind) && cell.ourUnits > 0);
  if (days.size === 0 || !cached) return false;
  const calls = sum([...days].map(day => sides.calls.get(callsKey(day, model))?.ours ?? 0));
  return days.size < FEWEST_DAYS || calls < FEWEST_CALLS;
}

function wholeCalls(sides: Sides, model: string, cells: readonly Cell[]): DoubleCounted | null {
  const output = byDay(sides.days, cells, 'output');
  const excess = output.map(cell => (cell ? cell.ourUnits - cell.theirUnits! : 0));
  const services = servicesOf(cells);
  const found = bestSubset(
    services,
    excess,
    service => output.map(cell => cell?.byService.get(service) ?? 0),
    {
      // Counted twice is half of what these services say.
      factor: 0.5,
      whole: sum(output.map(cell => cell?.theirUnits ?? 0)),
    },
  );
  if (!found) return null;
  const units = new Map(cells.map(cell => [cell, ofServices(cell.byService, found) / 2]));
  let calls = 0;
  for (let day = 0; day < sides.days; day += 1) {
    calls += ofServices(sides.calls.get(callsKey(day, model))?.byService ?? new Map(), found) / 2;
  }
  return { what: 'calls', services: found, units, calls: Math.round(calls) };
}

function cacheTokens(sides: Sides, model: string, cells: readonly Cell[]): DoubleCounted | null {
  const input = byDay(sides.days, cells, 'input');
  const theirs = input.map(cell => cell?.theirUnits ?? 0);
  const surplus = input.map((cell, day) => (cell ? cell.ourUnits - theirs[day]! : 0));
  const cachesOf: readonly ReconcileKind[][] = [['cache_read'], [...caches]];
  const tried = cachesOf.flatMap(kinds => {
    const ofKinds = kinds.map(kind => byDay(sides.days, cells, kind));
    const seriesOf = (service: string) =>
      input.map((_, day) => sum(ofKinds.map(days => days[day]?.byService.get(service) ?? 0)));
    return missingShares(sides, model, cells).flatMap(missing => {
      const excess = surplus.map((value, day) => value + missing[day]! * theirs[day]!);
      // What we do not have cannot be less than nothing.
      const isPossible = (twice: readonly number[]) =>
        twice.every((value, day) => value - surplus[day]! >= -DAY_EDGE * theirs[day]!);
      const found = bestSubset(servicesOf(cells), excess, seriesOf, {
        factor: 1,
        whole: sum(theirs),
        isPossible,
      });
      return found ? [{ found, seriesOf, left: leftover(excess, found.map(seriesOf), 1) }] : [];
    });
  });
  const best = tried.sort((a, b) => a.left - b.left)[0];
  if (!best) return null;
  const units = new Map<Cell, number>();
  for (const [day, cell] of input.entries()) {
    if (cell) units.set(cell, sum(best.found.map(service => best.seriesOf(service)[day]!)));
  }
  return { what: 'cache', services: best.found, units, calls: 0 };
}

/**
 * Share of theirs that we do not have, by day, as several ways tell it: by calls where they are counted, by output, by
 * all other tokens; day by day, for a service that was away for a while, and over all days, where days are few calls.
 */
function missingShares(sides: Sides, model: string, cells: readonly Cell[]): number[][] {
  const days = Array.from({ length: sides.days }, (_, day) => day);
  const calls = days.map(day => sides.calls.get(callsKey(day, model)));
  const others = cells.filter(({ kind }) => kind !== 'input');
  const output = others.filter(({ kind }) => kind === 'output');
  const shareOf = (theirs: number, ours: number) => (theirs > 0 ? Math.max(0, 1 - ours / theirs) : 0);
  const ofCells = (own: readonly Cell[]) =>
    shareOf(sum(own.map(cell => cell.theirUnits ?? 0)), sum(own.map(cell => cell.ourUnits)));
  const counted = calls.some(one => one?.theirs);
  const whole = counted
    ? [shareOf(sum(calls.map(one => one?.theirs ?? 0)), sum(calls.map(one => one?.ours ?? 0)))]
    : [ofCells(output), ofCells(others)];
  const daily = days.map(day =>
    counted
      ? shareOf(calls[day]?.theirs ?? 0, calls[day]?.ours ?? 0)
      : ofCells(output.filter(cell => cell.day === day)),
  );
  return [daily, ...whole.map(share => days.map(() => share))];
}

interface Criteria {
  factor: number;
  /** Their tokens. */
  whole: number;
  /** Whether so many tokens a day can be counted twice. */
  isPossible?: (twice: readonly number[]) => boolean;
}

/**
 * The services whose series together leave the least of `excess`, squared over the days; null when no excess is there or none
 * explains enough of it.
 */
function bestSubset(
  services: readonly string[],
  excess: readonly number[],
  seriesOf: (service: string) => number[],
  { factor, whole, isPossible }: Criteria,
): string[] | null {
  if (sum(excess) < SMALLEST * whole || services.length === 0) return null;
  const series = new Map(services.map(service => [service, seriesOf(service)]));
  const without = leftover(excess, [], factor);
  let best: { services: string[]; left: number } | null = null;
  for (const subset of subsetsOf(services)) {
    const own = subset.map(service => series.get(service)!);
    if (isPossible && !isPossible(excess.map((_, day) => sum(own.map(of => of[day]!))))) continue;
    const left = leftover(excess, own, factor);
    if (!best || left < best.left) best = { services: subset, left };
  }
  return best && best.left < (1 - EXPLAINS) * without ? best.services : null;
}

function leftover(excess: readonly number[], series: readonly number[][], factor: number): number {
  return sum(excess.map((value, day) => (value - factor * sum(series.map(of => of[day]!))) ** 2));
}

/** All of them first, so that of equals the simplest holds. */
function subsetsOf(services: readonly string[]): string[][] {
  if (services.length > MOST_COMBINED) return [[...services], ...services.map(service => [service])];
  const all = 2 ** services.length;
  const subsets = Array.from({ length: all - 1 }, (_, bits) =>
    services.filter((_, at) => ((bits + 1) >> at) & 1),
  );
  return subsets.sort((a, b) => b.length - a.length);
}

function byDay(days: number, cells: readonly Cell[], kind: ReconcileKind): (Cell | undefined)[] {
  const found = new Array<Cell | undefined>(days).fill(undefined);
  for (const cell of cells) if (cell.kind === kind) found[cell.day] = cell;
  return found;
}

function servicesOf(cells: readonly Cell[]): string[] {
  return [...new Set(cells.flatMap(cell => [...cell.byService.keys()]))].sort();
}

const ofServices = (byService: ReadonlyMap<string, number>, services: readonly string[]) =>
  sum(services.map(service => byService.get(service) ?? 0));

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
