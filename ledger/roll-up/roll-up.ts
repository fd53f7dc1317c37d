import { rowsOfHours } from '#store/queries/spend-changes.ts';
import { adjustFrozen, type Frozen, type Hour, rollUpHours } from '#store/spend-roll-up.ts';
import { frozenParts, listClosedMonths } from '#store/state/closed-months.ts';
import type { LedgerDeps } from '../deps.ts';
import { createDetector } from './detect.ts';
import type { LedgerLease } from './lease.ts';
import { backfillDone, type Position, readPosition, writePosition } from './position.ts';

/** Rows of `calls` that one statement works through: about three seconds of one core, most of them to write their day again. */
const chunkRows = 300_000;
const chunkDays = 8;
/** More hours than live traffic and its stragglers touch. */
const backfillFromHours = 96;
const detectAgainMs = 15_000;
const logEveryMs = 10_000;

export interface RollUpOptions {
  lease: LedgerLease;
  /** Called after each statement with what it took, to leave the engine to others. Default: no pause. */
  pause?: ((tookMs: number) => Promise<void>) | undefined;
  /** Ends after the statement under way. */
  signal?: AbortSignal | undefined;
}

export type RolledUp =
  /** Everything stored when it began is in the ledger. */
  | 'done'
  /** Another process does it. */
  | 'elsewhere'
  | 'stopped';

/**
 * `rollUp` brings `spend_15m` up to date: what is newest first, so that today is right while years are still to come. `lookAgain` only
 * finds what there is to do.
 */
export function createRollUp(deps: LedgerDeps) {
  const { state, projectId, clickhouse, clock, log } = deps;
  const detect = createDetector(deps);
  let loggedMs = Number.NEGATIVE_INFINITY;

  return { rollUp, lookAgain: async () => look(await readPosition(state, projectId)) };

  async function rollUp({ lease, pause, signal }: RollUpOptions): Promise<RolledUp> {
    if (!(await lease.take())) return 'elsewhere';
    let lookedMs = performance.now();
    let position = await look(await readPosition(state, projectId));
    await pause?.(performance.now() - lookedMs);
    const frozen = frozenParts(await listClosedMonths(state, projectId));
    while (position.pending.size > 0) {
      if (signal?.aborted) return 'stopped';
      const began = performance.now();
      if (!(await step(position, frozen, lease))) return 'elsewhere';
      if (performance.now() - lookedMs > detectAgainMs && position.pending.size > 0) {
        position = await look(position);
        lookedMs = performance.now();
      }
      await pause?.(performance.now() - began);
    }
    return 'done';
  }

  /** Adds what changed since the last look to what is to be done, before anything of it is. */
  async function look(position: Position): Promise<Position> {
    const { hours, engineNow } = await detect(position.storedUpTo);
    for (const hour of hours) position.pending.add(hour);
    const { pending } = position;
    const backfillHours =
      pending.size > backfillFromHours
        ? Math.max(position.backfillHours, pending.size)
        : position.backfillHours;
    const looked = { ...position, pending, storedUpTo: engineNow, backfillHours };
    if (pending.size === 0) Object.assign(looked, { asOf: isoOf(engineNow), backfillHours: 0 });
    await writePosition(state, projectId, looked);
    return looked;
  }

  async function step(position: Position, frozen: readonly Frozen[], lease: LedgerLease): Promise<boolean> {
    const hours = await nextChunk(position.pending);
    const scope = { projectId, frozen };
    const nowMs = clock.now();
    const adjusted = await adjustFrozen(clickhouse, scope, { hours, nowMs });
    if (adjusted > 0) {
      log.info({ rows: adjusted }, 'spend of closed months has changed and is booked in the open one');
      position.pending.add(Math.floor(nowMs / 3_600_000));
    }
    const open = hours.filter(
      hour => !frozen.some(([from, to]) => hour * 3600 >= from && (hour + 1) * 3600 <= to),
    );
    if (!(await rollUpHours(clickhouse, scope, open, lease.take))) return false;
    const booked = Math.floor(nowMs / 3_600_000);
    for (const hour of hours) if (adjusted === 0 || hour !== booked) position.pending.delete(hour);
    await finish(position);
    return true;
  }

  async function finish(position: Position): Promise<void> {
    if (position.pending.size === 0)
      Object.assign(position, { asOf: isoOf(position.storedUpTo), backfillHours: 0 });
    else if (isRecentDone(position)) position.asOf = isoOf(position.storedUpTo);
    await writePosition(state, projectId, position);
    const done = backfillDone(position);
    if (done === null || performance.now() - loggedMs < logEveryMs) return;
    loggedMs = performance.now();
    log.info(
      { hours_left: position.pending.size, done: Number(done.toFixed(3)) },
      'rolling up spend of earlier days',
    );
  }

  /** While a long history is being worked through, the numbers of the last two days are what people look at. */
  function isRecentDone({ pending, backfillHours }: Position): boolean {
    const recent = Math.floor(clock.now() / 3_600_000) - 48;
    return backfillHours > 0 && [...pending].every(hour => hour < recent);
  }

  /** The newest hours whose calls one statement can work through; one hour at least. */
  async function nextChunk(pending: ReadonlySet<Hour>): Promise<Hour[]> {
    const newest = [...pending].sort((one, other) => other - one);
    const near = newest.filter(hour => hour > newest[0]! - chunkDays * 24);
    const rows = await rowsOfHours(clickhouse, { projectId, hours: near });
    let sum = 0;
    const end = near.findIndex(hour => {
      sum += rows.get(hour) ?? 0;
      return sum > chunkRows;
    });
    return end === -1 ? near : near.slice(0, Math.max(1, end));
  }
}

const isoOf = (micros: string) => new Date(Number(BigInt(micros) / 1000n)).toISOString();
