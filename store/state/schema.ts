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
  incident_evidence: IncidentEvidenceTable;
  outbox: OutboxTable;
  outbox_attempts: OutboxAttemptTable;
  channel_memory: ChannelMemoryTable;
  detector_states: DetectorStateTable;
  accepted_levels: AcceptedLevelTable;
  known_values: KnownValueTable;
  quiet_series: QuietSeriesTable;
  quiet_findings: QuietFindingTable;
  change_markers: ChangeMarkerTable;
  progress: ProgressTable;
  ingest_status: IngestStatusTable;
  internal_alerts: InternalAlertTable;
  job_leases: JobLeaseTable;
  closed_months: ClosedMonthTable;
  postings: PostingTable;
  budgets: BudgetTable;
  budget_forecasts: BudgetForecastTable;
  budget_notices: BudgetNoticeTable;
  lease_reserves: LeaseReserveTable;
  lease_keys: LeaseKeyTable;
  deliveries: DeliveryTable;
  delivery_runs: DeliveryRunTable;
  reconciliations: ReconciliationTable;
  judge_settings: JudgeSettingsTable;
  judge_spend: JudgeSpendTable;
  judge_anchor_sets: JudgeAnchorSetTable;
  judge_anchor_runs: JudgeAnchorRunTable;
  judge_changes: JudgeChangeTable;
  model_card_texts: ModelCardTextTable;
  scoring_rules: ScoringRuleTable;
  scoring_plans: ScoringPlanTable;
  golden_sets: GoldenSetTable;
  golden_versions: GoldenVersionTable;
  golden_cases: GoldenCaseTable;
  golden_runs: GoldenRunTable;
  golden_results: GoldenResultTable;
  review_queues: ReviewQueueTable;
  review_items: ReviewItemTable;
  review_opinions: ReviewOpinionTable;
  training_exports: TrainingExportTable;
  training_lines: TrainingLineTable;
  training_schedules: TrainingScheduleTable;
  training_runs: TrainingRunTable;
  alert_rules: AlertRuleTable;
  alert_states: AlertStateTable;
  rule_alerts: RuleAlertTable;
  alert_groups: AlertGroupTable;
  alert_silences: AlertSilenceTable;
  alert_verdicts: AlertVerdictTable;
  alert_notes: AlertNoteTable;
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
  /** JSON in the shape of `ChannelSecrets`; of a webhook also its signing secret alone. */
  secret: string;
  enabled: 0 | 1;
  created_at: string;
  /** Empty: called by where it leads. */
  name: Generated<string>;
  /** Why Driftline itself has switched it off. */
  disabled_reason: Generated<string | null>;
}

