import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** Names what a rule is about; also how `driftline.yaml` and routes speak of it. */
const ruleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,79}$/, 'lower-case letters, digits, dots and dashes, at most 80');

const minuteS = 60;
const dayS = 86_400;
const seconds = (least: number, most: number) => z.int().min(least).max(most);

export const ruleDimensions = ['feature', 'model', 'environment'] as const;
export type RuleDimension = (typeof ruleDimensions)[number];

/** What is watched: calls whose dimensions are exactly these; a dimension left out may be anything. */
const ruleFilter = z.strictObject({
  feature: z.string().max(256).optional(),
  model: z.string().max(256).optional(),
  environment: z.string().max(256).optional(),
});

/** `score:<name>` or one of these; rates are in %, latencies in ms, money in USD. */
export const ruleMetrics = [
  'requests',
  'error_rate',
  'refusal_rate',
  'latency_p50',
  'latency_p95',
  'latency_p99',
  'ttft_p95',
  'cost_usd',
  'cost_per_call_usd',
] as const;
const ruleMetric = z.union([
  z.enum(ruleMetrics),
  z.string().regex(/^score:.{1,128}$/, 'a metric, or score:<name>'),
]);

export const severities = ['warning', 'critical'] as const;

const common = {
  name: ruleName,
  /** What a person should know or do; a link to a runbook is shown as one. */
  description: z.string().max(1000).default(''),
  severity: z.enum(severities).default('warning'),
  enabled: z.boolean().default(true),
  filter: ruleFilter.default({}),
  /** One alert for each value of these; empty: one for the whole rule. */
  group_by: z
    .array(z.enum(ruleDimensions))
    .max(3)
    .refine(names => new Set(names).size === names.length, 'the same dimension twice')
    .default([]),
  /** The condition must hold this long before anybody is told. */
  for_s: seconds(0, 7 * dayS).default(5 * minuteS),
  /** How long it must be over before the alert is resolved. */
  keep_firing_s: seconds(0, 7 * dayS).default(10 * minuteS),
};

/** The roll-up has quarters of an hour: windows are whole ones, and the newest may still be filling. */
const window = (least: number, most: number) =>
  seconds(least, most).refine(value => value % 900 === 0, 'a whole number of quarters of an hour');

const noData = z
  .strictObject({
    after_s: seconds(minuteS, 7 * dayS).default(15 * minuteS),
    /** `notify`: an alert of its own; `keep`: whatever it was; `ok`: as if all were well. */
    state: z.enum(['notify', 'keep', 'ok']).default('notify'),
  })
  .default({ after_s: 15 * minuteS, state: 'notify' });

const sample = {
  /** Fewer calls (for a score: fewer scores) in the window are no verdict. */
  min_requests: z.int().min(0).max(1_000_000).default(50),
  no_data: noData,
};

const thresholdRule = z.strictObject({
  kind: z.literal('threshold'),
  ...common,
  ...sample,
  metric: ruleMetric,
  above: z.number().optional(),
  below: z.number().optional(),
  /** It is over only beyond this; default the threshold itself. */
  resolve_at: z.number().optional(),
  window_s: window(900, 7 * dayS).default(900),
});

/** Nothing was received for this long, of something that did report in the week before. */
const absenceRule = z.strictObject({
  kind: z.literal('absence'),
  ...common,
  silent_s: window(900, 7 * dayS).default(3600),
});

/** A budget has reached a share of its amount in its present period. */
const budgetRule = z.strictObject({
  kind: z.literal('budget'),
  ...common,
  /** Id or name; null: any budget, one alert for each. */
  budget: z.string().min(1).max(200).nullable().default(null),
  percent: z.number().positive().max(1000).default(100),
});

/** How fast an error budget burns: both windows must burn this many times faster than it may. */
const burnWindow = z.strictObject({
  long_s: window(900, 30 * dayS),
  short_s: window(900, 30 * dayS),
  burn: z.number().positive().max(10_000),
});

/**
 * What counts as good: a call that did not fail, one answered within `below_ms`, or a quarter of an hour whose mean score was
 * at least `at_least`.
 */
const indicator = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('errors') }),
  z.strictObject({ of: z.literal('latency'), below_ms: z.number().positive() }),
  z.strictObject({ of: z.literal('quality'), score: z.string().min(1).max(128), at_least: z.number() }),
]);

