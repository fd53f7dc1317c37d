import type { SeriesColor } from './palette.ts';

/** One histogram: shares of its bins, lowest first. `counts` are what they stand on. */
export interface SpreadSeries {
  name: string;
  color: SeriesColor;
  shares: readonly number[];
  counts: readonly number[];
}

/** Outline of a histogram in a box of 100 by 100, y downwards; `most` is the share at its top. Empty without shares. */
export function stairs(shares: readonly number[], most: number): string {
  if (shares.length === 0 || !(most > 0)) return '';
  const width = 100 / shares.length;
  const x = (at: number) => round(at * width);
  const steps = shares.map((share, at) => {
    const y = round(100 - (100 * share) / most);
    return `L${x(at)} ${y}L${x(at + 1)} ${y}`;
  });
  return `M0 100${steps.join('')}L100 100Z`;
}

const round = (value: number) => Number(value.toFixed(2));

/** The largest share of any bin, so that all share one scale. */
export const mostOf = (series: readonly Pick<SpreadSeries, 'shares'>[]): number =>
  Math.max(0, ...series.flatMap(({ shares }) => [...shares]));
