import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Repricing } from '#contract/spend.ts';
import { priceBookReader } from '#store/prices/load.ts';
import { startRounds } from '#store/rounds.ts';
import { createTurns, nothing } from '#store/turns.ts';
import type { LedgerDeps } from './deps.ts';
import { CannotCloseError, checkClosable, freeze, keepFiles } from './month/close-month.ts';
import type { MonthFiles } from './month/month-file.ts';
import { addPreview } from './posting/post.ts';
import type { RepricingSpec } from './posting/repricing.ts';
import { createPoster } from './posting/run.ts';
import { compareWithCalls, isComparisonDue } from './roll-up/compare.ts';
import { ledgerLease } from './roll-up/lease.ts';
import { backfillDone, readPosition } from './roll-up/position.ts';
import { createRollUp, type RollUpOptions } from './roll-up/roll-up.ts';

export interface Ledger {
  /** Rolls up what is stored and runs the repricings that wait, now. */
  runOnce(): Promise<void>;
  /** Compares spend with its calls, now; the hours that differed. */
  compareNow(): Promise<number>;
  /** Throws CannotCloseError when it must not be closed now. */
  closeMonth(month: { month: string; zone: string; by: string }): Promise<void>;
  /** Writes down what is to be previewed and starts it, without waiting for it. */
  preview(spec: RepricingSpec): Promise<Repricing>;
  /** Starts what was asked for since the last look, without waiting for it. */
  wake(): void;
  stop(): Promise<void>;
}

const everyMs = 5_000;
/** Share of the engine that the ledger may take over time. */
const share = 0.1;
const leaseWaitMs = 20_000;

/**
 * Keeps the ledger: `spend_15m` follows what is stored, repricings are computed and posted, months get their files, and once
 * a day spend is compared with its calls. It takes a tenth of the engine at most: each statement runs on one core, and waits
 * afterwards. With `timers: false` nothing runs by itself.
 */
export function startLedger(
  deps: LedgerDeps & { monthFiles: MonthFiles; timers?: boolean } & Pick<
      RollUpOptions,
      'mayWorkThroughHistory'
    >,
): Ledger {
  const { log, state, projectId } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const lease = ledgerLease(deps);
  const { rollUp, lookAgain } = createRollUp(deps);
  const pause = (tookMs: number) => sleep(pauseAfter(tookMs), undefined, { signal }).catch(() => {});
  const readBook = priceBookReader(state);
  const runPostings = createPoster({ ...deps, readBook, signal });
  const runPostingsGently = createPoster({ ...deps, readBook, signal, pause });
  const inTurn = createTurns();

  async function keepUp(): Promise<void> {
    const rolledUp = await rollUp({
      lease,
      pause,
      mayWorkThroughHistory: deps.mayWorkThroughHistory,
      signal,
    });
    if (rolledUp !== 'done' || signal.aborted) return;
    await keepFiles(deps);
    if (await isComparisonDue(deps)) await compareWithCalls(deps, { lease, lookAgain, pause });
  }

  /** Two processes that post at once write the same rows; one is enough. */
  async function post(): Promise<void> {
    if (await lease.take()) await runPostingsGently();
  }

  const failed = (message: string) => (error: unknown) => log.error({ err: error }, message);
  const loops =
    deps.timers === false
      ? []
      : [
          startRounds(() => inTurn(keepUp), {
            everyMs,
            failed: failed('spend could not be rolled up; it is tried again'),
          }),
          startRounds(post, { everyMs, failed: failed('a repricing could not be run; it is tried again') }),
        ];

  const wake = () => {
    for (const loop of loops) loop.wake();
  };

  return {
    runOnce: () =>
      inTurn(async () => {
        await rollUp({ lease, signal });
        await runPostings();
        await rollUp({ lease, signal });
        await keepFiles(deps);
      }),
    compareNow: () => inTurn(async () => (await compareWithCalls(deps, { lease, lookAgain }))?.length ?? 0),
    async closeMonth(month) {
      const done = backfillDone(await readPosition(state, projectId));
      if (done !== null) {
        const percent = Math.floor(done * 100);
        throw new CannotCloseError(
          `Earlier days are still being added up (${percent} %). Close the month when that is done.`,
        );
      }
      await checkClosable(deps, month);
      await inTurn(async () => {
        await takeWithin(leaseWaitMs);
        const rolledUp = await rollUp({ lease, signal });
        if (rolledUp !== 'done') throw busy();
        await freeze(deps, month);
        await keepFiles(deps);
      });
    },
    async preview(spec) {
      // The prices of a newer program are in the book before it is said which ones count.
      await readBook();
      const added = await addPreview(deps, spec);
      wake();
      return added;
    },
    wake,
    async stop() {
      stopping.abort();
      await Promise.all(loops.map(loop => loop.stop()));
      await inTurn(nothing);
      await lease
        .giveBack()
        .catch(error => log.warn({ err: error }, 'the lease of the ledger runs out by itself'));
    },
  };

  async function takeWithin(ms: number): Promise<void> {
    for (let waitedMs = 0; !(await lease.take()); waitedMs += 500) {
      if (waitedMs >= ms) throw busy();
      await sleep(500);
    }
  }
}

const busy = () => new CannotCloseError('Another process is working on the ledger. Try again in a minute.');

/** One core was busy; the others were free. */
function pauseAfter(tookMs: number): number {
  return tookMs * Math.max(1, 1 / (share * availableParallelism()) - 1);
}

/** How far spend is: for every answer made of it. */
export async function spendState({ state, projectId }: Pick<LedgerDeps, 'state' | 'projectId'>) {
  const position = await readPosition(state, projectId);
  return { asOf: position.asOf, backfill: backfillDone(position) };
}
