import type { InternalAlertRow } from '#store/state/internal-alerts.ts';
import { figuresOf } from '../figures.ts';
import type { Finding } from '../finding.ts';
import { changedBetween } from '../finding.ts';
import type { Incident, IncidentChange } from '../incident.ts';
import { leadOf } from '../incident.ts';
import { certainty, metricLabel, says, title } from '../words.ts';

type EventType = 'incident.firing' | 'incident.updated' | 'incident.resolved' | 'test';

/** Body of an event. Numbers and names only: never what people or models wrote. */
export interface EventPayload {
  type: EventType;
  /** When it happened, not when it was sent; ISO 8601. */
  timestamp: string;
  data: EventData;
}

/** `before` and `after` are in `unit`, as in the API: scores of 0 to 1 for `points`, 3.5 for 3.5 %. */
interface EventData {
  id: string;
  title: string;
  state: 'firing' | 'resolved';
  feature: string;
  model: string;
  environment: string;
  metric: string;
  metric_label: string;
  direction: 'up' | 'down';
  before: number;
  after: number;
  unit: string;
  changed_at: string;
  /** Where the change lies with 90 %; null when the data do not say. */
  changed_between: { from: string; to: string } | null;
  opened_at: string;
  resolved_at: string | null;
  certainty: string;
  chance_of_noise: number;
  /** It fires on a window that is not complete: late data may take it back. `detail` says so in words. */
  provisional: boolean;
  /** Late data took the verdict back; `detail` says so in words. */
  retracted: boolean;
  detail: string;
  /** Titles of what else moved. */
  also: string[];
  /** The incident's page. */
  url: string;
  /** The calls since the change. */
  traces_url: string;
}

/** What a receiver is told about a change of an incident; `baseUrl` is where people reach the dashboard. */
export function incidentPayload(
  incident: Incident,
  message: NonNullable<IncidentChange['message']>,
  atMs: number,
  baseUrl: string,
): EventPayload {
  const lead = leadOf(incident);
  const { before, after, unit } = figuresOf(lead);
  const between = changedBetween(lead);
  return {
    type: `incident.${message}`,
    timestamp: iso(atMs),
    data: {
      id: incident.id,
      title: title(lead),
      state: incident.state === 'resolved' ? 'resolved' : 'firing',
      feature: short(incident.feature),
      model: short(lead.model),
      environment: short(incident.environment),
      metric: short(lead.metric),
      metric_label: short(metricLabel(lead.metric)),
      direction: lead.direction,
      before,
      after,
      unit,
      changed_at: iso(lead.changedAtMs),
      changed_between: between && { from: iso(between.fromMs), to: iso(between.toMs) },
      opened_at: iso(incident.openedAtMs),
      resolved_at: incident.resolvedAtMs === null ? null : iso(incident.resolvedAtMs),
      certainty: certainty(lead),
      chance_of_noise: lead.chanceOfNoise,
      ...takenBack(incident, lead),
      also: incident.findings
        .filter(finding => finding !== lead)
        .slice(0, 10)
        .map(title),
      url: incidentUrl(baseUrl, incident.id),
      traces_url: tracesUrl(baseUrl, incident, lead.changedAtMs),
    },
  };
}

/** A verdict that does not stand any more is taken back in words, and not only over. */
function takenBack(
  { state, provisional: is = false }: Incident,
  lead: Finding,
): Pick<EventData, 'provisional' | 'retracted' | 'detail'> {
  const over = state === 'resolved' ? lead.closedBecause : undefined;
  const provisional = is && state === 'firing';
  const detail =
    over === 'retracted'
      ? says.retracted(lead)
      : over === 'reversed'
        ? says.reversed(lead)
        : provisional
          ? says.provisional()
          : '';
  return { provisional, retracted: over === 'retracted', detail };
}

/** Body of an event about Driftline itself: nothing of a feature has moved, so there is no metric. */
interface InternalPayload {
  type: 'internal.firing' | 'internal.resolved';
  timestamp: string;
  data: {
    id: string;
    title: string;
    state: 'firing' | 'resolved';
    severity: 'warning' | 'critical';
    detail: string;
    since: string;
    opened_at: string;
    resolved_at: string | null;
    /** The page that shows it. */
    url: string;
  };
}

/** What a receiver is told about an alert of Driftline itself. */
export function internalPayload(alert: InternalAlertRow, baseUrl: string): InternalPayload {
  const { alert_id, title, state, severity, detail, since, opened_at, resolved_at } = alert;
  return {
    type: `internal.${state}`,
    timestamp: resolved_at ?? opened_at,
    data: {
      id: alert_id,
      title: short(title),
      state,
      severity,
      detail: detail.slice(0, 1000),
      since,
      opened_at,
      resolved_at,
      url: new URL('/ingest', baseUrl).href,
    },
  };
}

/** A sample event, so that a receiver can be tried before anything is wrong. */
export function testPayload(eventId: string, atMs: number, baseUrl: string): EventPayload {
  return {
    type: 'test',
    timestamp: iso(atMs),
    data: {
      id: eventId,
      title: 'Test from Driftline: this channel works',
      state: 'resolved',
      feature: 'example',
      model: 'example',
      environment: 'test',
      metric: 'score:quality',
      metric_label: metricLabel('score:quality'),
      direction: 'down',
      before: 0.91,
      after: 0.82,
      unit: 'points',
      changed_at: iso(atMs),
      changed_between: null,
      opened_at: iso(atMs),
      resolved_at: iso(atMs),
      certainty: 'could be noise',
      chance_of_noise: 1,
      provisional: false,
      retracted: false,
      detail: '',
      also: [],
      url: new URL('/alerts', baseUrl).href,
      traces_url: new URL('/traces', baseUrl).href,
    },
  };
}

const incidentUrl = (baseUrl: string, incidentId: string): string =>
  new URL(`/a/${incidentId}`, baseUrl).href;

const dayMs = 24 * 3_600_000;

/** Calls of the feature from the change on: a day of them, or to the end. */
function tracesUrl(baseUrl: string, { feature, resolvedAtMs }: Incident, changedAtMs: number): string {
  const toMs = Math.max(changedAtMs + dayMs, resolvedAtMs ?? 0);
  const f = `feature:${feature.slice(0, 200).replaceAll(/[\\,]/g, character => `\\${character}`)}`;
  const query = new URLSearchParams({ from: iso(changedAtMs), to: iso(toMs), f });
  return new URL(`/traces?${query}`, baseUrl).href;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Senders choose these names; a body must stay under 20 KB whatever they send. */
const short = (name: string) => name.slice(0, 200);
