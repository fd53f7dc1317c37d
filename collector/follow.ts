import type { CollectorLog } from './hooks.ts';

/** Something read from the state database again and again. */
export type Followed<T> = { current(): T; stop(): void };

/**
 * What `read` gives, read again every `everyMs`. When it cannot be read, what was known before holds and the log says `complaint`.
 * Rejects when the first read fails, since nothing must be received without knowing it.
 */
export async function follow<T>(
  read: () => Promise<T>,
  everyMs: number,
  complaint: string,
  log: CollectorLog,
): Promise<Followed<T>> {
  let current = await read();
  let reading = false;
  const refresh = async () => {
    if (reading) return;
    reading = true;
    try {
      current = await read();
    } catch (error) {
      log.warn({ error }, complaint);
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void refresh(), everyMs);
  return { current: () => current, stop: () => clearInterval(timer) };
}
