import type { Generated } from 'kysely';

/**
 * The state database: SQLite in the data folder, or PostgreSQL with DATABASE_URL. Only SQL both speak: text, integer and
 * double columns, times as ISO 8601 text in UTC, JSON as text, booleans as 0/1.
 */
export interface State {
  settings: SettingTable;
  prices: PriceTable;
  price_aliases: PriceAliasTable;
  price_overlays: PriceOverlayTable;
  exchange_rates: ExchangeRateTable;
  price_revision: PriceRevisionTable;
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

/**
 * What was said about the price of one model between two dates; of two that cover one time the one known later holds. Rows are
 * only ever added. `book` is JSON in the shape of a model of a price list; `ended` says that from `valid_from` on there is no price.
 */
export interface PriceTable {
  price_id: string;
  provider: string;
  model: string;
  /** Empty: wherever it runs. */
  region: string;
  valid_from: string;
  valid_to: string | null;
  known_from: string;
  ended: 0 | 1;
  source: string;
  noted_by: string;
  note: string;
  book: string;
}

/** A further name of a model, or that it is none any more; the latest of a name holds. */
export interface PriceAliasTable {
  provider: string;
  model: string;
  alias: string;
  known_from: string;
  removed: 0 | 1;
  noted_by: string;
  note: string;
}

/** A version of what was negotiated; the last one holds. `terms` is JSON in the shape of `overlayTerms`. */
export interface PriceOverlayTable {
  overlay_id: string;
  version: number;
  project_id: string;
  known_from: string;
  withdrawn: 0 | 1;
  terms: string;
  noted_by: string;
  note: string;
}

/** `usd_per_unit` is a decimal; it holds from its day until the next one of the currency, the one known latest. */
export interface ExchangeRateTable {
  currency: string;
  day: string;
  usd_per_unit: string;
  known_from: string;
  source: string;
  noted_by: string;
  note: string;
}

/** How often the price book has changed, and when last. */
export interface PriceRevisionTable {
  book: string;
  revision: number;
  changed_at: string | null;
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
