import type { BucketStat } from './baseline.ts';
import type { DriftMetricId } from './metrics.ts';
import { bucketMs, bucketsPerWeek, dayMs, isWeekend, weekdayOfSlot, weekSlot } from './season.ts';

/**
 * Traffic of AI features as it comes: bursty, seasonal, with days that differ for no reason, wander within the day, heavy
 * tails, outages and holidays. Everything follows from the seed. For measuring the detector, never for showing to anybody.
 */
export interface SimulatedStream {
  seed: number;
  metric: DriftMetricId;
  /** Mean over the week. */
  requestsPerMinute: number;
  /** Start of the first bucket: a Monday 00:00 UTC, Unix milliseconds. */
  fromMs: number;
  days: number;
  /** Lasting shift of the mean from then on, in the metric's scale (for proportions: of the rate). */
  change?: { atMs: number; shift: number };
  /** Outages (half an hour to eight hours with no or a tenth of the traffic) a week. Default 0.5. */
  outagesPerWeek?: number;
  /** Days with the traffic and the mix of a Sunday, a week. Default 0.5. */
  holidaysPerWeek?: number;
  /** Multiplies the day effects and the wander. Default 1. */
  wander?: number;
}

/** What the values of a metric are like. Day effects and wander are sds in the metric's scale. */
interface Shape {
  mean: number;
  /** Difference between the two kinds of requests whose mix follows hour and weekday. */
  mixGap: number;
  /** Of one value; null for proportions. */
  sd: number | null;
  /** Share of values far off, and where they lie: a judge's zeros, a timed-out answer. */
  outliers?: { share: number; by: number };
  wander: number;
  /** Share of requests that have a value. */
  sampled: number;
}

const shapes: Record<DriftMetricId, Shape> = {
  quality: {
    mean: 0.82,
    mixGap: 0.03,
    sd: 0.13,
    outliers: { share: 0.02, by: -0.75 },
    wander: 0.003,
    sampled: 0.2,
  },
  latency_tail: { mean: 0.05, mixGap: 0.025, sd: null, wander: 0.0035, sampled: 1 },
  cost: { mean: -5.3, mixGap: 0.1, sd: 0.68, wander: 0.012, sampled: 1 },
  output_length: { mean: 5.4, mixGap: 0.12, sd: 0.86, wander: 0.018, sampled: 1 },
  refusal: { mean: 0.023, mixGap: 0.004, sd: null, wander: 0.0008, sampled: 1 },
  error: { mean: 0.01, mixGap: 0.002, sd: null, wander: 0.0006, sampled: 1 },
  pace: { mean: 0.9, mixGap: 0.08, sd: 0.62, outliers: { share: 0.01, by: 2 }, wander: 0.018, sampled: 1 },
};

/** The buckets of one stream × metric, one each 15 minutes, empty ones included. */
export function simulateStream(stream: SimulatedStream): BucketStat[] {
  const random = mulberry32(stream.seed);
  const shape = shapes[stream.metric];
  const calendar = calendarOf(stream, random);
  const wander = wanderOf(shape.wander * (stream.wander ?? 1), random);
  let logRate = 0;
  return Array.from({ length: (stream.days * dayMs) / bucketMs }, (_, i) => {
    const startMs = stream.fromMs + i * bucketMs;
    logRate = 0.9 * logRate + 0.25 * Math.sqrt(1 - 0.81) * normal(random);
    const slot = calendar.slotAt(startMs);
    const rate = stream.requestsPerMinute * 15 * busy(slot) * calendar.open(startMs) * Math.exp(logRate);
    const n = poisson(rate * shape.sampled * gammaAround(1, 8, random), random);
    const change = stream.change && startMs >= stream.change.atMs ? stream.change.shift : 0;
    const mean = shape.mean + shape.mixGap * mixAt(slot) + wander(startMs) + change;
    return { startMs, ...valuesOf(n, mean, shape, random) };
  });
}

/** Traffic relative to its mean over the week. */
const busy = (slot: number): number => (isWeekend(slot) ? 0.55 : 1.18) * dailyWave(slot);

function dailyWave(slot: number): number {
  const angle = (2 * Math.PI * ((slot % 96) - 56)) / 96;
  return Math.exp(0.7 * Math.cos(angle) + 0.25 * Math.cos(2 * angle)) / 1.15;
}

