import { dayMs } from '../drift/season.ts';
import { OrderStatistics } from './order-statistics.ts';

/** Takes the next value of a series and says how far it is from what its past led one to expect; null while unknown. */
export type Residual = (timeMs: number, value: number) => number | null;

const leastHistory = 6;

/** From the median of everything before. */
export function fromLevel(): Residual {
  const past = new OrderStatistics();
  return (_, value) => {
    const residual = past.size < leastHistory ? null : value - past.median!;
    past.add(value);
    return residual;
  };
}

/** From the value before. */
export function fromPrevious(): Residual {
  let previous: number | null = null;
  return (_, value) => {
    const residual = previous === null ? null : value - previous;
    previous = value;
    return residual;
  };
}

const slotMs = 30 * 60_000;
const slotsPerDay = dayMs / slotMs;
const valuesPerSlot = 60;

interface Slot {
  values: number[];
  /** Days that have added to it, and the last one of them. */
  days: number;
  lastDay: number;
}

/**
 * From the median at the same half-hour: of the same weekday once three of them were seen, of any day (two at least) before.
 * The robust, growing form of the seasonal terms of drift/season.ts; times are read as UTC.
 */
export function fromSeason(): Residual {
  const slots = new Map<number, Slot>();
  const slotAt = (key: number): Slot => {
    const slot = slots.get(key) ?? { values: [], days: 0, lastDay: Number.NaN };
    slots.set(key, slot);
    return slot;
  };
  return (timeMs, value) => {
    const day = Math.floor(timeMs / dayMs);
    const slot = Math.floor((timeMs - day * dayMs) / slotMs);
    const anyDay = slotAt(slot);
    const sameWeekday = slotAt(slot + slotsPerDay * (1 + (((day % 7) + 7) % 7)));
    const used = sameWeekday.days >= 3 ? sameWeekday : anyDay;
    const residual = used.days >= 2 ? value - medianOf(used.values) : null;
    for (const each of [anyDay, sameWeekday]) {
      if (each.lastDay !== day) each.days += 1;
      each.lastDay = day;
      each.values.push(value);
      if (each.values.length > valuesPerSlot) each.values.shift();
    }
    return residual;
  };
}

const medianOf = (values: readonly number[]): number => Float64Array.from(values).sort()[values.length >> 1]!;

const spreadRows = 24;
// A constant stretch has ln sd = −∞: below a thousandth of the largest value a spread counts as none.
const leastSpread = 1e-3;

/** Of ln(sd of the last 24 values) from its own median. */
export function fromSpread(): Residual {
  const window: number[] = [];
  const past = new OrderStatistics();
  let largest = 0;
  return (_, value) => {
    window.push(value);
    largest = Math.max(largest, Math.abs(value));
    if (window.length <= spreadRows) return null;
    window.shift();
    const mean = window.reduce((sum, each) => sum + each, 0) / spreadRows;
    const variance = window.reduce((sum, each) => sum + (each - mean) ** 2, 0) / spreadRows;
    if (largest === 0) return null;
    const spread = Math.log(Math.sqrt(variance) / largest + leastSpread);
    const residual = past.size < leastHistory ? null : spread - past.median!;
    past.add(spread);
    return residual;
  };
}
