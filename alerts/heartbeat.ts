import type { StateDb } from '#store/state/open.ts';
import { overdueMessages } from '#store/state/outbox-health.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { isAnswer, post } from './channels/post.ts';
import type { AlertsLog, Clock } from './deps.ts';
import { readRouting } from './lifecycle/routing.ts';

export interface HeartbeatDeps {
  state: StateDb;
  clock: Clock;
  log: AlertsLog;
  allowPrivateAddresses: boolean;
}

/** When each part last did its work; Unix milliseconds, null: not yet. */
export interface Vitals {
  checkedMs: number | null;
  rulesMs: number | null;
}

const job = 'alerts.heartbeat';
/** A part that has not done its work for three intervals is not well. */
const lateMs = 3 * 60_000;
/** A message that is due and that nobody has taken for this long: the outbox does not move. */
const overdueMs = 2 * 60_000;
const timeoutMs = 10_000;

interface Status {
  last_sent_at: string | null;
  last_error: string | null;
  unhealthy: string[];
}

export async function heartbeatStatus(db: StateDb): Promise<Status> {
  const text = await readProgress(db, job);
  return text ? (JSON.parse(text) as Status) : { last_sent_at: null, last_error: null, unhealthy: [] };
}

/**
 * One ping to the URL a person gave, if evaluation and outbox are well: whoever waits for it raises the alarm when it stays away.
 * Returns whether it was sent.
 */
export async function beat(
  { state, clock, log, allowPrivateAddresses }: HeartbeatDeps,
  vitals: Vitals,
  signal: AbortSignal,
): Promise<boolean> {
  const { url } = (await readRouting(state)).heartbeat;
  if (url === null) return false;
  const before = await heartbeatStatus(state);
  const unhealthy = await problemsOf(state, vitals, clock.now());
  if (unhealthy.length > 0) {
    log.warn({ unhealthy }, 'no heartbeat: something is not well');
    await write(state, { ...before, unhealthy });
    return false;
  }
  const context = { signing: [], now: clock.now, timeoutMs, signal, allowPrivateAddresses };
  const result = await post({ url, method: 'GET', headers: {}, body: '' }, context);
  const error = isAnswer(result)
    ? result.status >= 200 && result.status < 300
      ? null
      : `answered ${result.status}`
    : 'error' in result
      ? result.error
      : null;
  if (error !== null) log.warn({ error }, 'the heartbeat did not arrive');
  const sentAt = error === null ? new Date(clock.now()).toISOString() : before.last_sent_at;
  await write(state, { last_sent_at: sentAt, last_error: error, unhealthy: [] });
  return error === null;
}

async function problemsOf(db: StateDb, { checkedMs, rulesMs }: Vitals, nowMs: number): Promise<string[]> {
  const problems: string[] = [];
  if (checkedMs === null || nowMs - checkedMs > lateMs)
    problems.push('drift has not been evaluated for 3 minutes');
  if (rulesMs === null || nowMs - rulesMs > lateMs)
    problems.push('rules have not been evaluated for 3 minutes');
  const overdue = await overdueMessages(db, new Date(nowMs - overdueMs).toISOString());
  if (overdue > 0) problems.push(`${overdue} messages are due and not being sent`);
  return problems;
}

const write = (db: StateDb, status: Status) => writeProgress(db, job, JSON.stringify(status));
