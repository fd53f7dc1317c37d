import { tQuantile } from '../sampling/student-t.ts';

export interface PoweredMean {
  value: number;
  low: number;
  high: number;
  /** From 0, where the judge adds nothing, to 1, where it is believed but for its bias. */
  power: number;
}

/**
 * The mean of what people would say of all calls, from few that they did label and a judge's scores of all: prediction-powered inference
 * (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, Science 382 (2023) 669-674) with the power tuning of PPI++ (Angelopoulos, Duchi and Zrnic,
 * arXiv 2311.01453, 2023, example 6.1):
 *
 *   value = l mean(f of the unlabelled) + mean(y - l f of the labelled),  l = cov(y, f) / ((1 + n / N) var(f)),
 *   variance = l² var(f of the unlabelled) / N + var(y - l f of the labelled) / n.
 *
 * With few labels the quantile is Student's t with n - 2 degrees, as the tuning is fitted to the same labels. `labelled` must be a random
 * sample of the day; null with fewer than ten labels.
 */
export function predictionPowered(
  labelled: readonly { human: number; judge: number }[],
  unlabelled: readonly number[],
  level = 0.95,
): PoweredMean | null {
  const n = labelled.length;
  if (n < fewestLabels) return null;
  const y = momentsOf(labelled.map(({ human }) => human));
  const f = momentsOf(labelled.map(({ judge }) => judge));
  const rest = momentsOf(unlabelled);
  const all = momentsOf([...labelled.map(({ judge }) => judge), ...unlabelled]);
  const shared =
    labelled.reduce((sum, { human, judge }) => sum + (human - y.mean) * (judge - f.mean), 0) / (n - 1);
  const isUseful = rest.n > 1 && all.variance > 0;
  const tuned = isUseful ? shared / ((1 + n / rest.n) * all.variance) : 0;
  const power = Math.min(1, Math.max(0, tuned));
  const value = power * (isUseful ? rest.mean : 0) + y.mean - power * f.mean;
  // n - 2 and not n - 1: two numbers were fitted, the mean and the power.
  const residual =
    labelled.reduce((sum, { human, judge }) => sum + (human - y.mean - power * (judge - f.mean)) ** 2, 0) /
    (n - 2);
  const variance = (isUseful ? (power ** 2 * rest.variance) / rest.n : 0) + residual / n;
  const off = tQuantile(0.5 + level / 2, n - 2) * Math.sqrt(variance);
  return { value, low: value - off, high: value + off, power };
}

export const fewestLabels = 10;

function momentsOf(values: readonly number[]): { n: number; mean: number; variance: number } {
  const n = values.length;
  if (n === 0) return { n, mean: 0, variance: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = n > 1 ? values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) : 0;
  return { n, mean, variance };
}
