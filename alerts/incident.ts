import { createHash } from 'node:crypto';
import { metricOf } from './figures.ts';
import { type Finding, type Series, seriesKey } from './finding.ts';
import { says } from './words.ts';

/**
 * `improved`: changed for the better, kept for the record and never sent. `mixed`: other traffic came and nothing got worse
 * by itself; shown and not sent either, but watched for more.
 */
export type IncidentState = 'firing' | 'mixed' | 'improved' | 'resolved';

/**
 * One cause, one page: everything that moved together in a feature and environment. The first finding opens it, later
 * ones join; `findings` keeps them in that order.
 */
export interface Incident {
  id: string;
  feature: string;
  environment: string;
  state: IncidentState;
  openedAtMs: number;
  resolvedAtMs: number | null;
  /** Lines of its timeline so far; with the id it names an event, the same on every retry. */
  transitions: number;
  findings: Finding[];
  /** It fires on a window of which a sender has not told everything yet. */
  provisional?: boolean;
}

/** One line of a timeline. `message` says what a receiver must be told about it, if anything. */
export interface IncidentChange {
  incident: Incident;
  eventId: string;
  atMs: number;
  kind:
    | 'fired'
    | 'mixed'
    | 'improved'
    | 'joined'
    | 'worsened'
    | 'renewed'
    | 'confirmed'
    | 'recovered'
    | 'resolved';
  text: string;
  message: 'firing' | 'updated' | 'resolved' | null;
}

export type ClosingReason = NonNullable<Finding['closedBecause']>;

/**
 * Changes that begin this close together in one feature and environment have one cause: "a few hours" and what the
 * estimate of a start may be off by.
 */
const sameCauseMs = 12 * 3_600_000;

/**
 * Takes a new finding into the incidents still open and returns its timeline line. What got better never pages: it joins
 * an open incident of the same cause or becomes an `improved` record. What got worse joins the incident of the same
 * cause without a page; only when it is of a graver kind (answers, where so far only time, length or money moved) the
 * incident takes its name and receivers are told.
 */
export function recordOpened(open: readonly Incident[], finding: Finding): IncidentChange {
  const incident = open.find(candidate => isOpen(candidate) && sharesCause(candidate, finding));
  if (!incident) {
    const state = finding.verdict === 'better' ? 'improved' : 'firing';
    const opened = newIncident(finding, state);
    return state === 'firing'
      ? change(opened, finding.openedAtMs, 'fired', says.fired(finding), 'firing')
      : change(opened, finding.openedAtMs, 'improved', says.improved(finding), null);
  }
  const graver = gravity(finding) > Math.max(...incident.findings.map(gravity));
  incident.findings.push(finding);
  return graver
    ? change(incident, finding.openedAtMs, 'worsened', says.worsened(finding), 'updated')
    : change(incident, finding.openedAtMs, 'joined', says.joined(finding), null);
}

const isOpen = ({ state }: Incident) => state === 'firing' || state === 'mixed';

/** Takes the page back before it is sent: the shift is other traffic. `fired` becomes the line that says so. */
export function recordMix(incident: Incident, fired: IncidentChange): void {
  incident.state = 'mixed';
  Object.assign(fired, { kind: 'mixed', text: says.mixed(leadOf(incident)), message: null });
}

/** More than other traffic: it pages after all. */
export function recordBeyondMix(incident: Incident, atMs: number): IncidentChange {
  incident.state = 'firing';
  return change(incident, atMs, 'fired', says.beyondMix(leadOf(incident)), 'firing');
}

/** Fresh evidence for a finding that stands: noted, not sent. */
export function recordRenewed(incident: Incident, finding: Finding, atMs: number): IncidentChange {
  return change(incident, atMs, 'renewed', says.renewed(finding), null);
}

/** The window it fired on is complete, and it stands: noted, not sent. */
export function recordConfirmed(incident: Incident, atMs: number): IncidentChange {
  return change(incident, atMs, 'confirmed', says.confirmed(), null);
}

const closingWords: Record<ClosingReason, (finding: Finding) => string> = {
  recovered: says.recovered,
  no_longer_reported: says.unreported,
  reversed: says.reversed,
  accepted: says.accepted,
  retracted: says.retracted,
};

/** Closes one finding; the incident is resolved with the last one. */
export function recordClosed(
  incident: Incident,
  key: string,
  atMs: number,
  reason: ClosingReason,
): IncidentChange[] {
  const finding = openFinding(incident, key);
  if (!finding) return [];
  finding.closedAtMs = atMs;
  finding.closedBecause = reason;
  const text = closingWords[reason](finding);
  const closed = change(incident, atMs, 'recovered', text, null);
  if (incident.state === 'resolved' || incident.findings.some(holdsOpen(incident))) return [closed];
  const told = incident.state === 'firing';
  incident.state = 'resolved';
  incident.resolvedAtMs = atMs;
  return [closed, change(incident, atMs, 'resolved', says.resolved(), told ? 'resolved' : null)];
}

/** The incident's finding on this series that has not closed yet. */
export function openFinding(incident: Incident, key: string): Finding | null {
  return incident.findings.find(one => one.closedAtMs === null && seriesKey(one) === key) ?? null;
}

/** What got better beside something worse does not keep a page open. */
const holdsOpen = (incident: Incident) => (finding: Finding) =>
  finding.closedAtMs === null && (finding.verdict !== 'better' || incident.state === 'improved');

/** The finding that names the incident: worse before better, then open before closed, the gravest, the first. */
export function leadOf(incident: Pick<Incident, 'findings'>): Finding {
  const weight = (finding: Finding) =>
    gravity(finding) + (finding.verdict !== 'better' && finding.closedAtMs === null ? 10 : 0);
  return incident.findings.reduce((lead, finding) => (weight(finding) > weight(lead) ? finding : lead));
}

/** 0: better, 1: time, length or money, 2: the answers themselves. */
function gravity(finding: Finding): number {
  if (finding.verdict === 'better') return 0;
  return metricOf(finding).kind === 'answers' ? 2 : 1;
}

function sharesCause(incident: Incident, finding: Finding): boolean {
  return (
    sameGroup(incident, finding) &&
    incident.findings.some(({ changedAtMs }) => Math.abs(changedAtMs - finding.changedAtMs) <= sameCauseMs)
  );
}

const sameGroup = (incident: Incident, series: Series) =>
  incident.feature === series.feature && incident.environment === series.environment;

/** The id follows from what happened, so evaluating the same data again names the same incident. */
function newIncident(finding: Finding, state: IncidentState): Incident {
  const { feature, environment, openedAtMs } = finding;
  const hash = createHash('sha256')
    .update(`${seriesKey(finding)}@${openedAtMs}`)
    .digest('hex');
  return {
    id: `inc_${hash.slice(0, 20)}`,
    feature,
    environment,
    state,
    openedAtMs,
    resolvedAtMs: null,
    transitions: 0,
    findings: [finding],
  };
}

function change(
  incident: Incident,
  atMs: number,
  kind: IncidentChange['kind'],
  text: string,
  message: IncidentChange['message'],
): IncidentChange {
  incident.transitions += 1;
  // Padded, so that events of one instant sort in the order they happened.
  const eventId = `${incident.id}.${String(incident.transitions).padStart(4, '0')}`;
  return { incident, eventId, atMs, kind, text, message };
}
