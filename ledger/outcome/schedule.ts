import { randomUUID } from 'node:crypto';
import type { ClickHouse } from '#store/engine/client.ts';
import { startRounds } from '#store/rounds.ts';
import { giveLeaseBack, takeLease } from '#store/state/job-leases.ts';
import type { StateDb } from '#store/state/open.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { createTurns, nothing } from '#store/turns.ts';
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

export interface OutcomesSchedule {
  /** Joins outcomes and counts users' days that changed, now. */
  runOnce(): Promise<void>;
  stop(): Promise<void>;
}

const everyMs = 30_000;
/** While days wait to be counted in a new zone, there is always something to do. */
const busyMs = 500;
/** Longer than any statement may take. */
const leaseMs = 5 * 60_000;

/** Keeps outcomes joined and the usage of users counted; with `timers: false` nothing runs by itself. */
export function startOutcomes(deps: OutcomesDeps, { timers = true } = {}): OutcomesSchedule {
  const lease = { name: `outcomes ${deps.projectId}`, holder: randomUUID() };
  const inTurn = createTurns();

  /** Days are swapped as a whole: of several APIs one does it, and when that is gone another. Returns how many days wait. */
  async function work(): Promise<number> {
    if (!(await takeLease(deps.state, { ...lease, nowMs: deps.nowMs(), forMs: leaseMs }))) return 0;
    return run(deps);
  }

  const failed = (error: unknown) =>
    deps.log.error({ err: error }, 'outcomes could not be joined; it is tried again');
  const rounds = timers
    ? startRounds(async () => ((await inTurn(work)) > 0 ? busyMs : everyMs), { everyMs, failed })
    : null;
  return {
    runOnce: async () => void (await inTurn(work)),
    async stop() {
      await rounds?.stop();
      await inTurn(nothing);
      await giveLeaseBack(deps.state, lease);
    },
  };
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
