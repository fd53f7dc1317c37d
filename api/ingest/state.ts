import type { IngestProblem } from '#contract/ingest.ts';
import type { IngestReport, IngestStatus } from '#store/state/ingest-status.ts';

/** A collector reports every second while its counters change; one that holds data and says nothing is stuck or gone. */
const SILENT_MS = 2 * 60_000;

export interface StoredCheck {
  verdict: 'ok' | 'missing' | 'waiting' | 'unknown';
  checked_at: string | null;
  checked: number;
  missing: number;
}

/** What the collectors say of themselves, together. Null is unknown: none has reported it. */
export interface IngestState {
  acked: number;
  stored: number;
  /** Items; requests of which nothing was taken are counted apart. */
  rejected: number;
  refused_requests: number | null;
  waiting: number | null;
  /** When the oldest request came that is not read from a log yet; null when all are. */
  unread_since: string | null;
  duplicates: number | null;
  truncated: number | null;
  quarantined: number | null;
  wal_bytes: number | null;
  wal_limit_bytes: number | null;
  last_received_at: string | null;
  check: StoredCheck;
}

/** Sums over collectors, since each of them started. */
export function ingestState(collectors: readonly IngestStatus[]): IngestState {
  const reports = collectors.flatMap(({ report }) => report ?? []);
  const reported = (pick: (report: IngestReport) => number) =>
    reports.length === 0 ? null : sum(reports.map(pick));
  const refused = reported(report => report.refusedRequests);
  const refusals = sum(collectors.flatMap(({ rejected }) => Object.values(rejected)));
  return {
    acked: sum(collectors.map(({ acked }) => acked)),
    stored: sum(collectors.map(({ stored }) => stored)),
    rejected: refusals - (refused ?? 0),
    refused_requests: refused,
    waiting: collectors.length === 0 ? null : sum(collectors.map(({ waiting }) => waiting)),
    unread_since: earliest(reports.map(({ unreadSince }) => unreadSince)),
    duplicates: reported(report => report.duplicates),
    truncated: reported(report => report.truncated),
    quarantined: reported(report => report.quarantined),
    wal_bytes: reported(report => report.walBytes),
    wal_limit_bytes: reported(report => report.walLimitBytes),
    last_received_at: latest(collectors.map(({ last_received_at }) => last_received_at)),
    check: together(reports.map(({ check }) => check)),
  };
}

/** The worst verdict of them: one missing item is not made up for by others that are there. */
function together(checks: readonly StoredCheck[]): StoredCheck {
  const order = ['missing', 'waiting', 'ok', 'unknown'] as const;
  return {
    verdict: order.find(verdict => checks.some(check => check.verdict === verdict)) ?? 'unknown',
    checked_at: latest(checks.map(({ checked_at }) => checked_at)),
    checked: sum(checks.map(({ checked }) => checked)),
    missing: sum(checks.map(({ missing }) => missing)),
  };
}

/** What the collectors report, and the silence of one that should not be silent; critical first, then oldest first. */
export function ingestProblems(collectors: readonly IngestStatus[], nowMs: number): IngestProblem[] {
  const silent = collectors.flatMap(collector => silence(collector, nowMs) ?? []);
  return [...silent, ...reportedProblems(collectors)].sort(
    (one, other) => rank(one) - rank(other) || Date.parse(one.since) - Date.parse(other.since),
  );
}

/** What the collectors say is wrong; the last words of one that was stopped with nothing left to store are history. */
export function reportedProblems(collectors: readonly IngestStatus[]): IngestProblem[] {
  return collectors
    .filter(({ report, waiting }) => !(report?.stopped && waiting === 0))
    .flatMap(({ collector_id, report }) =>
      (report?.problems ?? []).map(problem => ({ ...problem, id: `${collector_id}/${problem.id}` })),
    );
}

const rank = ({ severity }: IngestProblem) => (severity === 'critical' ? 0 : 1);

function silence({ collector_id, waiting, at, report }: IngestStatus, nowMs: number): IngestProblem | null {
  if (report?.stopped || waiting === 0 || nowMs - Date.parse(at) <= SILENT_MS) return null;
  return {
    id: `${collector_id}/silent`,
    severity: 'critical',
    title: `A collector is silent while ${waiting.toLocaleString('en')} acknowledged items wait to be stored`,
    detail:
      'They are safe in its write-ahead log and are stored when it runs again on the same folder. Check that the process is alive and what it logged last.',
    since: at,
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The newest of ISO 8601 times in UTC; null when all are. */
export function latest(times: readonly (string | null)[]): string | null {
  return times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);
}

/** The oldest of ISO 8601 times in UTC; null when all are. */
function earliest(times: readonly (string | null)[]): string | null {
  return times.reduce(
    (first, time) => (time !== null && (first === null || time < first) ? time : first),
    null,
  );
}