const sloRule = z.strictObject({
  kind: z.literal('slo'),
  ...common,
  ...sample,
  indicator,
  /** Percent of good, e.g. 99.5. */
  objective: z.number().gt(0).lt(100),
  period_s: window(dayS, 90 * dayS).default(30 * dayS),
  /** Any of them fires; default: 2 % of the budget in an hour, 5 % in six hours. */
  windows: z
    .array(burnWindow)
    .min(1)
    .max(5)
    .default([
      { long_s: 3600, short_s: 900, burn: 14.4 },
      { long_s: 6 * 3600, short_s: 1800, burn: 6 },
    ]),
});

/** A rule as somebody wrote it; durations in seconds. */
export const ruleDefinition = z
  .discriminatedUnion('kind', [thresholdRule, absenceRule, budgetRule, sloRule])
  .superRefine((rule, context) => {
    if (rule.kind === 'slo' && rule.windows.some(one => one.short_s > one.long_s))
      context.addIssue({ code: 'custom', path: ['windows'], message: 'short_s is longer than long_s' });
    if (rule.kind !== 'threshold') return;
    const { above, below, resolve_at } = rule;
    if ((above === undefined) === (below === undefined))
      context.addIssue({ code: 'custom', path: ['above'], message: 'give either above or below' });
    if (resolve_at === undefined) return;
    if ((above !== undefined && resolve_at > above) || (below !== undefined && resolve_at < below))
      context.addIssue({ code: 'custom', path: ['resolve_at'], message: 'lies beyond the threshold' });
  });
export type RuleDefinition = z.output<typeof ruleDefinition>;
export type RuleInput = z.input<typeof ruleDefinition>;

/** Where a rule comes from: made here, kept in a `driftline.yaml`, or the drift detector's own. */
const ruleSource = z.enum(['ui', 'file', 'built-in']);

/** How useful a rule has been. */
const ruleRecord = z.object({
  /** Times it fired in the last 7 and 60 days. */
  fires_7d: z.int(),
  fires_60d: z.int(),
  firing: z.int().describe('alerts firing now'),
  /** Verdicts people gave in 60 days. */
  real: z.int(),
  noise: z.int(),
  expected: z.int(),
  /** real / (real + noise); null without such a verdict. */
  precision: z.number().nullable(),
  /** What its record suggests, in a sentence; null: nothing. */
  proposal: z.object({ kind: z.enum(['retune', 'retire']), text: z.string() }).nullable(),
});

/** What a rule can see at the traffic of the last days. */
const rulePower = z.object({
  /** `At today's traffic a drop of 5 points is seen in about 7 h; below 30 values an hour you are blind to it.` */
  text: z.string(),
  /** What it watches brings too few values for any verdict, or to see such a change within 28 days. */
  blind: z.boolean(),
});
export type RulePower = z.infer<typeof rulePower>;

const ruleView = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['threshold', 'absence', 'budget', 'slo', 'drift']),
  /** `error rate above 5 % for 5 min`. */
  summary: z.string(),
  source: ruleSource,
  severity: z.enum(severities),
  enabled: z.boolean(),
  /** Null for the detector's own. */
  definition: z.union([ruleDefinition, z.null()]),
  /** Last failure to evaluate; null when the last time went well. */
  error: z.string().nullable(),
  evaluated_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  record: ruleRecord,
  /** Null while it learns, and for budgets, which need no traffic. */
  power: rulePower.nullable(),
});
export type RuleView = z.infer<typeof ruleView>;

export const listRules = endpoint(
  'GET',
  '/api/v1/rules',
  'Everything that can fire: drift by metric and the plain rules, with how often and how usefully each did',
  z.object({}),
  z.object({ rules: z.array(ruleView) }),
);
export const createRule = endpoint('POST', '/api/v1/rules', 'Add a plain rule', ruleDefinition, ruleView);
export const replaceRule = endpoint(
  'PUT',
  '/api/v1/rules/{id}',
  'Change a plain rule; an alert it has open goes on',
  ruleDefinition,
  ruleView,
);
export const deleteRule = endpoint(
  'DELETE',
  '/api/v1/rules/{id}',
  'Remove a plain rule; its open alerts are resolved',
  z.object({}),
  z.object({}),
);

const wouldFire = z.object({
  /** `feature=support-bot`; empty for the whole rule. */
  labels: z.record(z.string(), z.string()),
  title: z.string(),
  fired_at: z.string(),
  resolved_at: z.string().nullable(),
  /** In the rule's unit, when it fired. */
  value: z.number().nullable(),
});
export type WouldFire = z.infer<typeof wouldFire>;

