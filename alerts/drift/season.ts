/**
 * The seasonal terms of a baseline's expectation. Every term depends only on the quarter of an hour within the week
 * (UTC), so the 672 design rows are computed once and a fit works on 672 sums instead of thousands of buckets.
 */

export const bucketMs = 15 * 60_000;
export const dayMs = 24 * 60 * 60_000;
const bucketsPerDay = dayMs / bucketMs;
export const bucketsPerWeek = 7 * bucketsPerDay;

/** `week`: level, weekday, hour of day, hour of day at weekends. `day`: level and hour of day, for short histories. */
export type SeasonModel = 'week' | 'day';

const dailyHarmonics = 4;
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

function designRow(model: SeasonModel, slot: number): number[] {
  const angle = (2 * Math.PI * (slot % bucketsPerDay)) / bucketsPerDay;
  const daily: number[] = [];
  for (let k = 1; k <= dailyHarmonics; k++) daily.push(Math.cos(k * angle), Math.sin(k * angle));
  if (model === 'day') return [1, ...daily];
  const weekday = weekdayOfSlot(slot);
  const weekdays = [1, 2, 3, 4, 5, 6].map(day => (day === weekday ? 1 : 0));
  const weekend = daily.map(term => (isWeekend(slot) ? term : 0));
  return [1, ...weekdays, ...daily, ...weekend];
}

function designMatrix(model: SeasonModel): Float64Array {
  const terms = termCount[model];
  const matrix = new Float64Array(bucketsPerWeek * terms);
  for (let slot = 0; slot < bucketsPerWeek; slot++) matrix.set(designRow(model, slot), slot * terms);
  return matrix;
}

/** Row-major design matrices, one row per slot of the week. */
export const seasonDesign: Record<SeasonModel, Float64Array> = {
  week: designMatrix('week'),
  day: designMatrix('day'),
};

/** Value of a fitted season at one slot of the week. */
export function seasonAt(model: SeasonModel, coefficients: readonly number[], slot: number): number {
  const design = seasonDesign[model];
  const offset = slot * termCount[model];
  let value = 0;
  for (let j = 0; j < coefficients.length; j++) value += design[offset + j]! * coefficients[j]!;
  return value;
}
