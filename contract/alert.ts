import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { explanation } from './explanation.ts';

/** Alertmanager's life of an alert, as far as a reader sees it. */
export const alertStates = ['firing', 'resolved'] as const;

/** What may have changed near an incident: seen for the first time in the calls, or said by somebody's deployment. */
export const changeKinds = [
  'model',
  'response_model',
  'prompt',
  'release',
  'sdk',
  'variant',
  'service_tier',
  'price',
  'finish_reason',
  'error_type',
  'tool',
  'deploy',
  'marker',
] as const;

/** Where something lies with 90 %, ISO 8601. */
const between = z.object({ from: z.string(), to: z.string() });

/** Metrics the detector watches by default (see `drift-metric`); a score's metric is `score:<name>`. */
export const alertSummary = z.object({
  id: z.string(),
  state: z.enum(alertStates),
  /** `Answer quality of support-bot fell 9 points`. */
  title: z.string(),
  /** Other traffic alone: kept as an event, nobody was paged. */
  traffic_mix: z.boolean(),
  /** It fires on a window for which a sender has not told everything yet: late data may take it back. */
  provisional: z.boolean(),
  /** `Retracted: …`, in words, when late data took the verdict back; null when none did. */
  retracted: z.string().nullable(),
  feature: z.string(),
  model: z.string(),
  environment: z.string(),
  metric: z.string(),
  metric_label: z.string(),
  direction: z.enum(['up', 'down']),
  /** In the metric's display unit (`points`, `%`, `ms`, `usd`). */
  before: z.number(),
  after: z.number(),
  unit: z.string(),
  /** Estimated time of the change. */
  changed_at: z.string(),
  /** Where the change lies with 90 %; null for incidents that were dated without. */
  changed_between: between.nullable(),
  opened_at: z.string(),
  resolved_at: z.string().nullable(),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: z.string().nullable(),
  snoozed_until: z.string().nullable(),
  /** The silence, maintenance window or inhibition that keeps it from being told; null when it is told. */
  muted_by: z.string().nullable(),
  /** Calls in the alert window. */
  calls: z.int(),
});
export type AlertSummary = z.infer<typeof alertSummary>;

/** Chart points of the watched metric with the seasonal expectation, in display units. */
const point = z.object({
  time: z.string(),
  value: z.number().nullable(),
  expected: z.number().nullable(),
  n: z.int(),
});

export const alertDetail = alertSummary.extend({
  /** One-sided certainty in words, from the evidence: `very sure`. */
  certainty: z.string(),
  /** Share of runs without a change in which the evidence would get this far: exp(-evidence). */
  chance_of_noise: z.number(),
  /** Change of the metric with its 95 % confidence sequence, in display units. */
  shift: z.object({ value: z.number(), low: z.number(), high: z.number() }),
  series: z.array(point),
  /** Points that end later are provisional; null: no sender is known. */
  complete_until: z.string().nullable(),
  /** What came new near the change, the likeliest first: by its distance to the interval and by how much of the shift its calls carry. */
  changes: z.array(
    z.object({
      kind: z.enum(changeKinds),
      value: z.string(),
      at: z.string(),
      /** From the likeliest time of the change, and from the interval around it: 0 inside, negative before. */
      minutes_from_change: z.number(),
      minutes_from_interval: z.number(),
      /** Of the feature's calls in the day after the change; null for markers, which calls do not carry. */
      share: z.number().nullable(),
      /** Share of the shift; null when its calls are not a cause. */
      explained: z.number().nullable(),
      /** Who set a marker, and where more is to be read; null for first sights. */
      by: z.string().nullable(),
      url: z.string().nullable(),
    }),
  ),
  /** Where the shift came from; null for metrics that single calls have no value of. */
  explanation: explanation.nullable(),
  /** It could not be worked out just now, with the store busy or away: ask again. */
  explanation_is_late: z.boolean(),
  /** Bad calls since the change beside ordinary ones from before that were asked alike, worst first. */
  pairs: z.array(
    z.object({
      after: z.lazy(() => example),
      before: z.lazy(() => example).nullable(),
      /** 0 to 1: how much alike the inputs are; null when only their lengths are known. */
      likeness: z.number().nullable(),
    }),
  ),
  /** What happened to it, oldest first. `kind` as stored: `fired`, `acknowledged`, `verdict`, `note`, `muted` … */
  timeline: z.array(z.object({ at: z.string(), kind: z.string(), text: z.string() })),
  deliveries: z.array(
    z.object({
      channel: z.string(),
      event: z.string(),
      status: z.enum(['waiting', 'delivered', 'failed']),
      attempts: z.int(),
      last_attempt_at: z.string().nullable(),
      next_attempt_at: z.string().nullable(),
      error: z.string().nullable(),
    }),
  ),
  evidence: z.object({
    log_evidence: z.number(),
    threshold: z.number(),
    baseline_from: z.string(),
    baseline_to: z.string(),
    requests_before: z.int(),
    requests_after: z.int(),
  }),
});
export type AlertDetail = z.infer<typeof alertDetail>;

const example = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  start_time: z.string(),
  value: z.number().nullable(),
  model: z.string(),
  prompt: z.string(),
  input_tokens: z.int().nullable(),
  /** First characters of what was asked last; null when content was not captured. */
  input: z.string().nullable(),
  /** First characters of the answer; null when content was not captured. */
  answer: z.string().nullable(),
});
export type AlertExample = z.infer<typeof example>;

/** An alert about Driftline itself: no feature has moved, so there is no metric, and it spends no false-alarm budget. */
const internalAlert = z.object({
  id: z.string(),
  state: z.enum(alertStates),
  severity: z.enum(['warning', 'critical']),
  title: z.string(),
  detail: z.string(),
  since: z.string(),
  opened_at: z.string(),
  resolved_at: z.string().nullable(),
});
export type InternalAlert = z.infer<typeof internalAlert>;

export const listAlerts = endpoint(
  'GET',
  '/api/v1/alerts',
  'Incidents, firing first, newest first',
  z.object({
    state: z.enum(['firing', 'resolved', 'any']).default('any'),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  z.object({
    alerts: z.array(alertSummary),
    internal: z.array(internalAlert).describe('about Driftline itself, in the same order'),
    watching: z.object({
      /** With data in the last 28 days: those that are judged, and those that still learn what is normal. Together K of the budget. */
      series: z.int(),
      learning: z.int(),
      /** End of the last evaluated bucket. */
      evaluated_until: z.string().nullable(),
    }),
  }),
);

export const alertById = endpoint(
  'GET',
  '/api/v1/alerts/{id}',
  'One incident with its evidence',
  z.object({}),
  alertDetail,
);

export const acknowledgeAlert = endpoint(
  'POST',
  '/api/v1/alerts/{id}/ack',
  'Take an incident: stops repeats, not the resolve notice',
  z.object({ by: z.string().min(1).max(128).default('on-call') }),
  alertSummary,
);

export const snoozeAlert = endpoint(
  'POST',
  '/api/v1/alerts/{id}/snooze',
  'Hide an incident for a while',
  z.object({ hours: z.number().min(0.25).max(168).default(2) }),
  alertSummary,
);
