import type { ReconcileReason } from '#contract/reconcile.ts';
import { type DoubleCounted, findDoubleCounted } from './double-count.ts';
import { type Cell, callsKey, type Sides } from './sides.ts';

/** What one cell's difference is made of, in billionths of USD; the parts and `unexplained` sum to theirs − ours. */
export interface ExplainedCell {
  cell: Cell;
  theirNanos: bigint;
  parts: Map<ReconcileReason, bigint>;
  unexplained: bigint;
  /** Tokens of theirs that we never saw; negative: we have more. */
  missingUnits: number;
  doubledUnits: number;
  /** Their price / our price of these tokens; null: one of them is not known. */
  priceRatio: number | null;
}

export interface ExplainedModel {
  model: string;
  cells: ExplainedCell[];
  doubled: DoubleCounted | null;
  /** No line of the file is about it. */
  isOursOnly: boolean;
  /** We have no call of it. */
  isTheirsOnly: boolean;
}

export interface Explaining {
  /** Largest error of a cell that rounding of the file's amounts can make. */
  roundingNanos(cell: Cell): bigint;
}

/** Below this relative difference of prices it is rounding, not another price. */
const SAME_PRICE = 2e-4;
/** Our tokens may exceed theirs by this much because a call falls on the other side of midnight. */
const EDGE = 0.002;

/** Explains the difference of one model, cell by cell. */
export function explainModel(sides: Sides, model: string, explaining: Explaining): ExplainedModel {
  const cells = sides.cells.filter(cell => cell.model === model);
  const prices = pricesOf(cells);
  const isOursOnly = cells.every(cell => cell.theirUnits === null && cell.theirNanos === null);
  const isTheirsOnly = cells.every(cell => cell.ourUnits === 0 && cell.ourNanos === 0n);
  if (isOursOnly) return { model, cells: cells.map(oursOnly), doubled: null, isOursOnly, isTheirsOnly };
  const billed = impliedUnits(cells, prices, explaining);
  const doubled = findDoubleCounted({ ...sides, cells: billed.cells }, model);
  const doubledOf = (cell: Cell) => doubled?.units.get(billed.of.get(cell) ?? cell) ?? 0;
  const explained = cells.map(cell =>
    explainCell(cell, {
      units: (billed.of.get(cell) ?? cell).theirUnits,
      doubledUnits: doubledOf(cell),
      price: prices.of(cell),
      roundingNanos: explaining.roundingNanos(cell),
    }),
  );
  settleExcess(explained);
  settleUncounted(sides, model, explained);
  return { model, cells: explained, doubled, isOursOnly, isTheirsOnly };
}

interface Known {
  /** Theirs, said or implied by their money at the price. */
  units: number | null;
  doubledUnits: number;
  /** Nano-dollars per unit; null: neither side knows one. */
  price: number | null;
  roundingNanos: bigint;
}

function explainCell(cell: Cell, { units, doubledUnits, price, roundingNanos }: Known): ExplainedCell {
  const parts = new Map<ReconcileReason, bigint>();
  const missingUnits = (units ?? 0) - (cell.ourUnits - doubledUnits);
  // A file of tokens only is valued at our price.
  const theirNanos = cell.theirNanos ?? BigInt(Math.round((units ?? 0) * (price ?? 0)));
  const difference = theirNanos - cell.ourNanos;
  let priceRatio: number | null = null;
  if (price !== null && units !== null) {
    put(parts, 'not_instrumented', missingUnits * price);
    put(parts, 'double_counted', -doubledUnits * price);
    put(parts, 'unpriced', cell.ourUnpricedUnits * price);
    const atOurPrice = units * price;
    const byPrice = Number(theirNanos) - atOurPrice;
    if (atOurPrice > 0) priceRatio = Number(theirNanos) / atOurPrice;
    const isSame = Math.abs(byPrice) <= Math.max(SAME_PRICE * atOurPrice, Number(roundingNanos));
    put(parts, isSame ? 'rounding' : 'price_differs', byPrice);
  } else if (units === null && cell.ourNanos === 0n && cell.theirNanos !== null && cell.kind !== 'other') {
    // Money for what we have no price of: calls that we do have, or none.
    put(parts, cell.ourUnpricedUnits > 0 ? 'unpriced' : 'not_instrumented', Number(theirNanos));
  }
  // What rounding of the parts themselves leaves is a few billionths.
  const left = difference - sumOf(parts);
  if (price !== null && units !== null && left !== 0n)
    parts.set('rounding', (parts.get('rounding') ?? 0n) + left);
  const unexplained = difference - sumOf(parts);
  return {
    cell,
    theirNanos,
    parts,
    unexplained,
    missingUnits: units === null ? 0 : missingUnits,
    doubledUnits,
    priceRatio,
  };
}

/**
 * Where we have more than they billed and nothing says why, the difference is not explained. Days are taken together, as a
 * call near midnight may be on another day of theirs.
 */
function settleExcess(cells: ExplainedCell[]): void {
  for (const kind of new Set(cells.map(({ cell }) => cell.kind))) {
    const own = cells.filter(({ cell }) => cell.kind === kind);
    const missing = own.reduce((sum, { missingUnits }) => sum + missingUnits, 0);
    const theirs = own.reduce((sum, { cell }) => sum + (cell.theirUnits ?? 0), 0);
    if (missing >= -EDGE * theirs) continue;
    for (const explained of own) {
      const amount = explained.parts.get('not_instrumented') ?? 0n;
      explained.parts.delete('not_instrumented');
      explained.unexplained += amount;
    }
  }
}

