import { normalQuantile } from '../sampling/student-t.ts';

/** A value with a 95 % interval; null where the data do not determine it. */
export interface Bounded {
  value: number | null;
  low: number | null;
  high: number | null;
}

const unknown: Bounded = { value: null, low: null, high: null };
const z = normalQuantile(0.975);

export type Weights = 'none' | 'linear' | 'quadratic';

/**
 * Cohen's kappa of a square table of counts [rater 1][rater 2], weighted or not, with the large-sample variance of Fleiss, Cohen and
 * Everitt, Psychol. Bull. 72 (1969) 323-327. Unknown when both raters use one category only.
 */
export function kappa(
  table: readonly (readonly number[])[],
  weights: Weights = 'none',
): Bounded & { se: number | null } {
  const k = table.length;
  const n = table.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  if (n === 0) return { ...unknown, se: null };
  const p = table.map(row => row.map(count => count / n));
  const rows = p.map(row => row.reduce((a, b) => a + b, 0));
  const columns = rows.map((_, j) => p.reduce((sum, row) => sum + row[j]!, 0));
  const w = (i: number, j: number) => weightOf(weights, i, j, k);
  const cells = rows.flatMap((_, i) => columns.map((__, j) => [i, j] as const));
  const observed = cells.reduce((sum, [i, j]) => sum + w(i, j) * p[i]![j]!, 0);
  const expected = cells.reduce((sum, [i, j]) => sum + w(i, j) * rows[i]! * columns[j]!, 0);
  if (expected >= 1) return { ...unknown, se: null };
  const value = (observed - expected) / (1 - expected);
  const rowWeight = rows.map((_, i) => columns.reduce((sum, share, j) => sum + share * w(i, j), 0));
  const columnWeight = columns.map((_, j) => rows.reduce((sum, share, i) => sum + share * w(i, j), 0));
  const spread = cells.reduce((sum, [i, j]) => {
    const term = w(i, j) - (rowWeight[i]! + columnWeight[j]!) * (1 - value);
    return sum + p[i]![j]! * term ** 2;
  }, 0);
  const centre = value - expected * (1 - value);
  const se = Math.sqrt(Math.max(0, spread - centre ** 2) / n) / (1 - expected);
  return { value, low: Math.max(-1, value - z * se), high: Math.min(1, value + z * se), se };
}

function weightOf(weights: Weights, i: number, j: number, k: number): number {
  if (weights === 'none') return i === j ? 1 : 0;
  const distance = Math.abs(i - j) / (k - 1);
  return weights === 'linear' ? 1 - distance : 1 - distance ** 2;
}

/**
 * Spearman's rank correlation, ties at their mean rank, with the interval of Bonett and Wright, Psychometrika 65 (2000) 23-28: Fisher's
 * transformation with variance (1 + r² / 2) / (n - 3).
 */
export function spearman(pairs: readonly (readonly [number, number])[]): Bounded {
  const value = correlation(ranks(pairs.map(([one]) => one)), ranks(pairs.map(([, other]) => other)));
  if (value === null) return unknown;
  if (pairs.length < 4 || Math.abs(value) === 1) return { value, low: null, high: null };
  const off = z * Math.sqrt((1 + value ** 2 / 2) / (pairs.length - 3));
  return { value, low: Math.tanh(Math.atanh(value) - off), high: Math.tanh(Math.atanh(value) + off) };
}

/** Ranks from 1; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const ranked = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let at = from; at < to; at += 1) ranked[order[at]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranked;
}

/** Pearson's; null when one side never varies. */
export function correlation(x: readonly number[], y: readonly number[]): number | null {
  const n = x.length;
  if (n < 2) return null;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let at = 0; at < n; at += 1) {
    const [dx, dy] = [x[at]! - mx, y[at]! - my];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null;
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
