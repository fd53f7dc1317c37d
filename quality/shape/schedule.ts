import { quietDrift } from '#contract/quiet-drift.ts';
import type { Job } from '#store/job.ts';
import { startLeasedJob } from '#store/leased-job.ts';
import { rollUpShapes, type ShapesUnderWay, shapeJob, shapesUnderWay } from '#store/shape-roll-up.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { readSetting } from '#store/state/settings.ts';
import type { QualityDeps } from '../deps.ts';
import { rollUpGaps } from '../fairness/daily-gaps.ts';
import { rollUpTexts } from './text-shapes.ts';

const everyMs = 5 * 60_000;
const leaseMs = 5 * 60_000;

/** Keeps what quiet drift is judged by, in one process at a time. With `timers: false` nothing runs by itself. */
export function startShapeRollUps(deps: QualityDeps, { timers }: { timers: boolean }): Job {
  const { clickhouse, state, projectId, log } = deps;
  const job = shapeJob(projectId);
  return startLeasedJob(deps, {
    name: job,
    leaseMs,
    everyMs,
    timers,
    async round(mayGoOn) {
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
    },
    failed: error =>
      log.error({ err: error }, 'shapes of inputs and outputs could not be rolled up; it is tried again'),
  });
}