/** Share of the second kind of requests less its mean: more of it at night and at weekends. */
const mixAt = (slot: number): number =>
  -0.3 * Math.cos((2 * Math.PI * ((slot % 96) - 56)) / 96) + (isWeekend(slot) ? 0.15 : -0.06);

function calendarOf(
  { fromMs, days, outagesPerWeek = 0.5, holidaysPerWeek = 0.5 }: SimulatedStream,
  random: Random,
) {
  const weeks = days / 7;
  const holidays = new Set(
    Array.from({ length: poisson(holidaysPerWeek * weeks, random) }, () => Math.floor(random() * days)),
  );
  const outages = Array.from({ length: poisson(outagesPerWeek * weeks, random) }, () => {
    const start = fromMs + random() * days * dayMs;
    return { start, end: start + (0.5 + 7.5 * random()) * 3_600_000, open: random() < 0.5 ? 0 : 0.1 };
  });
  const sunday = 6 * (bucketsPerWeek / 7);
  return {
    /** The place in the week a bucket behaves like. */
    slotAt(startMs: number): number {
      const slot = weekSlot(startMs);
      const isHoliday = holidays.has(Math.floor((startMs - fromMs) / dayMs));
      return isHoliday && weekdayOfSlot(slot) < 5 ? sunday + (slot % (bucketsPerWeek / 7)) : slot;
    },
    /** Share of the usual traffic that gets through. */
    open: (startMs: number) =>
      Math.min(
        1,
        ...outages.filter(({ start, end }) => startMs >= start && startMs < end).map(one => one.open),
      ),
  };
}

/** A level of its own for every day, and a slow AR(1) within it that forgets in about three hours. */
function wanderOf(sd: number, random: Random): (startMs: number) => number {
  let day = Number.NEGATIVE_INFINITY;
  let level = 0;
  let slow = 0;
  return startMs => {
    if (Math.floor(startMs / dayMs) !== day) level = sd * normal(random);
    day = Math.floor(startMs / dayMs);
    slow = 0.92 * slow + sd * Math.sqrt(1 - 0.92 ** 2) * normal(random);
    return level + slow;
  };
}

/** Count, sum and sum of squares of n values, drawn without drawing each. */
function valuesOf(
  n: number,
  mean: number,
  { sd, outliers }: Shape,
  random: Random,
): Omit<BucketStat, 'startMs'> {
  if (n === 0) return { n: 0, sum: 0, sumSq: 0 };
  if (sd === null) {
    const ones = binomial(n, Math.min(1, Math.max(0, mean)), random);
    return { n, sum: ones, sumSq: ones };
  }
  const far = outliers ? binomial(n, outliers.share, random) : 0;
  // The outliers must not move the mean that was asked for.
  const centre = mean - (outliers ? outliers.share * outliers.by : 0);
  const average = centre + (sd / Math.sqrt(n)) * normal(random);
  const around = n > 1 ? sd ** 2 * chiSquare(n - 1, random) : 0;
  const by = outliers?.by ?? 0;
  const sum = n * average + far * by;
  const sumSq = n * average ** 2 + around + far * (2 * average * by + by ** 2);
  return { n, sum, sumSq };
}

type Random = () => number;

/** Uniform in [0, 1) (mulberry32, Tommy Ettinger, public domain). */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Knuth's product for small means, the rounded normal beyond: the tails do not matter here. */
function poisson(mean: number, random: Random): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let product = random();
  let count = 0;
  const limit = Math.exp(-mean);
  while (product > limit) {
    product *= random();
    count += 1;
  }
  return count;
}

function binomial(n: number, p: number, random: Random): number {
  if (n * p * (1 - p) > 30) {
    return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * normal(random))));
  }
  // The gaps between successes are geometric: a rare event costs as many draws as it has successes.
  const logMiss = Math.log1p(-p);
  let count = 0;
  for (let at = Math.floor(Math.log(1 - random()) / logMiss); at < n; count += 1) {
    at += 1 + Math.floor(Math.log(1 - random()) / logMiss);
  }
  return p === 0 ? 0 : count;
}

/** Wilson and Hilferty's cube of a normal. */
function chiSquare(degrees: number, random: Random): number {
  const share = 2 / (9 * degrees);
  return degrees * Math.max(0, 1 - share + Math.sqrt(share) * normal(random)) ** 3;
}

/** A gamma of that mean and an integer shape: bursts. */
function gammaAround(mean: number, shape: number, random: Random): number {
  let total = 0;
  for (let i = 0; i < shape; i++) total -= Math.log(1 - random());
  return (mean * total) / shape;
}
