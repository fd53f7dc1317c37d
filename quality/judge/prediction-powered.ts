import { tQuantile } from '../sampling/student-t.ts';

export interface PoweredMean {
  value: number;
  low: number;
  high: number;
  /** From 0, where the judge adds nothing, to 1, where it is believed but for its bias. */
  power: number;
}

/** A mean over calls with what its variance follows from. `square` is n Σ w² (x - mean)² / (Σ w)²: square / n is the mean's variance. */
export interface Moments {
  n: number;
  mean: number;
  square: number;
}

export interface Labelled {
  human: number;
  judge: number;
  /** Inverse of the chance with which the call was chosen to be judged; default 1. */
  weight?: number;
}

export const fewestLabels = 10;

/**
 * The mean of what people would say of all calls, from few that they did label and a judge's scores of all: prediction-powered inference
 * (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, Science 382 (2023) 669-674) with the power tuning of PPI++ (Angelopoulos, Duchi and Zrnic,
 * arXiv 2311.01453, 2023, example 6.1):
 *
 *   value = l mean(f of the unlabelled) + mean(y - l f of the labelled),  l = cov(y, f) / ((1 + n / N) var(f)),
 *   variance = l² var(f of the unlabelled) / N + var(y - l f of the labelled) / n.
 *
 * With few labels the quantile is Student's t with n - 2 degrees, as mean and tuning are fitted to the same labels. `labelled` must be a
 * random sample of what is judged; null with fewer than ten labels.
 */
export function predictionPowered(
  labelled: readonly Labelled[],
  unlabelled: Moments,
  level = 0.95,
): PoweredMean | null {
  const n = labelled.length;
  if (n < fewestLabels) return null;
  const total = labelled.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const meanOf = (value: (one: Labelled) => number) =>
    labelled.reduce((sum, one) => sum + (one.weight ?? 1) * value(one), 0) / total;
  const y = meanOf(({ human }) => human);
  const f = meanOf(({ judge }) => judge);
  // n Σ w² a b / (Σ w)² · n / (n - lost): a plain covariance when all weights are alike.
  const product = (value: (one: Labelled) => number, lost: number) =>
    (labelled.reduce((sum, one) => sum + (one.weight ?? 1) ** 2 * value(one), 0) * n * n) /
    (total ** 2 * (n - lost));
  const shared = product(({ human, judge }) => (human - y) * (judge - f), 1);
  const own = product(({ judge }) => (judge - f) ** 2, 1);
  const { n: others } = unlabelled;
  const spread = (n * own + others * unlabelled.square) / (n + others);
  const isUseful = others > 1 && spread > 0;
  const power = isUseful ? Math.min(1, Math.max(0, shared / ((1 + n / others) * spread))) : 0;
  const value = power * (isUseful ? unlabelled.mean : 0) + y - power * f;
  const residual = product(({ human, judge }) => (human - y - power * (judge - f)) ** 2, 2);
  const variance = (isUseful ? (power ** 2 * unlabelled.square) / others : 0) + residual / n;
  const off = tQuantile(0.5 + level / 2, n - 2) * Math.sqrt(variance);
  return { value, low: value - off, high: value + off, power };
}

export function momentsOf(values: readonly number[]): Moments {
  const n = values.length;
  if (n === 0) return { n, mean: 0, square: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const square = n > 1 ? values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) : 0;
  return { n, mean, square };
}
