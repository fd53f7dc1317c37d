import type { Generated } from 'kysely';

/**
 * The state database: SQLite in the data folder, or PostgreSQL with DATABASE_URL. Only SQL both speak: text, integer and
 * double columns, times as ISO 8601 text in UTC, JSON as text, booleans as 0/1.
 */
export interface State {
  settings: SettingTable;
  prices: PriceTable;
  channels: ChannelTable;
  incidents: IncidentTable;
  incident_events: IncidentEventTable;
  outbox: OutboxTable;
  detector_states: DetectorStateTable;
  progress: ProgressTable;
  ingest_status: IngestStatusTable;
  internal_alerts: InternalAlertTable;
}

/** Small named values: reporting zone, quality score, demo state. `value` is JSON. */
export interface SettingTable {
  name: string;
  value: string;
}

/** One price of one model between two dates; `book` is JSON in the shape of PriceEntry. */
export interface PriceTable {
  price_id: string;
  provider: string;
  model: string;
  valid_from: string;
  valid_to: string | null;
  known_from: string;
  source: string;
  book: string;
}

export interface ChannelTable {
  channel_id: string;
  kind: string;
  /** JSON in the channel's own settings schema. */
  settings: string;
  secret: string;
  enabled: 0 | 1;
  created_at: string;
}

/** An incident is first a row, and only then a message. */
export interface IncidentTable {
  incident_id: string;
  project_id: string;
  feature: string;
  model: string;
  environment: string;
  metric: string;
  direction: string;
  state: string;
  changed_at: string;
  opened_at: string;
  resolved_at: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  snoozed_until: string | null;
  /** Transitions so far: with the id it names an event, the same on every retry. */
  transitions: number;
  /** JSON: statistics, windows and segments at the time of opening, refreshed while it is open. */
  evidence: string;
}

export interface IncidentEventTable {
  event_id: string;
  incident_id: string;
  at: string;
  kind: string;
  text: string;
}

/** Written in the transaction that changes the incident; sent at least once, in order per incident and channel. */
export interface OutboxTable {
  outbox_id: Generated<number>;
  event_id: string;
  incident_id: string;
  channel_id: string;
  /** `firing`, `resolved` or `test`. */
  event: string;
  payload: string;
  created_at: string;
  attempts: number;
  next_attempt_at: string | null;
  last_attempt_at: string | null;
  leased_until: string | null;
  delivered_at: string | null;
  failed_at: string | null;
  error: string | null;
}

export interface DetectorStateTable {
  project_id: string;
  feature: string;
  model: string;
  environment: string;
  metric: string;
  /** End of the last bucket that was stepped. */
  evaluated_until: string;
  /** JSON of the series state. */
  state: string;
}

/** How far a job has read, by job name: rolled-up version, evaluated bucket. */
export interface ProgressTable {
  job: string;
  position: string;
}

/** Counters of a collector, replaced every second while they change. */
export interface IngestStatusTable {
  collector_id: string;
  at: string;
  acked: number;
  stored: number;
  waiting: number;
  /** JSON {reason: count}. */
  rejected: string;
  last_received_at: string | null;
  /** JSON in the shape of `ingestReport`; `{}` from a collector that has not told yet. */
  report: string;
}

/** A problem of Driftline itself that somebody was told about. */
export interface InternalAlertTable {
  alert_id: string;
  collector_id: string;
  problem_id: string;
  severity: 'warning' | 'critical';
  title: string;
  detail: string;
  state: 'firing' | 'resolved';
  /** Since when the collector saw the problem. */
  since: string;
  opened_at: string;
  /** Since when the problem is not reported any more; null while it is. */
  gone_since: string | null;
  resolved_at: string | null;
}
