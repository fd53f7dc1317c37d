/**
 * The seasonal terms of a baseline's expectation. Every term depends only on the quarter of an hour within the week
 * (UTC), so the waves are computed once and a fit works on 672 sums instead of thousands of buckets.
 */

export const bucketMs = 15 * 60_000;
export const dayMs = 24 * 60 * 60_000;
export const bucketsPerDay = dayMs / bucketMs;
export const bucketsPerWeek = 7 * bucketsPerDay;

/** `week`: level, weekday, hour of day, hour of day at weekends. `day`: level and hour of day, for short histories. */
export type SeasonModel = 'week' | 'day';

export const dailyHarmonics = 4;
/** Intercept + 6 weekdays + 4 sine/cosine pairs + the same pairs at weekends = 23; intercept + 4 pairs = 9. */
export const termCount: Record<SeasonModel, number> = {
  week: 1 + 6 + 2 * dailyHarmonics + 2 * dailyHarmonics,
  day: 1 + 2 * dailyHarmonics,
};

/** Position in the week, 0..671, of a bucket; 0 is Monday 00:00 UTC. */
export function weekSlot(startMs: number): number {
  const thursday = 3 * bucketsPerDay; // 1970-01-01 was a Thursday
  const slot = (Math.floor(startMs / bucketMs) + thursday) % bucketsPerWeek;
  return slot < 0 ? slot + bucketsPerWeek : slot;
}

/** 0 = Monday … 6 = Sunday. */
export const weekdayOfSlot = (slot: number): number => Math.floor(slot / bucketsPerDay);
export const hourOfSlot = (slot: number): number => Math.floor((slot % bucketsPerDay) / 4);
export const isWeekend = (slot: number): boolean => weekdayOfSlot(slot) >= 5;

/** Places of the first cosine among the terms; its sine, and the other pairs, follow. */
export const firstWave: Record<SeasonModel, number> = { week: 7, day: 1 };
export const firstWeekendWave = firstWave.week + 2 * dailyHarmonics;

/** Waves of 0 to 8 turns a day, 96 values each: products of two of the four harmonics are sums of two of these. */
export const cosines = waveTable(Math.cos);
export const sines = waveTable(Math.sin);

function waveTable(wave: (angle: number) => number): Float64Array {
  const turns = 2 * dailyHarmonics;
  return Float64Array.from({ length: (turns + 1) * bucketsPerDay }, (_, at) => {
    const order = Math.floor(at / bucketsPerDay);
    return wave((2 * Math.PI * ((order * (at % bucketsPerDay)) % bucketsPerDay)) / bucketsPerDay);
  });
}

/** Value of a fitted season at one slot of the week. */
export function seasonAt(model: SeasonModel, coefficients: readonly number[], slot: number): number {
  const weekday = weekdayOfSlot(slot);
  const waves = wavesAt(model, coefficients, weekday >= 5, slot % bucketsPerDay);
  return levelOn(model, coefficients, weekday) + waves;
}

/** The same, to the last bit, at all 672 slots: the waves are worked out once for each kind of day. */
export function seasonTable(model: SeasonModel, coefficients: readonly number[]): Float64Array {
  const table = new Float64Array(bucketsPerWeek);
  for (const kind of [
    [0, 1, 2, 3, 4],
    [5, 6],
  ]) {
    const levels = kind.map(weekday => levelOn(model, coefficients, weekday));
    for (let quarter = 0; quarter < bucketsPerDay; quarter++) {
      const waves = wavesAt(model, coefficients, kind[0]! >= 5, quarter);
      for (let at = 0; at < kind.length; at++) {
        table[kind[at]! * bucketsPerDay + quarter] = levels[at]! + waves;
      }
    }
  }
  return table;
}

/** Monday is the level that the other weekdays are measured from. */
function levelOn(model: SeasonModel, coefficients: readonly number[], weekday: number): number {
  return model === 'day' || weekday === 0 ? coefficients[0]! : coefficients[0]! + coefficients[weekday]!;
}

function wavesAt(
  model: SeasonModel,
  coefficients: readonly number[],
  weekend: boolean,
  quarter: number,
): number {
  let value = 0;
  for (let order = 1; order <= dailyHarmonics; order++) {
    const at = firstWave[model] + 2 * (order - 1);
    let cosine = coefficients[at]!;
    let sine = coefficients[at + 1]!;
    if (weekend && model === 'week') {
      cosine += coefficients[at + 2 * dailyHarmonics]!;
      sine += coefficients[at + 2 * dailyHarmonics + 1]!;
    }
    const place = order * bucketsPerDay + quarter;
    value += cosine * cosines[place]! + sine * sines[place]!;
  }
  return value;
}
