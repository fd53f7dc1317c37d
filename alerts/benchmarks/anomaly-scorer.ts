import { OrderStatistics } from './order-statistics.ts';
import { fromLevel, fromPrevious, fromSeason, fromSpread, type Residual } from './residuals.ts';

const hourMs = 60 * 60_000;
const silenceMs = 12 * hourMs;
const leastHistory = 20;
const paretoIndex = 2;
const meanPower = 4;

/**
 * Scores a series online: each call takes the next value and answers from it and the past alone, 0 for ordinary and about the
 * number of zeros of its chance for the rest. Four residuals (from the level, the previous value, the season and the spread)
 * become surprises by their rank in their own past; the score is (Σ surprise⁴)^¼, between Fisher's sum of logarithms (power
 * 1) and the most surprising alone (power ∞). Within 12 h of a score only a larger one counts.
 */
export function anomalyScorer(): (timeMs: number, value: number) => number {
  const watched = [fromLevel(), fromPrevious(), fromSeason(), fromSpread()].map(surpriseOf);
  let last = { timeMs: Number.NEGATIVE_INFINITY, score: 0 };
  return (timeMs, value) => {
    const surprises = watched.map(surprise => surprise(timeMs, value));
    const score = surprises.reduce((sum, each) => sum + each ** meanPower, 0) ** (1 / meanPower);
    const isSilent = timeMs - last.timeMs < silenceMs;
    if (isSilent && score <= last.score) return 0;
    last = { timeMs, score };
    return score;
  };
}

/**
 * −log10 of the share of past residuals at least as large in size (conformal p-value: Laxhammar, Falkman, Online learning and
 * sequential anomaly detection in trajectories, 2014). Beyond the largest so far the tail goes on as Pareto's with index 2
 * (extreme values as in Siffer et al., Anomaly detection in streams with extreme value theory, 2017, with the index fixed:
 * estimating it from so short a past did worse).
 */
function surpriseOf(residual: Residual): (timeMs: number, value: number) => number {
  const past = new OrderStatistics();
  return (timeMs, value) => {
    const away = residual(timeMs, value);
    if (away === null) return 0;
    const size = Math.abs(away);
    const surprise = past.size < leastHistory ? 0 : surpriseAmong(past, size);
    past.add(size);
    return surprise;
  };
}

function surpriseAmong(past: OrderStatistics, size: number): number {
  const largest = past.largest!;
  const count = past.size + 1;
  if (size <= largest) return Math.max(0, -Math.log10((past.size - past.below(size) + 0.5) / count));
  return Math.log10(count) + paretoIndex * (largest > 0 ? Math.log10(size / largest) : 1);
}
