import { z } from 'zod';
import type { Hour } from '#store/spend-roll-up.ts';
import type { StateDb } from '#store/state/open.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';

const DAY_HOURS = 24;

const shape = z.object({
  /** What the engine had stamped by then has been looked at: microseconds since the epoch, decimal. */
  storedUpTo: z.string().regex(/^\d+$/),
  /** Hours still to be computed again, by day since the epoch: bit n is hour n of the day. */
  pending: z.record(z.string(), z.number()),
  /** Everything stored by then is in the ledger, older data that is still `pending` aside. */
  asOf: z.string().nullable(),
  /** How many hours there were when a long piece of work began; 0 when none is under way. */
  backfillHours: z.number(),
});

/** How far the roll-up is. Written after every step, so that a killed process loses none and repeats one at most. */
export interface Position {
  storedUpTo: string;
  pending: Set<Hour>;
  asOf: string | null;
  backfillHours: number;
}

const job = (projectId: string) => `spend ${projectId}`;

export async function readPosition(state: StateDb, projectId: string): Promise<Position> {
  const text = await readProgress(state, job(projectId));
  if (text === null) return { storedUpTo: '0', pending: new Set(), asOf: null, backfillHours: 0 };
  const { pending, ...rest } = shape.parse(JSON.parse(text));
  const hours = Object.entries(pending).flatMap(([day, bits]) =>
    Array.from({ length: DAY_HOURS }, (_, hour) => hour)
      .filter(hour => bits & (1 << hour))
      .map(hour => Number(day) * DAY_HOURS + hour),
  );
  return { ...rest, pending: new Set(hours) };
}

export async function writePosition(state: StateDb, projectId: string, position: Position): Promise<void> {
  const pending: Record<string, number> = {};
  for (const hour of position.pending) {
    const day = Math.floor(hour / DAY_HOURS);
    pending[day] = (pending[day] ?? 0) | (1 << (hour % DAY_HOURS));
  }
  await writeProgress(state, job(projectId), JSON.stringify({ ...position, pending }));
}

/** Share of a long first piece of work that is done; null when none is under way. */
export function backfillDone({ pending, backfillHours }: Position): number | null {
  return backfillHours === 0 ? null : Math.max(0, 1 - pending.size / backfillHours);
}
