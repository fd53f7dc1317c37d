import { chiSquareP } from './incomplete-gamma.ts';
import { requireSameLength, totalOf } from './sample.ts';

export interface Homogeneity {
  statistic: number;
  df: number;
  p: number;
}

/**
 * Pearson's chi-square test that two rows of counts over the same categories come from one distribution (Pearson, 1900).
 * A category that neither row has is left out; with fewer than two left there is nothing to compare (RangeError).
 */
export function chiSquareHomogeneity(reference: readonly number[], current: readonly number[]): Homogeneity {
  requireSameLength(reference, current, 'reference and current');
  const total = totalOf(reference, 'reference');
  const currentTotal = totalOf(current, 'current');
  let statistic = 0;
  let categories = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const column = reference[i]! + current[i]!;
    if (column === 0) continue;
    categories += 1;
    const share = column / (total + currentTotal);
    statistic += (reference[i]! - total * share) ** 2 / (total * share);
    statistic += (current[i]! - currentTotal * share) ** 2 / (currentTotal * share);
  }
  const df = categories - 1;
  if (df < 1) throw new RangeError('one category only: nothing to compare');
  return { statistic, df, p: chiSquareP(statistic, df) };
}

export interface Association {
  v: number;
  /** Bergsma's correction, which takes off what chance alone adds. */
  vBiasCorrected: number;
}

/**
 * Cramér's V of the same table, √(χ²/n / min(r − 1, c − 1)) (Cramér, Mathematical Methods of Statistics, 1946), and with the
 * bias taken off (Bergsma, A bias-correction for Cramér's V and Tschuprow's T, 2013).
 */
export function cramersV(reference: readonly number[], current: readonly number[]): Association {
  const { statistic, df } = chiSquareHomogeneity(reference, current);
  const n = totalOf(reference, 'reference') + totalOf(current, 'current');
  const rows = 2;
  const columns = df + 1;
  const phi2 = statistic / n;
  const v = Math.sqrt(phi2 / Math.min(rows - 1, columns - 1));
  if (n <= 1) return { v, vBiasCorrected: 0 };
  const corrected = Math.max(0, phi2 - ((columns - 1) * (rows - 1)) / (n - 1));
  const columnsCorrected = columns - (columns - 1) ** 2 / (n - 1);
  const rowsCorrected = rows - (rows - 1) ** 2 / (n - 1);
  const smaller = Math.min(columnsCorrected - 1, rowsCorrected - 1);
  return { v, vBiasCorrected: smaller > 0 ? Math.sqrt(corrected / smaller) : 0 };
}
