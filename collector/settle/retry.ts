import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectorLog } from '../hooks.ts';

const firstDelayMs = 250;
const longestDelayMs = 10_000;

/**
 * Repeats `attempt` with growing pauses until it succeeds: what is acknowledged must get through however long the store
 * is away. Rejects when `signal` ends it, or when another attempt cannot help.
 */
export async function untilDone<T>(
  attempt: () => Promise<T>,
  what: string,
  log: CollectorLog,
  signal: AbortSignal,
  canHelp: (error: unknown) => boolean = () => true,
): Promise<T> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!canHelp(error)) throw error;
      log.warn({ error, delayMs }, `could not ${what}; trying again`);
      await sleep(delayMs, undefined, { signal });
    }
  }
}
