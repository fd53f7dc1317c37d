import type { ClickHouse } from '#store/engine/client.ts';
import {
  callsNearby,
  callsOfAnswers,
  looseLogsOfAnswers,
  type StoredSpan,
} from '#store/queries/trace-facts.ts';
import { CLOCK_TOLERANCE_NS } from '../request/attempt.ts';
import { pairingWindow } from '../request/calls.ts';
import type { LogFacts, SpanFacts } from '../request/facts.ts';
import { factsOf, type KnownFacts } from './known-facts.ts';

const hourNs = 3_600_000_000_000n;

/**
 * Ids of traces, not yet known, that may tell of a call in `spans` once more, or that answer a log record outside any
 * trace; loose records found on the way are added to `known`. One step: what is found may have neighbours of its own.
 */
export async function findNeighbours(
  clickhouse: ClickHouse,
  projectId: string,
  known: KnownFacts,
  spans: readonly SpanFacts[],
  logs: readonly LogFacts[],
): Promise<Set<string>> {
  const [nearby, answered] = await Promise.all([
    twinsNearby(clickhouse, projectId, spans),
    answersOf(clickhouse, projectId, logs),
    addLooseLogs(clickhouse, projectId, known, spans),
  ]);
  const ids = new Set([...nearby, ...answered].map(row => row.traceId));
  for (const id of known.traceIds) ids.delete(id);
  return ids;
}

async function twinsNearby(
  clickhouse: ClickHouse,
  projectId: string,
  spans: readonly SpanFacts[],
): Promise<SpanFacts[]> {
  const calls = spans.filter(span => pairingWindow(span) !== null);
  if (calls.length === 0) return [];
  const windows = calls.map(call => pairingWindow(call)!);
  const candidates = await callsNearby(clickhouse, {
    projectId,
    services: [...new Set(calls.map(({ service }) => service))],
    // A call that encloses ours may have begun long before.
    fromNs: earliest(windows.map(({ fromNs }) => fromNs)) - hourNs,
    toNs: latest(windows.map(({ toNs }) => toNs)),
  });
  return likelyTwins(calls, candidates.map(factsOf));
}

/** Candidates that could be a second telling of one of `calls`, judged a little more generously than the pairing itself. */
function likelyTwins(calls: readonly SpanFacts[], candidates: readonly SpanFacts[]): SpanFacts[] {
  const byProcess = new Map<string, SpanFacts[]>();
  for (const call of calls) {
    const siblings = byProcess.get(call.resourceKey);
    if (siblings) siblings.push(call);
    else byProcess.set(call.resourceKey, [call]);
  }
  return candidates.filter(candidate =>
    byProcess.get(candidate.resourceKey)?.some(call => mayBeTwins(call, candidate)),
  );
}

function mayBeTwins(a: SpanFacts, b: SpanFacts): boolean {
  if (a.traceId === b.traceId || a.scopeName === b.scopeName || a.role !== b.role) return false;
  if (a.responseId !== undefined && b.responseId !== undefined) return a.responseId === b.responseId;
  return isInside(a, b) || isInside(b, a);
}

function isInside(inner: SpanFacts, outer: SpanFacts): boolean {
  return (
    inner.startNs + CLOCK_TOLERANCE_NS >= outer.startNs && inner.endNs <= outer.endNs + CLOCK_TOLERANCE_NS
  );
}

/** Calls with the answer that a loose record tells about. */
async function answersOf(
  clickhouse: ClickHouse,
  projectId: string,
  logs: readonly LogFacts[],
): Promise<SpanFacts[]> {
  const loose = logs.filter(log => log.traceId === '' && log.inference?.responseId !== undefined);
  if (loose.length === 0) return [];
  const times = loose.map(({ timeNs }) => timeNs);
  const rows: StoredSpan[] = await callsOfAnswers(clickhouse, {
    projectId,
    responseIds: [...new Set(loose.map(log => log.inference!.responseId!))],
    fromNs: earliest(times) - hourNs,
    toNs: latest(times) + hourNs,
  });
  return rows.map(factsOf);
}

async function addLooseLogs(
  clickhouse: ClickHouse,
  projectId: string,
  known: KnownFacts,
  spans: readonly SpanFacts[],
): Promise<void> {
  const answers = spans.filter(span => span.responseId !== undefined);
  if (answers.length === 0) return;
  const rows = await looseLogsOfAnswers(clickhouse, {
    projectId,
    responseIds: [...new Set(answers.map(({ responseId }) => responseId!))],
    fromNs: earliest(answers.map(({ startNs }) => startNs)) - hourNs,
    toNs: latest(answers.map(({ endNs }) => endNs)) + hourNs,
  });
  for (const row of rows) known.addLog(row);
}

export function earliest(times: readonly bigint[]): bigint {
  let found = times[0]!;
  for (const time of times) if (time < found) found = time;
  return found;
}

export function latest(times: readonly bigint[]): bigint {
  let found = times[0]!;
  for (const time of times) if (time > found) found = time;
  return found;
}
