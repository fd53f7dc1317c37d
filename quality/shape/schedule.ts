import { randomUUID } from 'node:crypto';
import { quietDrift } from '#contract/quiet-drift.ts';
import { startRounds } from '#store/rounds.ts';
import { rollUpShapes, type ShapesUnderWay, shapeJob, shapesUnderWay } from '#store/shape-roll-up.ts';
import { giveLeaseBack, takeLease } from '#store/state/job-leases.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { readSetting } from '#store/state/settings.ts';
import { createTurns, nothing } from '#store/turns.ts';
import type { QualityDeps } from '../deps.ts';
import { rollUpGaps } from '../fairness/daily-gaps.ts';
import { rollUpTexts } from './text-shapes.ts';

export interface ShapeRollUps {
  /** Brings shapes and usage by the hour and gaps between cohorts by the day up to what is stored now. */
  runOnce(): Promise<void>;
  stop(): Promise<void>;
}

const everyMs = 5 * 60_000;
const leaseMs = 5 * 60_000;

/** Keeps what quiet drift is judged by, in one process at a time. With `timers: false` nothing runs by itself. */
export function startShapeRollUps(deps: QualityDeps, { timers }: { timers: boolean }): ShapeRollUps {
  const { clickhouse, state, projectId, clock, log } = deps;
  const job = shapeJob(projectId);
  const lease = { name: job, holder: randomUUID() };
  let stopped = false;
  const inTurn = createTurns();
  const mayGoOn = async () =>
    !stopped && (await takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs }));

  async function round(): Promise<void> {
    if (!(await mayGoOn())) return;
    const since = (await readProgress(state, job)) ?? '0';
    const left = await readProgress(state, shapesUnderWay(projectId));
    const brokenOff = left ? (JSON.parse(left) as ShapesUnderWay & { since: string }) : null;
    const { embeddings } = (await readSetting(state, 'quiet_drift')) ?? quietDrift.parse({});
    const begun = await rollUpShapes(
      clickhouse,
      { projectId, since, embeddings, underWay: brokenOff?.since === since ? brokenOff : null },
      async (hours, underWay) => {
        if (!(await rollUpTexts(deps, hours, mayGoOn))) return false;
        await writeProgress(state, shapesUnderWay(projectId), JSON.stringify({ ...underWay, since }));
        return mayGoOn();
      },
    );
    if (begun === null) return;
    await state.transaction().execute(async db => {
      await writeProgress(db, job, begun);
      await writeProgress(db, shapesUnderWay(projectId), '');
    });
    await rollUpGaps(deps, mayGoOn);
  }

  const runOnce = () => inTurn(round);
  const failed = (error: unknown) =>
    log.error({ err: error }, 'shapes of inputs and outputs could not be rolled up; it is tried again');
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