/**
 * When all their calls are there and tokens are missing all the same, these are tokens of calls that we do have: answers
 * that were streamed without usage, say. Without such calls it is not known why.
 */
function settleUncounted({ calls, days }: Sides, model: string, cells: ExplainedCell[]): void {
  const counted = Array.from({ length: days }, (_, day) => calls.get(callsKey(day, model)));
  const theirs = counted.reduce((sum, one) => sum + (one?.theirs ?? 0), 0);
  const ours = counted.reduce((sum, one) => sum + (one?.ours ?? 0), 0);
  const [missing, all] = [
    cells.reduce((sum, one) => sum + one.missingUnits, 0),
    cells.reduce((sum, one) => sum + (one.cell.theirUnits ?? 0), 0),
  ];
  if (theirs === 0 || missing < 0.005 * all || 1 - ours / theirs > (0.2 * missing) / all) return;
  const uncounted = counted.some(one => one && one.ourUnpriced > 0);
  for (const cell of cells) {
    const amount = cell.parts.get('not_instrumented') ?? 0n;
    cell.parts.delete('not_instrumented');
    if (uncounted) cell.parts.set('unpriced', (cell.parts.get('unpriced') ?? 0n) + amount);
    else cell.unexplained += amount;
  }
}

/** A model they say nothing of at all: another account, or another provider's. */
function oursOnly(cell: Cell): ExplainedCell {
  return {
    cell,
    theirNanos: 0n,
    parts: new Map([['counted_more', -cell.ourNanos]]),
    unexplained: 0n,
    missingUnits: 0,
    doubledUnits: 0,
    priceRatio: null,
  };
}

/** What we pay per unit: of the day and kind, else of the kind over all days, else what they charge for it. */
function pricesOf(cells: readonly Cell[]): { of(cell: Cell): number | null } {
  const whole = new Map<string, { ours: Rate; theirs: Rate }>();
  for (const cell of cells) {
    const known = whole.get(cell.kind) ?? { ours: { units: 0, nanos: 0 }, theirs: { units: 0, nanos: 0 } };
    known.ours.units += cell.ourUnits - cell.ourUnpricedUnits;
    known.ours.nanos += Number(cell.ourNanos);
    if (cell.theirUnits !== null && cell.theirNanos !== null) {
      known.theirs.units += cell.theirUnits;
      known.theirs.nanos += Number(cell.theirNanos);
    }
    whole.set(cell.kind, known);
  }
  return {
    of(cell) {
      const today = rateOf({ units: cell.ourUnits - cell.ourUnpricedUnits, nanos: Number(cell.ourNanos) });
      const known = whole.get(cell.kind);
      return today ?? rateOf(known?.ours) ?? rateOf(known?.theirs);
    },
  };
}

interface Rate {
  units: number;
  nanos: number;
}

const rateOf = (rate: Rate | undefined) => (rate && rate.units > 0 ? rate.nanos / rate.units : null);

/**
 * A file of money only says tokens too, if the price is ours: except where all days and kinds of the model cost the same
 * multiple of what we have, which a discount does and missing calls do not.
 */
function impliedUnits(
  cells: readonly Cell[],
  prices: { of(cell: Cell): number | null },
  { roundingNanos }: Explaining,
): { cells: Cell[]; of: Map<Cell, Cell> } {
  const discount = steadyRatio(cells);
  const of = new Map<Cell, Cell>();
  for (const cell of cells) {
    const price = prices.of(cell);
    if (cell.theirUnits !== null || cell.theirNanos === null || !price) continue;
    const exact = Number(cell.theirNanos) / price / discount;
    // An amount that is rounded does not say that a few tokens are missing.
    const isSame = Math.abs(exact - cell.ourUnits) * price * discount <= Number(roundingNanos(cell));
    of.set(cell, { ...cell, theirUnits: isSame ? cell.ourUnits : exact });
  }
  return { cells: cells.map(cell => of.get(cell) ?? cell), of };
}

/** Their money / ours, when it is the same in every cell; else 1. */
function steadyRatio(cells: readonly Cell[]): number {
  const both = cells.filter(cell => (cell.theirNanos ?? 0n) > 0n && cell.ourNanos > 0n);
  const ratios = both.map(cell => Number(cell.theirNanos) / Number(cell.ourNanos));
  if (ratios.length < 3) return 1;
  const total =
    both.reduce((sum, cell) => sum + Number(cell.theirNanos), 0) /
    both.reduce((sum, cell) => sum + Number(cell.ourNanos), 0);
  return ratios.every(ratio => Math.abs(ratio / total - 1) < 1e-3) ? total : 1;
}

function put(parts: Map<ReconcileReason, bigint>, reason: ReconcileReason, nanos: number): void {
  const whole = BigInt(Math.round(nanos));
  if (whole !== 0n) parts.set(reason, (parts.get(reason) ?? 0n) + whole);
}

export const sumOf = (parts: ReadonlyMap<unknown, bigint>) =>
  [...parts.values()].reduce((sum, part) => sum + part, 0n);
