import type { Condition } from '#contract/dimension.ts';
import type { SourceState, Watermark } from '#contract/watermark.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { readSourceHabits, type SourceHabits, servicesOf } from '#store/queries/watermark-sources.ts';
import { type IngestStatus, readIngestStatuses } from '#store/state/ingest-status.ts';
import type { AlertsDeps } from './deps.ts';

export interface Watermarks {
  /** Unix milliseconds; null when no sender is known. */
  completeUntilMs: number | null;
  sources: Watermark[];
}

const minuteMs = 60_000;
/** As alerts wait at least. */
const shortestDelayMs = 30_000;
/** So far back is looked for habits; who has sent nothing since is no source any more. */
const lookedBackMs = 2 * 86_400_000;
/** What arrives older than this is history, and nobody waits for the rest of it. */
const longestBehindMs = 6 * 3_600_000;
const shortestPauseMs = 2 * minuteMs;
const waitedFor = { leastMs: 10 * minuteMs, mostMs: 60 * minuteMs };
const rememberedMs = 5000;

type Deps = Pick<AlertsDeps, 'clickhouse' | 'state' | 'projectId'>;
const remembered = new WeakMap<ClickHouse, Map<string, { atMs: number; read: Promise<Watermarks> }>>();

/**
 * Up to when the data of every sender are complete, and of all of them together: calls like `where` need only the services that send
 * such calls. An answer holds for five seconds, since a page asks a dozen times.
 */
export function readWatermarks(deps: Deps, where: readonly Condition[], nowMs: number): Promise<Watermarks> {
  const known = remembered.get(deps.clickhouse) ?? new Map();
  remembered.set(deps.clickhouse, known);
  const key = JSON.stringify([deps.projectId, where]);
  const before = known.get(key);
  if (before && nowMs >= before.atMs && nowMs - before.atMs < rememberedMs) return before.read;
  const read = readNow(deps, where, nowMs);
  if (known.size >= 100) known.clear();
  known.set(key, { atMs: nowMs, read });
  read.catch(() => known.delete(key));
  return read;
}

async function readNow(
  { clickhouse, state, projectId }: Deps,
  where: readonly Condition[],
  nowMs: number,
): Promise<Watermarks> {
  const range = { projectId, fromMs: nowMs - lookedBackMs, toMs: nowMs + minuteMs };
  const [habits, statuses, services] = await Promise.all([
    readSourceHabits(clickhouse, range),
    readIngestStatuses(state),
    where.length > 0 ? servicesOf(clickhouse, { ...range, where }) : null,
  ]);
  const unreadSinceMs = unreadSince(statuses, nowMs);
  return watermarksOf(habits, { nowMs, waiting: waitingItems(statuses), unreadSinceMs, services });
}

/** What the collectors together have accepted, read and not stored: the sources have it in their figures. */
const waitingItems = (statuses: readonly IngestStatus[]): number =>
  statuses.reduce((sum, { waiting, report }) => sum + waiting - (report?.unread ?? 0), 0);

/** Since when a collector has requests of which nobody knows yet who sent them; null when there are none. */
function unreadSince(statuses: readonly IngestStatus[], nowMs: number): number | null {
  const since = statuses
    .filter(({ at }) => Date.parse(at) > nowMs - waitedFor.mostMs)
    .flatMap(({ report }) => (report?.unreadSince ? [Date.parse(report.unreadSince)] : []));
  return since.length === 0 ? null : Math.min(...since);
}

interface Now {
  nowMs: number;
  /** Items that collectors have read and hold back. */
  waiting: number;
  /** When the oldest of them was received that is not counted for any source yet; null without one. */
  unreadSinceMs: number | null;
  /** Only those; null is all. */
  services: ReadonlySet<string> | null;
}

