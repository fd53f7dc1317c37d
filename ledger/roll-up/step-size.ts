import type { Hour } from '#store/spend-roll-up.ts';

/** A step that fails costs as much as one that does not: one in five at most. */
const growAfter = 4;

/**
 * How many hours a step of the roll-up may take: half as many after one that wanted too much memory, and twice as many again
 * after a few that succeeded, since the engine's memory is shared and there may be more of it a minute later.
 */
export function createStepSize(most: number) {
  let hours = most;
  let succeeded = 0;
  return {
    hours: () => hours,
    /** False when there is nothing left to halve. */
    halve(failed: readonly Hour[]): boolean {
      hours = Math.max(1, Math.floor(failed.length / 2));
      succeeded = 0;
      return failed.length > 1;
    },
    succeed() {
      succeeded += 1;
      if (succeeded % growAfter === 0) hours = Math.min(most, hours * 2);
    },
  };
}
