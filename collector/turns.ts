/** How long a piece of work may keep the event loop before others get their turn. */
const sliceMs = 8;

const waiting: (() => void)[] = [];

/** One of the waiting goes on, then the loop serves sockets and timers, then the next one. */
function next(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(next);
}

/** Resolves when it is one's turn: of all long work in this process only one slice runs between two looks at the sockets. */
export function turn(): Promise<void> {
  return new Promise(resolve => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(next);
  });
}

/** Asks for a turn when the slice is over; `isOver` is cheap enough to be asked every few microseconds of work. */
export class Slice {
  private endMs = performance.now() + sliceMs;

  get isOver(): boolean {
    return performance.now() >= this.endMs;
  }

  async next(): Promise<void> {
    await turn();
    this.endMs = performance.now() + sliceMs;
  }
}

/** Does work that comes in steps, letting others have their turn whenever the slice is over. */
export async function inSlices<T>(work: Generator<void, T>, slice: Slice): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (slice.isOver) await slice.next();
  }
}
