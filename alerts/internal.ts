import { createHash } from 'node:crypto';
import type { IngestProblem } from '#contract/ingest.ts';
import { type FailingRule, listFailingRules } from '#store/state/alert-rules.ts';
import { type IngestStatus, readIngestStatuses } from '#store/state/ingest-status.ts';
import {
  changeInternalAlert,
  firingInternalAlerts,
  type InternalAlertRow,
  openInternalAlert,
} from '#store/state/internal-alerts.ts';
import { type JudgeChangeRow, lastingJudgeChanges } from '#store/state/judges.ts';
import type { StateDb } from '#store/state/open.ts';
import { messagesOf, queueMessages } from '#store/state/outbox.ts';
import type { AlertsLog, Clock } from './deps.ts';
import { channelsFor } from './lifecycle/routing.ts';
import { internalPayload } from './notify/message.ts';

export interface InternalAlertsDeps {
  state: StateDb;
  clock: Clock;
  log: AlertsLog;
  /** Where people reach the dashboard. */
  baseUrl: string;
}

/** A warning that passes by itself is nobody's business. */
const warningHoldMs = 10 * 60_000;
/** A problem must be gone for this long, so that a restart or a flutter is not an end and a new beginning. */
const goneMs = 2 * 60_000;
const silentMs = 2 * 60_000;
/** A collector that was taken away is forgotten when it holds nothing. */
const forgottenMs = 24 * 3_600_000;

/** What one collector's report means now. */
interface Found {
  collectorId: string;
  problem: IngestProblem;
  /** Worth an alert; otherwise it only keeps open the one there is. */
  isAlert: boolean;
}

/**
 * Alerts about Driftline itself, apart from the incidents of features and their false-alarm budget: a critical problem that
 * a collector reports, a warning that lasts, or a collector that is silent. One row and one firing and one resolved message
 * for each time a problem comes and goes; all of it is in the state database, so a restart changes nothing.
 */
export function createInternalAlerts(deps: InternalAlertsDeps) {
  const { state, clock } = deps;
  /** When we last saw a collector's report change, by our own clock. */
  const heard = new Map<string, { at: string; ms: number }>();

  /** Opens and resolves what is due; the ids of the alerts that changed. */
  async function check(): Promise<string[]> {
    const nowMs = clock.now();
    const reported = (await readIngestStatuses(state)).flatMap(status => judge(status, nowMs));
    const found = [
      ...reported,
      ...(await lastingJudgeChanges(state)).map(judgeChange),
      ...(await listFailingRules(state)).map(ruleFailure),
    ];
    const firing = await firingInternalAlerts(state);
    const changed: string[] = [];
    for (const row of firing) {
      const still = found.find(one => isSame(one, row));
      if (await (still ? keep(deps, row, still) : letGo(deps, row, nowMs))) changed.push(row.alert_id);
    }
    for (const one of found) {
      if (!one.isAlert || firing.some(row => isSame(one, row))) continue;
      const opened = await open(deps, one, nowMs);
      if (opened) changed.push(opened);
    }
    return changed;
  }

  function judge(status: IngestStatus, nowMs: number): Found[] {
    const { collector_id: collectorId, at, report, waiting } = status;
    const silentForMs = quietFor(collectorId, at, nowMs);
    if (waiting === 0 && nowMs - Date.parse(at) > forgottenMs) return [];
    const isStopped = report?.stopped === true;
    const isSilent = silentForMs >= silentMs;
    const problems = (report?.problems ?? []).map(problem => ({
      collectorId,
      problem,
      // What was said before the silence may be over.
      isAlert: !isSilent && !isStopped && lasts(problem, nowMs),
    }));
    if (!isSilent || isStopped) return problems;
    const silence = silenceOf(collectorId, waiting, new Date(nowMs - silentForMs).toISOString());
    return [...problems, { collectorId, problem: silence, isAlert: true }];
  }

  function quietFor(collectorId: string, at: string, nowMs: number): number {
    const known = heard.get(collectorId);
    if (known?.at === at) return nowMs - known.ms;
    heard.set(collectorId, { at, ms: nowMs });
    return 0;
  }

  return { check };
}

function lasts({ severity, since }: IngestProblem, nowMs: number): boolean {
  return severity === 'critical' || nowMs - Date.parse(since) >= warningHoldMs;
}

function silenceOf(collectorId: string, waiting: number, since: string): IngestProblem {
  const held = waiting > 0 ? ` ${waiting} acknowledged items wait in its write-ahead log.` : '';
  return {
    id: 'collector-silent',
    severity: 'critical',
    title: 'A collector is silent',
    detail: `Collector ${collectorId} has not reported since ${since}.${held}`,
    since,
  };
}

