import type { ClickHouse } from '#store/engine/client.ts';
import type { Job } from '#store/job.ts';
import { startLeasedJob } from '#store/leased-job.ts';
import type { StateDb } from '#store/state/open.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { attributeOutcomes } from './attribute.ts';
import { rollUpUsage } from './usage.ts';

export interface OutcomesDeps {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** The reporting zone of this moment. */
  zone(): Promise<string>;
  /** Unix milliseconds. */
  nowMs(): number;
  log: { error(details: object, message: string): void };
}

const everyMs = 30_000;
/** While days wait to be counted in a new zone, there is always something to do. */
const busyMs = 500;
/** Longer than any statement may take. */
const leaseMs = 5 * 60_000;

/**
 * Keeps outcomes joined and the usage of users counted; with `timers: false` nothing runs by itself. Days are swapped as a whole: of
 * several APIs one does it, and when that is gone another.
 */
export function startOutcomes(deps: OutcomesDeps, { timers = true } = {}): Job {
  return startLeasedJob(
    { state: deps.state, clock: { now: deps.nowMs } },
    {
      name: `outcomes ${deps.projectId}`,
      leaseMs,
      everyMs,
      timers,
      round: async () => ((await run(deps)) > 0 ? busyMs : everyMs),
      failed: error => deps.log.error({ err: error }, 'outcomes could not be joined; it is tried again'),
    },
  );
}

/** Returns how many days still wait. */
async function run({ clickhouse, state, projectId, zone, nowMs }: OutcomesDeps): Promise<number> {
  const known = await readJoined(state, projectId);
  const at = new Date(nowMs()).toISOString();
  const { storedUpTo } = await attributeOutcomes(clickhouse, {
    projectId,
    sinceStored: known?.storedUpTo ?? '0',
  });
  await writeProgress(state, jobOf(projectId), JSON.stringify({ storedUpTo, at }));
  const { waiting } = await rollUpUsage({ clickhouse, state, projectId, zone: await zone() });
  return waiting;
}

const jobOf = (projectId: string) => `outcomes:${projectId}`;

/** Up to where outcomes are joined: `at` is ISO 8601; null when they never were. */
export async function readJoined(
  state: StateDb,
  projectId: string,
): Promise<{ storedUpTo: string; at: string } | null> {
  const text = await readProgress(state, jobOf(projectId));
  return text === null ? null : (JSON.parse(text) as { storedUpTo: string; at: string });
}
