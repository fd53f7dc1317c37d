import { format } from './format.ts';

/** Money between the API and the eye. Amounts are decimal strings of USD with up to nine places; sums are exact. */

const PLACES = 9;

/** Whole nano-dollars of a decimal string of USD. */
export function nanosOf(usd: string): bigint {
  const negative = usd.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? usd.slice(1) : usd).split('.');
  const size = BigInt(whole + fraction.slice(0, PLACES).padEnd(PLACES, '0'));
  return negative ? -size : size;
}

/** The decimal string of nano-dollars, with all nine places. */
export function usdOf(nanos: bigint): string {
  const digits = String(nanos < 0n ? -nanos : nanos).padStart(PLACES + 1, '0');
  return `${nanos < 0n ? '-' : ''}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`;
}

export const sumUsd = (amounts: readonly string[]) =>
  usdOf(amounts.reduce((sum, usd) => sum + nanosOf(usd), 0n));

export const minusUsd = (usd: string, other: string) => usdOf(nanosOf(usd) - nanosOf(other));

/** Share of a whole, null when the whole is nothing. Good to about 15 digits, which is for the eye. */
export function shareOf(usd: string, whole: string): number | null {
  const all = nanosOf(whole);
  return all === 0n ? null : Number(nanosOf(usd)) / Number(all);
}

/** Relative change, null without a base. */
export function changeOf(now: string, before: string): number | null {
  const base = nanosOf(before);
  return base <= 0n ? null : Number(nanosOf(now) - base) / Number(base);
}

/** Every digit the ledger keeps, for titles: `$8,214.604999999`. */
export function exactUsd(usd: string): string {
  const text = usdOf(nanosOf(usd));
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  return `${text.startsWith('-') ? '−' : ''}$${format.full(Number(whole))}.${fraction}`;
}

/** `+$812` or `−$240.10`; `$0` has no sign. */
export function signedUsd(usd: string, place: 'chart' | 'table' = 'table'): string {
  const nanos = nanosOf(usd);
  const size = format.usd(usdOf(nanos < 0n ? -nanos : nanos), place);
  return nanos > 0n ? `+${size}` : nanos < 0n ? `−${size}` : size;
}
