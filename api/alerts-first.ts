import { jobs } from '#alerts/commit.ts';
import type { AlertsDeps } from '#alerts/deps.ts';
import { historyArrives } from '#alerts/roll-up.ts';
import { readProgress } from '#store/state/progress.ts';

/** An import may take hours, and alerts may be off: the ledger does not wait for ever. */
const longestMs = 5 * 60_000;
/** An evaluation follows its roll-up at once, but one that finds nothing to decide leaves no trace. */
const longestEvaluationMs = 60_000;

/**
 * Whether the ledger may work through a history that was stored by `storedUpTo` (microseconds of the engine's clock, decimal). A
 * regression in it is what somebody waits for, so alerts evaluate it first. To be asked again and again; monotonic `now` in ms.
 */
export function alertsFirst(
  deps: AlertsDeps,
  now: () => number = () => performance.now(),
): (storedUpTo: string) => Promise<boolean> {
  let wait: { sinceMs: number; upTo: string; check: string | null; rolledUpMs: number | null } | null = null;

  return async function mayGoOn(storedUpTo) {
    const [rolledUp, check] = await Promise.all([
      readProgress(deps.state, jobs.rolledUp),
      readProgress(deps.state, jobs.check),
    ]);
    wait ??= { sinceMs: now(), upTo: storedUpTo, check, rolledUpMs: null };
    if (now() - wait.sinceMs < longestMs && (await isBehind(wait, rolledUp, check))) return false;
    wait = null;
    return true;
  };

  async function isBehind(waiting: NonNullable<typeof wait>, rolledUp: string | null, check: string | null) {
    const isRolledUp = BigInt(rolledUp ?? 0) >= BigInt(waiting.upTo) && !(await historyArrives(deps));
    if (!isRolledUp) {
      Object.assign(waiting, { check, rolledUpMs: null });
      return true;
    }
    waiting.rolledUpMs ??= now();
    return check === waiting.check && now() - waiting.rolledUpMs < longestEvaluationMs;
  }
}
