import { setImmediate as othersTurn } from 'node:timers/promises';

/** Runs `work` when its turn comes, and answers as `work` does. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Lets `atOnce` pieces of work run at a time, the others in the order they came. A page asks a dozen questions together: side
 * by side on a few cores all of them would run into their time limits, one after the other each is quick. With one at a time,
 * `inTurn(nothing)` resolves once everything that was asked for before has ended.
 */
export function createTurns(atOnce = 1): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running < atOnce) running += 1;
    // Whoever ends hands its place over, so that nobody who comes in between takes it.
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

export const nothing = async (): Promise<void> => {};

/** How long a piece of work may keep the event loop before sockets and timers are looked at. */
const stretchMs = 8;

/** Does work that comes in short steps, and lets the event loop go round whenever it has been kept for some milliseconds. */
export async function inSteps<T>(work: Generator<void, T>): Promise<T> {
  let endMs = performance.now() + stretchMs;
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() < endMs) continue;
    await othersTurn();
    endMs = performance.now() + stretchMs;
  }
}
