import type { Job } from '#store/job.ts';
import { startLeasedJob } from '#store/leased-job.ts';
import { rollUpScores } from '#store/score-roll-up.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import type { QualityDeps } from './deps.ts';

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
export function startQualityRollUp(deps: QualityDeps, { timers }: { timers: boolean }): Job {
  const { clickhouse, state, projectId, log } = deps;
  const name = jobOf(projectId);
  return startLeasedJob(deps, {
    name,
    leaseMs,
    everyMs,
    timers,
    async round(mayGoOn) {
      const since = (await readProgress(state, name)) ?? '0';
      const done = await rollUpScores(clickhouse, { projectId, since }, mayGoOn);
      // Broken off it begins again where it began: hours that were computed twice are the same.
      if (done) await writeProgress(state, name, done.begun);
    },
    failed: error => log.error({ err: error }, 'scores could not be added up; it is tried again'),
  });
}
