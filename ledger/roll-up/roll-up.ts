import { isOutOfMemory } from '#store/engine/out-of-memory.ts';
import { rowsOfHours } from '#store/queries/spend-changes.ts';
import { adjustFrozen, type Hour, rollUpHours, type SpendScope } from '#store/spend-roll-up.ts';
import { frozenParts, listClosedMonths } from '#store/state/closed-months.ts';
import type { LedgerDeps } from '../deps.ts';
import { createDetector } from './detect.ts';
import type { LedgerLease } from './lease.ts';
import { backfillDone, type Position, readPosition, writePosition } from './position.ts';
import { createStepSize } from './step-size.ts';

/** Rows of `calls` that one statement works through: about three seconds of one core when their day has to be written again. */
const chunkRows = 300_000;
const chunkDays = 8;
/** More hours than live traffic and its stragglers touch. */
const backfillFromHours = 96;
/** What people look at while a long history is being worked through. */
const recentHours = 48;
const detectAgainMs = 15_000;
const logEveryMs = 10_000;

export interface RollUpOptions {
  lease: LedgerLease;
  /** Called after each statement with what it took, to leave the engine to others. Default: no pause. */
  pause?: ((tookMs: number) => Promise<void>) | undefined;
  /**
   * Asked before a long history is worked through, the last two days aside; `storedUpTo` is the engine's clock when it was looked
   * at (microseconds). Default: it may.
   */
  mayWorkThroughHistory?: ((storedUpTo: string) => Promise<boolean>) | undefined;
  /** Ends after the statement under way. */
  signal?: AbortSignal | undefined;
}

export type RolledUp =
  /** Everything stored when it began is in the ledger. */
  | 'done'
  /** Another process does it. */
  | 'elsewhere'
  /** The last two days are in the ledger; older ones may not be worked through yet. */
  | 'recent'
  | 'stopped';

/**
 * `rollUp` brings `spend_15m` up to date: what is newest first, so that today is right while years are still to come. `lookAgain` only
 * finds what there is to do.
 */
export function createRollUp(deps: LedgerDeps & { memoryBytes?: number }) {
  const { state, projectId, clickhouse, clock, log, memoryBytes } = deps;
  const detect = createDetector(deps);
  const stepSize = createStepSize(chunkDays * 24);
  let loggedMs = Number.NEGATIVE_INFINITY;
  /** As they were counted in this run. */
  const rowsOf = new Map<Hour, number>();

  return { rollUp, lookAgain: async () => look(await readPosition(state, projectId)) };

  async function rollUp(options: RollUpOptions): Promise<RolledUp> {
    const { lease, pause, mayWorkThroughHistory, signal } = options;
    if (!(await lease.take())) return 'elsewhere';
    rowsOf.clear();
    let lookedMs = performance.now();
    let position = await look(await readPosition(state, projectId));
    await pause?.(performance.now() - lookedMs);
    const frozen = frozenParts(await listClosedMonths(state, projectId));
    const scope = { projectId, frozen, memoryBytes };
    let mayGoOn = mayWorkThroughHistory === undefined;
    while (position.pending.size > 0) {
      if (signal?.aborted) return 'stopped';
      if (!mayGoOn && isLongHistory(position)) {
        mayGoOn = (await mayWorkThroughHistory?.(position.storedUpTo)) ?? true;
        if (!mayGoOn) return 'recent';
      }
      const began = performance.now();
      if (!(await step(position, scope, lease))) return 'elsewhere';
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

  /** Computes the newest hours again, as many as there is memory for. */
  async function step(position: Position, scope: SpendScope, lease: LedgerLease): Promise<boolean> {
    for (;;) {
      const hours = await nextChunk(position.pending);
      try {
        if (!(await rollUpOpen(position, scope, { hours, lease }))) return false;
        stepSize.succeed();
        return true;
      } catch (error) {
        if (!isOutOfMemory(error) || !stepSize.halve(hours)) throw error;
        log.warn({ hours: hours.length }, 'rolling up spend took too much memory; half of it is tried');
      }
    }
  }

  async function rollUpOpen(
    position: Position,
    scope: SpendScope,
    { hours, lease }: { hours: readonly Hour[]; lease: LedgerLease },
  ): Promise<boolean> {
    const nowMs = clock.now();
    const adjusted = await adjustFrozen(clickhouse, scope, { hours, nowMs });
    if (adjusted > 0) {
      log.info({ rows: adjusted }, 'spend of closed months has changed and is booked in the open one');
      position.pending.add(Math.floor(nowMs / 3_600_000));
    }
    const open = hours.filter(
      hour => !scope.frozen.some(([from, to]) => hour * 3600 >= from && (hour + 1) * 3600 <= to),
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

  function isLongHistory({ pending }: Position): boolean {
    return pending.size > backfillFromHours && newest(pending) < recentFrom();
  }

  /** While a long history is being worked through, the numbers of the last two days are what people look at. */
  function isRecentDone({ pending, backfillHours }: Position): boolean {
    return backfillHours > 0 && newest(pending) < recentFrom();
  }

  function recentFrom(): Hour {
    return Math.floor(clock.now() / 3_600_000) - recentHours;
  }

  /** The newest hours whose calls one statement can work through; one hour at least. */
  async function nextChunk(pending: ReadonlySet<Hour>): Promise<Hour[]> {
    const latest = newest(pending);
    const from = latest >= recentFrom() ? recentFrom() : latest - chunkDays * 24;
    const near = [...pending]
      .filter(hour => hour >= from)
      .sort((one, other) => other - one)
      .slice(0, stepSize.hours());
    if (!near.every(hour => rowsOf.has(hour))) {
      // Those of the next steps as well, since they are counted by reading all of that time.
      const soon = [...pending].filter(hour => hour >= from - chunkDays * 24);
      const counted = await rowsOfHours(clickhouse, { projectId, hours: soon });
      for (const hour of soon) rowsOf.set(hour, counted.get(hour) ?? 0);
    }
    let sum = 0;
    const end = near.findIndex(hour => {
      sum += rowsOf.get(hour) ?? 0;
      return sum > chunkRows;
    });
    return end === -1 ? near : near.slice(0, Math.max(1, end));
  }
}

const newest = (hours: ReadonlySet<Hour>): Hour => {
  let latest = Number.NEGATIVE_INFINITY;
  for (const hour of hours) latest = Math.max(latest, hour);
  return latest;
};

const isoOf = (micros: string) => new Date(Number(BigInt(micros) / 1000n)).toISOString();
