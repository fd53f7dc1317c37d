const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits before the first, second, … attempt: eleven attempts over about three days. */
export const waitsMs = [
  0,
  5 * second,
  30 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/**
 * How long to wait after `attempts` failed ones; null when there is no further one. ± 20 % by `random` (0 to 1), so that
 * a receiver that comes back is not met by everybody at once. `retryAfterMs` is what the receiver asked for: never
 * sooner than that, and never later than the longest wait of the schedule.
 */
export function nextWaitMs(attempts: number, random: number, retryAfterMs: number | null): number | null {
  const wait = waitsMs[attempts];
  if (wait === undefined) return null;
  const jittered = wait * (0.8 + 0.4 * random);
  return Math.round(Math.max(jittered, Math.min(retryAfterMs ?? 0, waitsMs.at(-1)!)));
}