/** What a rule would have done, found with the code that runs live. */
export const backtestRule = endpoint(
  'POST',
  '/api/v1/rules/backtest',
  'When a rule would have fired, from stored quarters of an hour',
  z.object({
    rule: z.union([
      ruleDefinition,
      z.strictObject({
        kind: z.literal('drift'),
        /** `error`, `latency_tail`, …, `score:<name>`; all when left out. */
        metric: z.string().max(140).optional(),
        filter: ruleFilter.default({}),
        false_alarms_per_week: z.number().positive().max(100).optional(),
      }),
    ]),
    days: z.int().min(1).max(90).default(60),
    /** With very many series: answer after about so long with what was gone through by then, and say how far it is. */
    within_ms: z.int().min(100).max(60_000).optional(),
    /** `next` of such an answer: goes on behind it. */
    after: z.string().max(2000).optional(),
  }),
  z.object({
    /** `would have fired 3 times in 60 days`; of the series this answer went through. */
    sentence: z.string(),
    from: z.string(),
    to: z.string(),
    fired: z.array(wouldFire),
    /** Quarters of an hour with a verdict, and all there were. */
    judged: z.int(),
    steps: z.int(),
    /** Series of a drift rule gone through by now, those before `after` included; null for other rules. */
    progress: z.object({ done: z.int(), of: z.int() }).nullable(),
    /** Ask again with it as `after` for the rest; null when nothing is left. */
    next: z.string().nullable(),
    took_ms: z.number(),
  }),
);

/** One alert of a plain rule: a rule and the values of its group_by. */
const ruleAlert = z.object({
  id: z.string(),
  rule_id: z.string(),
  rule: z.string(),
  kind: z.enum(['threshold', 'absence', 'budget', 'slo']),
  severity: z.enum(severities),
  labels: z.record(z.string(), z.string()),
  /** `Error rate of support-bot is 8.2 %, above 5 %`. */
  title: z.string(),
  state: z.enum(['firing', 'resolved']),
  /** Firing, but clear since then; it is resolved when that lasts. */
  recovering_since: z.string().nullable(),
  no_data: z.boolean(),
  stale: z.boolean(),
  flapping: z.boolean(),
  /** It fires on data that are not complete: what comes late may take it back. */
  provisional: z.boolean(),
  /** Data that came late took it back. */
  retracted: z.boolean(),
  /** Nobody is told while one of these holds it back: the comment of the silence, or what inhibits it. */
  muted_by: z.string().nullable(),
  value: z.number().nullable(),
  opened_at: z.string(),
  resolved_at: z.string().nullable(),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: z.string().nullable(),
  snoozed_until: z.string().nullable(),
});
export type RuleAlert = z.infer<typeof ruleAlert>;

/** The number a rule judges, at the end of every quarter of an hour, in the rule's unit. */
const ruleChart = z.object({
  label: z.string(),
  unit: z.enum(['%', 'ms', 'usd', 'points', 'requests', 'min', 'x']),
  points: z.array(z.object({ time: z.string(), value: z.number().nullable() })),
  /** Beyond `threshold` it fires, beyond `resolve_at` it is over; null for an objective with several windows. */
  threshold: z.number().nullable(),
  resolve_at: z.number().nullable(),
  side: z.enum(['above', 'below']),
});
export type RuleChart = z.infer<typeof ruleChart>;

export const listRuleAlerts = endpoint(
  'GET',
  '/api/v1/rule-alerts',
  'Alerts of plain rules, firing first, newest first',
  z.object({
    state: z.enum(['firing', 'resolved', 'any']).default('any'),
    rule_id: z.string().max(64).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  z.object({ alerts: z.array(ruleAlert) }),
);

export const ruleAlertById = endpoint(
  'GET',
  '/api/v1/rule-alerts/{id}',
  'One alert of a plain rule with its timeline',
  z.object({}),
  ruleAlert.extend({
    summary: z.string(),
    description: z.string(),
    timeline: z.array(z.object({ at: z.string(), text: z.string() })),
    /** What the rule looked at, from some windows before it fired to some after it was over; null for budgets and removed rules. */
    chart: ruleChart.nullable(),
  }),
);

export const acknowledgeRuleAlert = endpoint(
  'POST',
  '/api/v1/rule-alerts/{id}/ack',
  'Take an alert: stops repeats and escalation, not the resolve notice',
  z.object({ by: z.string().min(1).max(128).default('on-call') }),
  ruleAlert,
);
export const snoozeRuleAlert = endpoint(
  'POST',
  '/api/v1/rule-alerts/{id}/snooze',
  'Be told nothing of an alert for a while, but its end',
  z.object({ hours: z.number().min(0.25).max(168).default(2) }),
  ruleAlert,
);