/** What a channel keeps about an incident between two messages; JSON. */
export interface ChannelMemoryTable {
  channel_id: string;
  incident_id: string;
  memory: string;
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

/** What an incident's numbers were computed from, JSON; the newest. */
export interface IncidentEvidenceTable {
  incident_id: string;
  made_at: string;
  evidence: string;
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
  /** Attempts made before it was asked for again: the schedule starts anew from there. */
  attempts_before: Generated<number>;
}

/** One try to send a message. `outcome` is null while it is under way, or when its process died. */
export interface OutboxAttemptTable {
  attempt_id: Generated<number>;
  outbox_id: number;
  number: number;
  at: string;
  ended_at: string | null;
  outcome: 'delivered' | 'failed' | 'gone' | 'skipped' | null;
  status: number | null;
  answer: string | null;
  error: string | null;
  next_attempt_at: string | null;
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

/** Money is integer nano-dollars as decimal text. */
export interface BudgetTable {
  budget_id: string;
  project_id: string;
  name: string;
  kind: 'budget' | 'experiment';
  /** JSON in the shape of `budgetCondition[]`. */
  filter: string;
  amount_nanos: string;
  period: 'day' | 'week' | 'month' | null;
  /** Dates of the reporting zone; an experiment's first and last day. */
  starts_on: string | null;
  ends_on: string | null;
  /** JSON list of percentages. */
  thresholds: string;
  /** JSON in the shape of `ceiling`. */
  ceiling: string | null;
  /** Taken by whoever takes a reserve, so that two processes take turns. */
  reserve_turn: number;
  created_at: string;
  updated_at: string;
}

/** One forecast of a period's total, made in the morning of `made_on`; `outcome_nanos` once the period is over. */
export interface BudgetForecastTable {
  budget_id: string;
  period_from: string;
  made_on: string;
  made_at: string;
  spent_nanos: string;
  p10_nanos: string;
  p50_nanos: string;
  p90_nanos: string;
  outcome_nanos: string | null;
}

/** A threshold that was crossed in a period; said once. */
export interface BudgetNoticeTable {
  budget_id: string;
  period_from: string;
  percent: number;
  period_to: string;
  zone: string;
  amount_nanos: string;
  spent_nanos: string;
  crossed_at: string;
  announced_at: string | null;
}

/** What one api process (`holder`) may promise in leases; it counts as spent until spend up to `covers_until` is visible. */
export interface LeaseReserveTable {
  reserve_id: string;
  budget_id: string;
  holder: string;
  amount_nanos: string;
  taken_at: string;
  covers_until: string;
}

/** Signs leases; one row. PKCS #8, base64. */
export interface LeaseKeyTable {
  slot: string;
  key_id: string;
  private_key: string;
  created_at: string;
}

/** Who does a job that only one process at a time may do. */
export interface JobLeaseTable {
  name: string;
  holder: string;
  held_until: string;
}

/** A month whose numbers are frozen; `files` is JSON in the shape of `keptFile`, `amounts` in that of `keptAmount`. */
export interface ClosedMonthTable {
  project_id: string;
  month: string;
  /** The reporting zone when it was closed; `from_at` and `to_at` are its bounds. */
  zone: string;
  from_at: string;
  to_at: string;
  state: 'closing' | 'closed';
  closed_at: string;
  closed_by: string;
  files: string;
  amounts: string | null;
}

/** A repricing; `spec` says which calls, `result` what came of it, both JSON. */
export interface PostingTable {
  posting_id: string;
  project_id: string;
  state: 'previewing' | 'previewed' | 'posting' | 'posted' | 'failed';
  spec: string;
  created_at: string;
  posted_at: string | null;
  /** Of the price book it was computed with. */
  price_revision: string;
  /** 0 to 1. */
  progress: number;
  result: string;
  error: string | null;
}

/** What is sent by schedule; `content` and `target` are JSON in the shapes of contract/delivery.ts. */
export interface DeliveryTable {
  delivery_id: string;
  project_id: string;
  name: string;
  schedule: 'daily' | 'weekly' | 'monthly';
  /** Of the day after the period, in the reporting zone. */
  hour: number;
  content: string;
  target: string;
  /** Signs webhooks; empty for e-mail. */
  secret: string;
  created_at: string;
}

/** One time something was to be sent; sent at least once. `file` is JSON {name, bytes, sha256} of what was sent. */
export interface DeliveryRunTable {
  run_id: string;
  delivery_id: string;
  period: string;
  from_at: string;
  to_at: string;
  zone: string;
  asked: 'schedule' | 'now';
  queued_at: string;
  attempts: number;
  next_attempt_at: string | null;
  leased_until: string | null;
  delivered_at: string | null;
  failed_at: string | null;
  error: string | null;
  file: string | null;
}

/** A comparison with a provider's files: `head` and `result` are JSON in the shapes of the contract. */
export interface ReconciliationTable {
  reconciliation_id: string;
  project_id: string;
  created_at: string;
  head: string;
  result: string;
}

/** Known cases; `version` is the newest one, 0 while it is empty. `evaluators` is JSON in the shape of `goldenEvaluator[]`. */
export interface GoldenSetTable {
  set_id: string;
  project_id: string;
  name: string;
  description: string;
  feature: string;
  evaluators: string;
  version: number;
  cases: number;
  created_at: string;
  updated_at: string;
}

/** What a version did to the one before, and how many cases it has. */
export interface GoldenVersionTable {
  set_id: string;
  version: number;
  created_at: string;
  note: string;
  added: number;
  changed: number;
  removed: number;
  cases: number;
}

/** A case as it is from one version up to, but not in, another. */
export interface GoldenCaseTable {
  set_id: string;
  case_id: string;
  from_version: number;
  to_version: number | null;
  /** Order in the set, kept when the case is changed. */
  position: number;
  source: string;
  trace_id: string;
  span_id: string;
  /** JSON list. */
  tags: string;
  /** Everything one may search for, in lower case. */
  words: string;
  /** JSON of input, reference, context, tags and language. */
  content: string;
}

/** Answers to one version. `evaluators` and `summary` (`{totals, scores}`) are JSON in the shapes of the contract. */
export interface GoldenRunTable {
  run_id: string;
  project_id: string;
  set_id: string;
  version: number;
  name: string;
  model: string;
  prompt: string;
  release: string;
  evaluators: string;
  created_at: string;
  updated_at: string | null;
  summary: string;
}

/** The answer to one case; `revision` is the version in which the case got the text that was answered. */
export interface GoldenResultTable {
  run_id: string;
  case_id: string;
  revision: number;
  at: string;
  output: string | null;
  error: string;
  /** JSON list of passages; null: the case's own. */
  context: string | null;
  latency_ms: number | null;
  /** PostgreSQL returns them as text. */
  input_tokens: number | string | null;
  output_tokens: number | string | null;
  cost_nanos: string | null;
  trace_id: string;
  span_id: string;
  /** JSON: what each evaluator said, by `name@version`. */
  scores: string;
  /** JSON {name, arguments}[]; null: none, or nobody said. */
  tool_calls: string | null;
  /** JSON {name, parameters}[]; null: nobody said. */
  tools: string | null;
}

/** An evaluator that scores what arrives. `feature` '' is every feature without a rule of its own; `settings` and `sampling` are JSON. */
export interface ScoringRuleTable {
  project_id: string;
  evaluator: string;
  feature: string;
  enabled: 0 | 1;
  settings: string;
  sampling: string;
  updated_at: string;
}

/** Calls expected in one hour (ISO 8601) by value of what a sample is stratified by: JSON {stratum: calls}. Kept, so that a second look chooses alike. */
export interface ScoringPlanTable {
  project_id: string;
  strata: string;
  hour: string;
  plan: string;
}

/** What people look at. `conditions` as in addresses; `fields` and `rules` are JSON in the shapes of contract/review.ts. */
export interface ReviewQueueTable {
  queue_id: string;
  project_id: string;
  name: string;
  description: string;
  conditions: string;
  fields: string;
  schema_version: number;
  rules: string;
  second_opinions: number;
  filled_at: string | null;
  created_at: string;
  updated_at: string;
}

/** A call in a queue. Asked by `priority`, highest first, then by `place`, which is a hash and so says nothing about the call. */
export interface ReviewItemTable {
  item_id: string;
  queue_id: string;
  trace_id: string;
  span_id: string;
  call_time: string;
  feature: string;
  model: string;
  prompt: string;
  /** JSON: {kind, sentence}[]. */
  reasons: string;
  priority: number;
  /** 0 to 1. */
  place: number;
  /** Null: chosen because of what is known of it. */
  inclusion_probability: number | null;
  state: 'open' | 'done';
  opinions: number;
  opinions_wanted: number;
  assignee: string;
  created_at: string;
}

/** What one person does with an item; `said` is JSON by field once it is `labelled`, else empty. */
export interface ReviewOpinionTable {
  item_id: string;
  queue_id: string;
  reviewer: string;
  state: 'looking' | 'skipped' | 'labelled';
  /** Nobody else gets the item's place until then. */
  held_until: string;
  said: string;
  schema_version: number;
  at: string;
}

/** `head` is JSON in the shape of `trainingExport`. */
export interface TrainingExportTable {
  export_id: string;
  project_id: string;
  created_at: string;
  head: string;
}

/** `made_of` is JSON: a `lineageLine` and what is needed to write the line again. */
export interface TrainingLineTable {
  export_id: string;
  line: number;
  made_of: string;
}

/** `said` is JSON in the shape of the contract; `enabled_since` is null while it is paused. */
export interface TrainingScheduleTable {
  schedule_id: string;
  project_id: string;
  said: string;
  /** Signs events; empty without a webhook. */
  secret: string;
  enabled_since: string | null;
  created_at: string;
  updated_at: string;
}

/** The id of the export is that of the run. `event` is JSON, the same on every attempt, and is forgotten when it has arrived. */
export interface TrainingRunTable {
  run_id: string;
  schedule_id: string;
  period: string;
  from_at: string;
  to_at: string;
  asked: 'schedule' | 'now';
  queued_at: string;
  made_at: string | null;
  event: string | null;
  failing_cases: number | null;
  attempts: number;
  next_attempt_at: string | null;
  leased_until: string | null;
  done_at: string | null;
  failed_at: string | null;
  error: string | null;
}

/** Where the LLM judge is asked; `settings` is JSON in the shape of the contract, without the key. */
export interface JudgeSettingsTable {
  project_id: string;
  settings: string;
  api_key: string;
  updated_at: string;
}

/** What judges spent on a day of UTC; whole nano-dollars below 2^53. */
export interface JudgeSpendTable {
  project_id: string;
  day: string;
  spent_nanos: number;
  calls: number;
  input_tokens: number;
  output_tokens: number;
  unpriced_calls: number;
  failed_calls: number;
}

/**
 * Frozen examples of one judge: `anchors` is JSON [{example, first: number[]}]. The judge is known to be as it was until `checked_until`.
 * `version` counts freezings; `judge` is the model of the first scores, `source` where the examples are from.
 */
export interface JudgeAnchorSetTable {
  project_id: string;
  score: string;
  evaluator: string;
  frozen_at: string;
  first_scores: number;
  anchors: string;
  checked_until: string;
  next_run: string;
  version: number;
  source: string;
  judge: string;
}

/** One scoring of all anchors: `results` is JSON of values in their order, null where it failed. */
export interface JudgeAnchorRunTable {
  project_id: string;
  score: string;
  run_at: string;
  results: string;
}

/** A judge was found to score otherwise; it lasts until somebody accepts the judge as it is. */
export interface JudgeChangeTable {
  change_id: string;
  project_id: string;
  score: string;
  after_at: string;
  by_at: string;
  found_at: string;
  difference: number;
  low: number;
  high: number;
  ended_at: string | null;
}

/** What somebody wrote on the card of a feature; an empty text withdraws the one before. */
export interface ModelCardTextTable {
  project_id: string;
  feature: string;
  kind: 'intended_use' | 'limits' | 'owner';
  version: number;
  text: string;
  author: string;
  written_at: string;
}

/** A plain rule. */
export interface AlertRuleTable {
  rule_id: string;
  project_id: string;
  name: string;
  /** JSON in the shape of `ruleDefinition`. */
  definition: string;
  source: 'ui' | 'file';
  created_at: string;
  updated_at: string;
}

/** Where a rule stands for one value of its group_by, also between alerts. */
export interface AlertStateTable {
  rule_id: string;
  group_key: string;
  /** The alert that is firing. */
  alert_id: string | null;
  /** JSON of the life cycle with its timers. */
  state: string;
  evaluated_at: string;
}

/** One alert of a plain rule, from firing to resolved. */
export interface RuleAlertTable {
  alert_id: string;
  project_id: string;
  rule_id: string;
  /** The same for every alert of this rule and these labels. */
  dedup_key: string;
  rule_name: string;
  kind: string;
  severity: 'warning' | 'critical';
  /** JSON {label: value}. */
  labels: string;
  title: string;
  state: 'firing' | 'resolved';
  value: number | null;
  /** JSON: recovering since, no data, stale, flapping. */
  flags: string;
  transitions: number;
  opened_at: string;
  resolved_at: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  snoozed_until: string | null;
}

/** What is told in one message, from its first alert until all are resolved and everybody knows. */
export interface AlertGroupTable {
  group_id: string;
  project_id: string;
  /** An incident is a group by itself. */
  subject: 'incident' | 'rules';
  /** Route and labels; one group is open at a time. */
  group_key: string;
  /** JSON {label: value}. */
  labels: string;
  /** JSON list of alert ids. */
  members: string;
  /** JSON: what was told to whom, and when. */
  state: string;
  opened_at: string;
  closed_at: string | null;
}

export interface AlertSilenceTable {
  silence_id: string;
  project_id: string;
  kind: 'silence' | 'maintenance';
  /** JSON in the shape of `matcher[]`. */
  matchers: string;
  starts_at: string;
  /** Moved forward when it is ended early. */
  ends_at: string;
  comment: string;
  created_by: string;
  created_at: string;
  ended_by: string | null;
}

/** The last word on an alert, an incident's or a rule's. `rule_id` of an incident is `drift:<metric>`. */
export interface AlertVerdictTable {
  alert_id: string;
  project_id: string;
  rule_id: string;
  verdict: 'real' | 'noise' | 'expected';
  given_by: string;
  given_at: string;
  note: string;
}

export interface AlertNoteTable {
  note_id: string;
  alert_id: string;
  at: string;
  written_by: string;
  text: string;
}

/** From `from_at` on what is seen is normal, for all that is not null; of a deploy nothing older is compared with. */
export interface AcceptedLevelTable {
  acceptance_id: string;
  project_id: string;
  kind: 'accepted' | 'deploy';
  feature: string;
  model: string | null;
  environment: string | null;
  metric: string | null;
  from_at: string;
  accepted_by: string;
  accepted_at: string;
  note: string;
}

/** What somebody says they changed, at `at`; without a feature or environment it concerns all. */
export interface ChangeMarkerTable {
  project_id: string;
  marker_id: string;
  kind: string;
  title: string;
  at: string;
  feature: string | null;
  environment: string | null;
  set_by: string;
  url: string | null;
}

/** A value a feature has shown in an environment; `is_news` when the feature had been there for a day without it. */
export interface KnownValueTable {
  project_id: string;
  feature: string;
  environment: string;
  kind: string;
  value: string;
  first_at: string;
  /** Third occurrence; null until then. */
  third_at: string | null;
  is_news: 0 | 1;
}

/** Names a series that pages nobody by itself. `cohort_by` and `cohort` are empty for usage. */
interface QuietName {
  project_id: string;
  series_id: string;
  kind: string;
  feature: string;
  environment: string;
  metric: string;
  cohort_by: string;
  cohort: string;
}

/** `state`: the detector's, JSON; `points`: what is drawn of it by the day, JSON. */
export interface QuietSeriesTable extends QuietName {
  evaluated_until: string;
  state: string;
  points: string;
}

/** A lasting change of such a series; `figures`: sizes in the metric's scale, JSON. */
export interface QuietFindingTable extends QuietName {
  finding_id: string;
  changed_at: string;
  opened_at: string;
  closed_at: string | null;
  direction: 'up' | 'down';
  figures: string;
  notified_at: string | null;
}
