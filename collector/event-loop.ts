/** How long all work together may keep the event loop before sockets and timers are looked at. */
const budgetMs = 8;

/** When the budget of this round of the loop is used up; 0 when nothing has been done in it yet. */
let endMs = 0;
const waiting: (() => void)[] = [];

function begin(): void {
  endMs = performance.now() + budgetMs;
  setImmediate(afterRound);
}

/** The loop has looked at its sockets: one of those that wait goes on, with a budget of its own. */
function afterRound(): void {
  endMs = 0;
  const resume = waiting.shift();
  if (!resume) return;
  begin();
  resume();
}

/**
 * Whether it is time to let others have their turn. Cheap enough to be asked every few microseconds of work. The budget is
 * one for everybody: many requests that come at once must not each keep the loop for a while.
 */
export function isOver(): boolean {
  if (endMs === 0) begin();
  return performance.now() >= endMs;
}

/** Resolves when it is one's turn again. */
export function turn(): Promise<void> {
  if (endMs === 0) begin();
  return new Promise(resolve => {
    waiting.push(resolve);
  });
}

/** Does work that comes in steps, letting others have their turn in between. */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (isOver()) await turn();
  }
}
