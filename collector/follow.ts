import type { CollectorLog } from './hooks.ts';

/** Where something is read from, how often, and what the log says when it cannot be read again. */
export interface Source<T> {
  read: () => Promise<T>;
  everyMs: number;
  complaint: string;
}

/** Something read from the state database again and again. */
export type Followed<T> = { current(): T; stop(): void };

/**
 * What `read` gives, read again every `everyMs`. When it cannot be read, what was known before holds.
 * Rejects when the first read fails, since nothing must be received without knowing it.
 */
export async function follow<T>(
  { read, everyMs, complaint }: Source<T>,
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

/** Several at once, each by its name. Rejects, following nothing, when one cannot be read. */
export async function followAll<T extends Record<string, unknown>>(
  sources: { [Name in keyof T]: Source<T[Name]> },
  log: CollectorLog,
): Promise<{ current: { [Name in keyof T]: () => T[Name] }; stop(): void }> {
  const all: [string, Followed<unknown>][] = [];
  const stop = () => {
    for (const [, one] of all) one.stop();
  };
  try {
    for (const [name, source] of Object.entries<Source<unknown>>(sources))
      all.push([name, await follow(source, log)]);
  } catch (error) {
    stop();
    throw error;
  }
  const current = Object.fromEntries(all.map(([name, one]) => [name, one.current]));
  return { current: current as { [Name in keyof T]: () => T[Name] }, stop };
}
