import { type Baseline, bucketVariance } from './baseline.ts';
import { assumedShifts, type EvidenceOptions, tilted } from './evidence.ts';
import { bucketMs, bucketsPerWeek } from './season.ts';

/** Everything the delay of the detector follows from. */
export interface PowerInput extends EvidenceOptions {
  noise: Pick<
    Baseline,
    | 'inflation'
    | 'shortInflation'
    | 'withinVariance'
    | 'betweenVariance'
    | 'bucketVarianceFloor'
    | 'countVariance'
  >;
  /** Values per 15-minute bucket. */
  perBucket: number;
  /** How much more the mean of V is than V at the mean of n, as traffic comes unevenly; default 1. */
  unevenness?: number;
  /** `alarmThreshold`. */
  threshold: number;
  /** The change to be seen, in the metric's scale. Positive upwards. */
  shift: number;
  /** Taken off each increment, per assumed shift (evidence.ts); default none. */
  excess?: readonly number[];
}

const defaults = { slack: 0.75, clipSds: 5 };
/** Brownian motion seen only at whole steps overshoots a line by this many sds of a step (Siegmund, Sequential Analysis, 1985). */
const overshootSds = 0.583;

/**
 * Mean hours from a lasting shift to the alarm; Infinity when the evidence does not grow. For each assumed shift, weighed by t and c
 * (`tilted`), the evidence gains λ = (t (δ − slack d0) − c)/V a bucket with variance σ² = t²/V, and before the change lost
 * μ = (c + t slack d0)/V; the one that gains most decides.
 */
export function expectedDelayHours(input: PowerInput): number {
  const { noise, perBucket, minShift } = input;
  const slack = (input.slack ?? defaults.slack) * minShift;
  if (!(perBucket > 0)) return Number.POSITIVE_INFINITY;
  // Fewer values than one a bucket: the buckets that have one count, the rest are skipped.
  const variance = bucketVariance(noise, Math.max(1, perBucket)) * (input.unevenness ?? 1);
  const filled = Math.min(1, perBucket);
  const seen = Math.min(Math.abs(input.shift), (input.clipSds ?? defaults.clipSds) * Math.sqrt(variance));
  const shifts = assumedShifts(input);
  let fastest = { gain: 0, spread: 0, loss: 0, tilt: 0, excess: 0 };
  shifts.forEach((shift, i) => {
    if (Math.sign(shift) !== Math.sign(input.shift)) return;
    const weighed = tilted(shift, noise.countVariance);
    const tilt = Math.abs(weighed.tilt);
    const excess = input.excess?.[i] ?? 0;
    const gain = (tilt * (seen - slack) - weighed.cost) / variance - excess;
    const loss = (tilt * slack + weighed.cost) / variance + excess;
    if (gain > fastest.gain) fastest = { gain, loss, spread: tilt ** 2 / variance, tilt, excess };
  });
  const { gain, loss, spread, tilt, excess } = fastest;
  if (gain <= 1e-9) return Number.POSITIVE_INFINITY;
  const overshoot = Math.max(overshootSds * Math.sqrt(spread), gain / 2);
  // A sum over whole steps is larger than the integral that stands for it.
  const steps = Math.log(gain / -Math.expm1(-gain));
  const line = input.threshold + Math.log(shifts.length) + overshoot - steps + Math.log(spread / 2);
  const units = passageTime(line, (2 * gain) / spread, (2 * loss) / spread);
  const buckets = Math.max(1, (2 / spread) * units);
  const ratio = noise.inflation / (noise.shortInflation ?? noise.inflation);
  const effect = {
    ratio,
    gain,
    loss: loss - excess,
    signal: (tilt * seen) / variance,
    excess,
  };
  return (bucketsWithDays(buckets * gain, effect) / filled) * (bucketMs / 3_600_000);
}

/** Starts of the change over the day that the delay is averaged over, and where it is given up. */
const startsPerDay = 8;
const longestDays = 60;

/**
 * Buckets until the evidence has grown by `growth`, when the buckets of a day share an effect (evidence.ts): within a day it grows
 * fast at first and ever slower, and a change in the middle of a day is weighed against the level of its morning. Averaged over the
 * time of the day at which the change comes.
 */
function bucketsWithDays(
  growth: number,
  {
    ratio,
    gain,
    loss,
    signal,
    excess,
  }: { ratio: number; gain: number; loss: number; signal: number; excess: number },
): number {
  if (ratio === 1) return growth / gain;
  const perDay = bucketsPerWeek / 7;
  let total = 0;
  for (let start = 0; start < startsPerDay; start++) {
    const from = (start * perDay) / startsPerDay;
    let grown = 0;
    let at = from;
    while (grown < growth && at < longestDays * perDay) {
      const place = at % perDay;
      const clean = at < perDay ? from : 0;
      // l_g after k buckets of the day of which the first `clean` came before the change; 1 + σ² A grows to `ratio` by its end.
      const level = (k: number) =>
        (ratio * (signal * Math.max(0, k - clean) - loss * k)) / (1 + ((ratio - 1) * k) / perDay);
      const gained = level(place + 1) - level(place) - excess;
      grown = Math.max(0, grown + gained);
      at += 1;
    }
    total += at - from;
  }
  return total / startsPerDay;
}

/** Step and lowest point of the grid over y = ln x, where the equation is solved. */
const stepSize = 0.1;
const lowest = -8;

/**
 * Mean time, in units of 2/σ², until the Shiryaev–Roberts diffusion x = σ²R/2 first reaches e^`line` when its drift has become
 * positive, `after` = 2λ/σ², from where noise had left it: 1/x is gamma distributed with shape `before` = 2μ/σ² (Dufresne, The
 * distribution of a perpetuity, 1990). The backward equation (Pollak and Siegmund, A diffusion process and its applications to
 * detecting a change in the drift of Brownian motion, 1985) is u' = −G in y with G' = 1 − (after + e^−y) G.
 */
function passageTime(line: number, after: number, before: number): number {
  let rate = 1 / (after + Math.exp(-lowest));
  let time = 0;
  let weights = 0;
  let spared = 0;
  for (let y = lowest; y < line; y += stepSize) {
    const weight = Math.exp(-before * y - Math.exp(-y));
    weights += weight;
    spared += weight * time;
    const width = Math.min(stepSize, line - y);
    const pull = after + Math.exp(-(y + width / 2));
    const next = 1 / pull + (rate - 1 / pull) * Math.exp(-pull * width);
    time += (width * (rate + next)) / 2;
    rate = next;
  }
  return time - (weights > 0 ? spared / weights : 0);
}

/** Smallest number of values an hour at which the shift is seen within `hours`; null when no traffic would do. */
export function smallestTraffic(input: Omit<PowerInput, 'perBucket'>, hours: number): number | null {
  const delay = (perHour: number) => expectedDelayHours({ ...input, perBucket: perHour / 4 });
  let low = -4;
  let high = 7;
  if (delay(10 ** high) > hours) return null;
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (delay(10 ** middle) > hours) low = middle;
    else high = middle;
  }
  return 10 ** high;
}
