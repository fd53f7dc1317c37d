import { type Baseline, type BucketStat, observe } from './baseline.ts';

/**
 * A level that is off by more than (1 + slack) d0 = 1.75 d0 looks like a change (the smallest assumed shift is 2 d0); with an
 * sd of a third of that it is so once in 400 times.
 */
const levelSdInMinShifts = 1.75 / 3;

/**
 * A baseline moved to the level of `buckets`, with the season and the noise it had; null while they do not tell the level well
 * enough: to an sd of 0.58 d0.
 */
export function atNewLevel(
  season: Baseline,
  buckets: readonly BucketStat[],
  minShift: number,
): Baseline | null {
  let weighted = 0;
  let information = 0;
  let requests = 0;
  const used = buckets.filter(bucket => {
    const seen = observe(season, bucket);
    if (seen === null) return false;
    weighted += seen.residual / seen.variance;
    information += 1 / seen.variance;
    requests += seen.n;
    return true;
  });
  if (used.length === 0 || information * (levelSdInMinShifts * minShift) ** 2 < 1) return null;
  const shift = weighted / information;
  const [level, ...waves] = season.coefficients;
  return {
    ...season,
    coefficients: [level! + shift, ...waves],
    mean: season.mean + shift,
    fromMs: used[0]!.startMs,
    toMs: used.at(-1)!.startMs + 900_000,
    requests,
  };
}