export function watermarksOf(
  habits: readonly SourceHabits[],
  { nowMs, waiting, unreadSinceMs, services }: Now,
): Watermarks {
  const backlogFromMs = backlogFrom(habits, waiting, nowMs);
  // Any source may have sent what nobody has read.
  const unreadFromMs =
    unreadSinceMs !== null && unreadSinceMs + shortestDelayMs < nowMs ? unreadSinceMs : null;
  const sources = habits
    .filter(({ service }) => services === null || services.has(service))
    .map(one => judged(one, { backlogFromMs, unreadFromMs, nowMs }));
  const holding = sources.filter(({ holds }) => holds).map(one => Date.parse(one.complete_until));
  const current = nowMs - shortestDelayMs;
  const completeUntilMs = sources.length === 0 ? null : Math.min(current, ...holding);
  return { completeUntilMs, sources };
}

/**
 * Since when items wait, by their minute of receipt; null when none has waited for long. Items are stored in the order in which they
 * came, so what waits is the newest of what is counted as not stored; older differences are what was set aside, or was counted by a
 * process that died.
 */
function backlogFrom(habits: readonly SourceHabits[], waiting: number, nowMs: number): number | null {
  const minutes = habits
    .flatMap(({ pending }) => pending)
    .sort((one, other) => other.minuteMs - one.minuteMs);
  let left = waiting;
  let oldestMs: number | null = null;
  for (const { minuteMs: at, items } of minutes) {
    if (left <= 0) break;
    left -= items;
    oldestMs = at;
  }
  return oldestMs !== null && oldestMs + 2 * minuteMs < nowMs ? oldestMs : null;
}

function judged(
  habits: SourceHabits,
  {
    backlogFromMs,
    unreadFromMs,
    nowMs,
  }: { backlogFromMs: number | null; unreadFromMs: number | null; nowMs: number },
): Watermark {
  const { lastSeenMs, lastDelayMs, usualDelayMs, usualPauseMs, pending, ...source } = habits;
  const delayMs = Math.max(shortestDelayMs, usualDelayMs ?? 0);
  const waits = backlogFromMs === null ? [] : pending.filter(one => one.minuteMs >= backlogFromMs);
  const { state, untilMs, holds } = standing(habits, {
    delayMs,
    waitsSinceMs: earlier(waits.at(-1)?.minuteMs, unreadFromMs),
    nowMs,
  });
  return {
    ...source,
    state,
    holds,
    complete_until: new Date(Math.floor(Math.min(untilMs, nowMs - delayMs))).toISOString(),
    last_seen: new Date(lastSeenMs).toISOString(),
    usual_delay_ms: usualDelayMs,
    usual_pause_ms: usualPauseMs,
    waiting: waits.reduce((sum, { items }) => sum + items, 0),
  };
}

function standing(
  { lastSeenMs, lastDelayMs, usualPauseMs }: SourceHabits,
  { delayMs, waitsSinceMs, nowMs }: { delayMs: number; waitsSinceMs: number | undefined; nowMs: number },
): { state: SourceState; untilMs: number; holds: boolean } {
  // Accepted is accepted: it will be stored, however long that takes.
  if (waitsSinceMs !== undefined) return { state: 'behind', untilMs: waitsSinceMs - delayMs, holds: true };
  const pauseMs = usualPauseMs ?? 5 * minuteMs;
  const quietMs = nowMs - lastSeenMs;
  const lateAfterMs = Math.max(shortestPauseMs, 1.5 * pauseMs);
  const silentAfterMs = lateAfterMs + Math.min(waitedFor.mostMs, Math.max(waitedFor.leastMs, pauseMs));
  if (quietMs > silentAfterMs) return { state: 'silent', untilMs: lastSeenMs - delayMs, holds: false };
  const agoMs = Math.max(0, lastDelayMs ?? 0);
  if (agoMs > delayMs + Math.max(minuteMs, 2 * delayMs)) {
    const untilMs = lastSeenMs - agoMs - delayMs;
    return { state: 'behind', untilMs, holds: nowMs - untilMs <= longestBehindMs };
  }
  if (quietMs > lateAfterMs) return { state: 'late', untilMs: lastSeenMs - delayMs, holds: true };
  return { state: 'current', untilMs: nowMs - delayMs, holds: true };
}

function earlier(one: number | undefined, other: number | null): number | undefined {
  return one === undefined || other === null ? (one ?? other ?? undefined) : Math.min(one, other);
}
