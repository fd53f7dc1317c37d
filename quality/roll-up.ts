import { randomUUID } from 'node:crypto';
import { startRounds } from '#store/rounds.ts';
import { rollUpScores } from '#store/score-roll-up.ts';
import { giveLeaseBack, takeLease } from '#store/state/job-leases.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { createTurns, nothing } from '#store/turns.ts';
import type { QualityDeps } from './deps.ts';

export interface QualityRollUp {
  /** Brings sums of scores up to what is stored now. */
  runOnce(): Promise<void>;
  stop(): Promise<void>;
}

const everyMs = 60_000;
const leaseMs = 5 * 60_000;
const hourMs = 3_600_000;

const jobOf = (projectId: string) => `score roll-up ${projectId}`;

/**
 * Up to when scores may be read by the hour, Unix milliseconds; null before the first roll-up was done. The last hour is left out:
 * what arrives for it is read from the calls at once.
 */
export async function scoresRolledUntil({
  state,
  projectId,
}: Pick<QualityDeps, 'state' | 'projectId'>): Promise<number | null> {
  const begunUs = await readProgress(state, jobOf(projectId));
  return begunUs === null ? null : Math.floor(Number(begunUs) / 1000) - hourMs;
}

/** Adds scores up by the hour every minute, in one process at a time. With `timers: false` nothing runs by itself. */
export function startQualityRollUp(deps: QualityDeps, { timers }: { timers: boolean }): QualityRollUp {
  const { clickhouse, state, projectId, clock, log } = deps;
  const job = jobOf(projectId);
  const lease = { name: job, holder: randomUUID() };
  let stopped = false;
  const inTurn = createTurns();
  const mayGoOn = async () =>
    !stopped && (await takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs }));

  async function round(): Promise<void> {
    if (!(await mayGoOn())) return;
    const since = (await readProgress(state, job)) ?? '0';
    const done = await rollUpScores(clickhouse, { projectId, since }, mayGoOn);
    // Broken off it begins again where it began: hours that were computed twice are the same.
    if (done) await writeProgress(state, job, done.begun);
  }

  const runOnce = () => inTurn(round);
  const failed = (error: unknown) =>
    log.error({ err: error }, 'scores could not be added up; it is tried again');
  const rounds = timers ? startRounds(runOnce, { everyMs, failed }) : null;
  return {
    runOnce,
    async stop() {
      stopped = true;
      await rounds?.stop();
      await inTurn(nothing);
      await giveLeaseBack(state, lease);
    },
  };
}
