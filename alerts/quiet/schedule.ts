import type { Job } from '#store/job.ts';
import { startLeasedJob } from '#store/leased-job.ts';
import type { AlertsDeps } from '../deps.ts';
import { checkQuiet } from './check.ts';

const everyMs = 10 * 60_000;
const leaseMs = 10 * 60_000;

/** Judges usage and gaps between cohorts, in one process at a time. With `timers: false` nothing runs by itself. */
export function startQuietChecks(
  deps: AlertsDeps,
  { timers, baseUrl }: { timers: boolean; baseUrl: string },
): Job {
  return startLeasedJob(deps, {
    name: `quiet series ${deps.projectId}`,
    leaseMs,
    everyMs,
    timers,
    round: () => checkQuiet(deps, baseUrl),
    failed: error =>
      deps.log.error({ err: error }, 'usage and gaps between cohorts could not be judged; it is tried again'),
  });
}
