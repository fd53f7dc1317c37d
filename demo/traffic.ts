import type { Feature } from './features/feature.ts';
import { features } from './features/index.ts';
import type { Random } from './random.ts';

/** Requests by hour of the day (UTC), relative; an office day with an evening. */
const byHour = [
  0.25, 0.18, 0.15, 0.15, 0.18, 0.3, 0.55, 0.95, 1.45, 1.8, 1.85, 1.75, 1.5, 1.6, 1.75, 1.7, 1.5, 1.25, 1.05,
  0.95, 0.85, 0.7, 0.5, 0.35,
];
/** Sunday first. */
const byDay = [0.55, 1.15, 1.2, 1.2, 1.15, 1.1, 0.65];
const HOUR_MS = 3_600_000;
const weekMean = (sum(byHour) / 24) * (sum(byDay) / 7);
const peak = (Math.max(...byHour) * Math.max(...byDay)) / weekMean;

/** Relative traffic at a time: 1 on average over a week. */
export function seasonality(timeMs: number): number {
  const time = new Date(timeMs);
  const hour = time.getUTCHours();
  const next = byHour[(hour + 1) % 24] as number;
  const part = (timeMs % HOUR_MS) / HOUR_MS;
  const level = (byHour[hour] as number) * (1 - part) + next * part;
  return (level * (byDay[time.getUTCDay()] as number)) / weekMean;
}

export interface Arrival {
  atMs: number;
  feature: Feature;
  /** Counts the feature's requests: with the seed it names the request's own randomness. */
  number: number;
}

/** Requests between two times in order: per feature a Poisson process whose rate follows the hour and the weekday. */
export function* arrivals(random: Random, fromMs: number, toMs: number): Generator<Arrival> {
  const waiting = features.map(feature => featureArrivals(random.fork(feature.name), feature, fromMs, toMs));
  const heads = waiting.map(stream => stream.next());
  for (;;) {
    let first = -1;
    for (const [at, head] of heads.entries()) {
      if (head.done) continue;
      const best = heads[first];
      if (!best || best.done || head.value.atMs < best.value.atMs) first = at;
    }
    const head = heads[first];
    if (!head || head.done) return;
    yield head.value;
    heads[first] = (waiting[first] as Generator<Arrival>).next();
  }
}

function* featureArrivals(
  random: Random,
  feature: Feature,
  fromMs: number,
  toMs: number,
): Generator<Arrival> {
  const meanGapMs = HOUR_MS / (feature.requestsPerHour * peak);
  let number = 0;
  let atMs = fromMs;
  for (;;) {
    atMs += random.exponential(meanGapMs);
    if (atMs >= toMs) return;
    // Thinning (Lewis and Shedler 1979): draw at the peak rate, keep in proportion to the rate at that time.
    if (!random.chance(seasonality(atMs) / peak)) continue;
    number += 1;
    yield { atMs, feature, number };
  }
}

function sum(list: readonly number[]): number {
  return list.reduce((total, value) => total + value, 0);
}
