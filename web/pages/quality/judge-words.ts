import { format } from '../../format.ts';
import { pointsText } from '../golden/words.ts';

interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/** `0.68 (0.51 \u2013 0.85)`; without an interval the figure alone, without a figure `-`. */
export function betweenText({ value, low, high }: Estimate): string {
  const ends = low === null || high === null ? '' : ` (${format.score(low)} \u2013 ${format.score(high)})`;
  return value === null ? format.score(null) : `${format.score(value)}${ends}`;
}

/** A difference of scores in points: `+9 pts (+6 pts to +12 pts)`. `difference` is the value where there is no other. */
export function pointsBetween(
  of: Omit<Estimate, 'value'> & { value?: number | null; difference?: number | null },
) {
  const value = of.value ?? of.difference ?? null;
  if (value === null) return pointsText(null);
  const ends =
    of.low === null || of.high === null ? '' : ` (${pointsText(of.low)} to ${pointsText(of.high)})`;
  return `${pointsText(value)}${ends}`;
}