/** Found on the judge's anchors: its scores moved, the product did not. */
function judgeChange({ score, after_at, by_at, difference }: JudgeChangeRow): Found {
  const points = Math.abs(100 * difference).toFixed(1);
  return {
    collectorId: 'judge',
    problem: {
      id: `judge-changed:${score}`,
      severity: 'warning',
      title: `The judge of ${score} changed`,
      detail: `It scores the same frozen examples ${points} points ${difference > 0 ? 'higher' : 'lower'} than before, since some time between ${after_at} and ${by_at}. Changes of this score are not taken as changes of the product until the judge is accepted as it is.`,
      since: by_at,
    },
    isAlert: true,
  };
}

/** Nobody is watching what the rule was made for. */
function ruleFailure({ rule_id, name, error, since }: FailingRule): Found {
  return {
    collectorId: 'rules',
    problem: {
      id: `rule-fails:${rule_id}`,
      severity: 'critical',
      title: `The rule ${name} cannot be evaluated`,
      detail: `${error.slice(0, 500)}. It stays as it was until it can be evaluated again.`,
      since,
    },
    isAlert: true,
  };
}

const isSame = ({ collectorId, problem }: Found, row: InternalAlertRow) =>
  collectorId === row.collector_id && problem.id === row.problem_id;

/** Opens an alert and queues its message in one transaction; null when another process was quicker. */
async function open(deps: InternalAlertsDeps, found: Found, nowMs: number): Promise<string | null> {
  const { collectorId, problem } = found;
  const at = new Date(nowMs).toISOString();
  const row: InternalAlertRow = {
    alert_id: idOf(collectorId, problem.id, at),
    collector_id: collectorId,
    problem_id: problem.id,
    severity: problem.severity,
    title: `Driftline: ${problem.title[0]?.toLowerCase()}${problem.title.slice(1)}`,
    detail: problem.detail,
    state: 'firing',
    since: problem.since,
    opened_at: at,
    gone_since: null,
    resolved_at: null,
  };
  const isOpened = await deps.state.transaction().execute(async db => {
    if (!(await openInternalAlert(db, row))) return false;
    const labels = { kind: 'internal', rule: problem.id, severity: problem.severity };
    const channelIds = await channelsFor(db, labels);
    await queue(db, deps, row, channelIds);
    return true;
  });
  if (isOpened) deps.log.warn({ alert: row.alert_id, detail: row.detail }, row.title);
  return isOpened ? row.alert_id : null;
}

/** The problem lasts. Its words follow what is reported; nobody is told again. */
async function keep(
  { state }: InternalAlertsDeps,
  row: InternalAlertRow,
  { problem }: Found,
): Promise<boolean> {
  const { detail, severity } = problem;
  if (row.gone_since === null && row.detail === detail && row.severity === severity) return false;
  return changeInternalAlert(state, row.alert_id, { detail, severity, gone_since: null });
}

/** The problem is not reported any more: resolved once that has been so for a while, and told where it was announced. */
async function letGo(deps: InternalAlertsDeps, row: InternalAlertRow, nowMs: number): Promise<boolean> {
  const at = new Date(nowMs).toISOString();
  if (row.gone_since === null) return changeInternalAlert(deps.state, row.alert_id, { gone_since: at });
  if (nowMs - Date.parse(row.gone_since) < goneMs) return false;
  return deps.state.transaction().execute(async db => {
    const resolved = { state: 'resolved', resolved_at: at } as const;
    if (!(await changeInternalAlert(db, row.alert_id, resolved))) return false;
    const announced = await messagesOf(db, row.alert_id);
    const channelIds = [...new Set(announced.map(({ channel_id }) => channel_id))];
    await queue(db, deps, { ...row, ...resolved }, channelIds);
    return true;
  });
}

async function queue(
  db: StateDb,
  { baseUrl }: InternalAlertsDeps,
  row: InternalAlertRow,
  channelIds: readonly string[],
): Promise<void> {
  const payload = JSON.stringify(internalPayload(row, baseUrl));
  const event_id = `${row.alert_id}.${row.state === 'firing' ? '0001' : '0002'}`;
  await queueMessages(
    db,
    channelIds.map(channel_id => ({
      event_id,
      incident_id: row.alert_id,
      channel_id,
      event: row.state,
      payload,
      created_at: row.resolved_at ?? row.opened_at,
    })),
  );
}

function idOf(collectorId: string, problemId: string, openedAt: string): string {
  const hash = createHash('sha256').update(JSON.stringify([collectorId, problemId, openedAt]));
  return `int_${hash.digest('hex').slice(0, 20)}`;
}
