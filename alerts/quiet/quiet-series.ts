import { createHash } from 'node:crypto';
import type { BucketStat } from '../drift/baseline.ts';

/** What a quiet series is about; `cohortBy` and `cohort` are empty for usage. */
export interface QuietName {
  feature: string;
  environment: string;
  metric: string;
  cohortBy: string;
  cohort: string;
}

/** One value of a series, with the calls, users or sessions it stands on. */
export interface QuietBucket extends BucketStat {
  count: number;
}

/** A series with all the history its next evaluation needs, in time order. */
export interface QuietSeriesData extends QuietName {
  buckets: QuietBucket[];
}

/** Names a series within its project. */
export function quietSeriesId({ feature, environment, metric, cohortBy, cohort }: QuietName): string {
  const key = JSON.stringify([feature, environment, metric, cohortBy, cohort]);
  return `qs_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
}

/**
 * Values of an hour or a day stand at its last quarter of an hour: the detector takes buckets of 15 minutes, and what it says of one holds at
 * its end, when all of the hour or day is known.
 */
export const lastQuarterOf = (startMs: number, lengthMs: number): number => startMs + lengthMs - 900_000;
