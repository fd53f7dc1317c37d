import type { ClickHouse } from '#store/engine/client.ts';
import { replaceUsageDays, usageDaysChanged, usageDaysOfAll } from '#store/queries/usage-roll-up.ts';
import type { StateDb } from '#store/state/open.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';

/** What was stored is looked at once more for this long: an insert may take a while to be seen. */
const OVERLAP_US = 90_000_000n;
/** What fits into memory. */
const DAYS_PER_STATEMENT = 10;

/** How far the usage of users is counted; JSON in the state database. */
interface Position {
  zone: string;
  storedUpTo: string;
  /** Days of another zone that wait, newest first; empty when all are counted. */
  waiting: string[];
  /** Days that had to be counted when the zone changed. */
  total: number;
}

export interface UsageScope {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** The reporting zone of this moment. */
  zone: string;
}

/**
 * Counts the days anew whose calls changed. When the reporting zone has changed, all days wait to be counted in it, the newest
 * first, `daysAtOnce` a run. Doing it twice changes nothing.
 */
export async function rollUpUsage(
  scope: UsageScope,
  daysAtOnce = 30,
): Promise<{ days: number; waiting: number }> {
  const { clickhouse, state, projectId, zone } = scope;
  const known = await readPosition(scope);
  let position = known?.zone === zone ? known : await startOver(scope);
  const since = BigInt(position.storedUpTo) > OVERLAP_US ? BigInt(position.storedUpTo) - OVERLAP_US : 0n;
  const changed = await usageDaysChanged(clickhouse, { projectId, zone }, since.toString());
  const due = [...new Set([...changed.days, ...position.waiting.slice(0, daysAtOnce)])].sort().reverse();
  for (let at = 0; at < due.length; at += DAYS_PER_STATEMENT) {
    await replaceUsageDays(clickhouse, { projectId, zone }, due.slice(at, at + DAYS_PER_STATEMENT));
  }
  const done = new Set(due);
  position = {
    ...position,
    storedUpTo: changed.storedUpTo,
    waiting: position.waiting.filter(day => !done.has(day)),
  };
  await writeProgress(state, jobOf(projectId), JSON.stringify(position));
  return { days: due.length, waiting: position.waiting.length };
}

async function startOver({ clickhouse, state, projectId, zone }: UsageScope): Promise<Position> {
  // Asked first: what is stored from here on is found as changed, what was before is among all days.
  const { storedUpTo } = await usageDaysChanged(clickhouse, { projectId, zone }, MAX_US);
  const waiting = (await usageDaysOfAll(clickhouse, { projectId, zone })).reverse();
  const position = { zone, storedUpTo, waiting, total: waiting.length };
  await writeProgress(state, jobOf(projectId), JSON.stringify(position));
  return position;
}

/** Later than anything: nothing has changed since. The year 2200 in microseconds. */
const MAX_US = '7258118400000000';

/** Share of the days that are counted in the zone, 0 to 1. */
export async function usageProgress(
  scope: Pick<UsageScope, 'state' | 'projectId' | 'zone'>,
): Promise<number> {
  const position = await readPosition(scope);
  if (position?.zone !== scope.zone) return 0;
  return position.total === 0 ? 1 : 1 - position.waiting.length / position.total;
}

const jobOf = (projectId: string) => `usage-by-user:${projectId}`;

async function readPosition({
  state,
  projectId,
}: Pick<UsageScope, 'state' | 'projectId'>): Promise<Position | null> {
  const text = await readProgress(state, jobOf(projectId));
  return text === null ? null : (JSON.parse(text) as Position);
}
