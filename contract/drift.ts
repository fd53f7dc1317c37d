import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** How much the detector may disturb: one budget over everything that is watched. */
export const driftSettings = z.object({
  /** B: "at most 1 false page a week". */
  false_alarms_per_week: z.number().min(0.05).max(20).default(1),
  /** K is the number of series watched, but never less than this: keeps the threshold where it is while series are added. */
  series_at_least: z.int().min(1).max(100_000).default(1),
});
export type DriftSettings = z.infer<typeof driftSettings>;

export const getDriftSettings = endpoint(
  'GET',
  '/api/v1/drift/settings',
  'How many false pages a week the detector may cost',
  z.object({}),
  driftSettings,
);

export const putDriftSettings = endpoint(
  'PUT',
  '/api/v1/drift/settings',
  'Change how many false pages a week the detector may cost; holds from the next check on',
  driftSettings,
  driftSettings,
);

export const driftBudget = endpoint(
  'GET',
  '/api/v1/drift/budget',
  'The false-alarm budget and how much of it this week has cost',
  z.object({}),
  z.object({
    settings: driftSettings,
    /** K: series × metric with data in the last 28 days, those that still learn included. */
    series: z.int(),
    learning: z.int(),
    /** Evidence that pages: ln(K T / λ), λ a week on average being what stays within the budget in 95 % of weeks. */
    threshold: z.number(),
    /** The running week, Monday to Monday UTC. */
    from: z.string(),
    to: z.string(),
    /** Upper bound of the false alarms to be expected in what has been evaluated of this week: Σ over buckets and series of exp(−threshold). */
    expected_false_alarms: z.number(),
    /** Pages of the detector that began this week, and those of them that somebody judged to be noise. */
    pages: z.int(),
    judged_noise: z.int(),
    /** Budget less what was judged noise; never below 0. */
    left: z.number(),
  }),
);

/** How soon a change is seen at the traffic of the reference weeks. Times in hours. */
export const driftPower = z.object({
  /** The change meant, in display units and as people say it: `5 points`, `15 %`. */
  shift: z.number(),
  shift_text: z.string(),
  /** Expected delay; null when it would take longer than 28 days: then the series is blind to such a change. */
  delay_hours: z.number().nullable(),
  requests_per_hour: z.number(),
  /** Below this traffic such a change is not seen within 7 days; null when no traffic would do. */
  blind_below_requests_per_hour: z.number().nullable(),
  /** `At today's traffic a drop of 5 points is seen in about 7 h; below 30 values an hour you are blind to it.` */
  text: z.string(),
});
export type DriftPower = z.infer<typeof driftPower>;

export const watchedSeries = z.object({
  feature: z.string(),
  model: z.string(),
  environment: z.string(),
  metric: z.string(),
  metric_label: z.string(),
  state: z.enum(['watching', 'learning', 'alerting']),
  /** Why it learns and how far it is; null when it does not. */
  learning: z.object({ reason: z.string(), days: z.int(), values: z.int() }).nullable(),
  /** Mean of the reference in display units; null while learning. */
  normal: z.number().nullable(),
  unit: z.string(),
  /** Evidence as a share of what pages, 0 to 1. */
  evidence_share: z.number(),
  /** Evaluated so far; values that came later were counted into what they belong to and judged again. */
  evaluated_until: z.string().nullable(),
  late_values: z.int(),
  /** Since when the level of today was accepted as normal; null when it never was. */
  accepted_from: z.string().nullable(),
  power: driftPower.nullable(),
});
export type WatchedSeriesRow = z.infer<typeof watchedSeries>;

export const listDriftSeries = endpoint(
  'GET',
  '/api/v1/drift/series',
  'What is watched, how far it is, and how soon a change of each would be seen',
  z.object({
    feature: z.string().optional(),
    environment: z.string().optional(),
    metric: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(5000).default(500),
  }),
  z.object({ series: z.array(watchedSeries), truncated: z.boolean() }),
);

/** What a baseline is replaced for: everything that is not named is meant as a whole. */
const scope = {
  feature: z.string(),
  model: z.string().optional(),
  environment: z.string().optional(),
  metric: z.string().optional(),
};

export const acceptance = z.object({
  id: z.string(),
  kind: z.enum(['accepted', 'deploy']),
  ...scope,
  /** From here on the data are the new normal. */
  from: z.string(),
  by: z.string(),
  at: z.string(),
  note: z.string(),
});
export type Acceptance = z.infer<typeof acceptance>;

export const acceptNormal = endpoint(
  'POST',
  '/api/v1/drift/accept',
  'Accept the level since a time as the new normal: open findings end, the season is kept, the level is learned again',
  z.object({
    ...scope,
    /** Default: where the open finding began, else now. */
    from: z.iso.datetime({ offset: true }).optional(),
    by: z.string().min(1).max(128).default('on-call'),
    note: z.string().max(2000).default(''),
  }),
  acceptance,
);

export const markDeploy = endpoint(
  'POST',
  '/api/v1/drift/deploys',
  'Say that a deploy replaced what was normal: baselines of the feature start anew there',
  z.object({
    ...scope,
    at: z.iso.datetime({ offset: true }).optional(),
    by: z.string().min(1).max(128).default('deploy'),
    note: z.string().max(2000).default(''),
  }),
  acceptance,
);

export const listAcceptances = endpoint(
  'GET',
  '/api/v1/drift/accepted',
  'Levels accepted as normal and deploy markers, newest first',
  z.object({ feature: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
  z.object({ accepted: z.array(acceptance) }),
);

/**
 * A number in an attribute of calls, watched like any metric. Its metric is
 * `custom:<name>:<scale>:<bad>:<smallest_shift>:<unit>`: what it means is part of what it is, so a changed definition is a series of
 * its own and what was found with the old one stays readable.
 */
export const customMeasure = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'small letters, digits, dots, dashes and underscores'),
  /** Key of the span attribute that holds the number. */
  attribute: z.string().min(1).max(256),
  /** `log` for what is never negative and has a long tail, like sizes and durations: changes are then in per cent. */
  scale: z.enum(['linear', 'log']).default('linear'),
  /** The direction that hurts. */
  bad: z.enum(['up', 'down', 'either']).default('either'),
  /** Smallest lasting change worth a page: in the attribute's unit, or a fraction with `log`. */
  smallest_shift: z.number().positive(),
  unit: z
    .string()
    .max(32)
    .regex(/^[^:]*$/, 'without a colon')
    .default(''),
});
export type CustomMeasure = z.infer<typeof customMeasure>;

export const customMetric = ({ name, scale, bad, smallest_shift, unit }: CustomMeasure): string =>
  ['custom', name, scale, bad, smallest_shift, unit].join(':');

/** What a metric's name says of a custom measure; null for any other metric. */
export function parseCustomMetric(metric: string): Omit<CustomMeasure, 'attribute'> | null {
  const [kind, name, scale, bad, smallestShift, unit] = metric.split(':');
  if (kind !== 'custom') return null;
  const parsed = customMeasure
    .omit({ attribute: true })
    .safeParse({ name, scale, bad, smallest_shift: Number(smallestShift), unit });
  return parsed.success ? parsed.data : null;
}

export const listCustomMeasures = endpoint(
  'GET',
  '/api/v1/drift/measures',
  'Numeric attributes that are watched like metrics',
  z.object({}),
  z.object({ measures: z.array(customMeasure) }),
);

export const putCustomMeasures = endpoint(
  'PUT',
  '/api/v1/drift/measures',
  'Replace the list of numeric attributes that are watched',
  z.object({ measures: z.array(customMeasure).max(50) }),
  z.object({ measures: z.array(customMeasure) }),
);

export const newValueKinds = ['model', 'prompt', 'finish_reason', 'error_type', 'tool'] as const;

/** A value a feature had never shown, at its third occurrence. */
export const newValue = z.object({
  feature: z.string(),
  environment: z.string(),
  kind: z.enum(newValueKinds),
  value: z.string(),
  first_seen_at: z.string(),
  /** Third occurrence. */
  at: z.string(),
});
export type NewValue = z.infer<typeof newValue>;

export const listNewValues = endpoint(
  'GET',
  '/api/v1/drift/new-values',
  'Models, prompt versions, finish reasons, error types and tools never seen before, newest first',
  z.object({
    feature: z.string().optional(),
    from: z.iso.datetime({ offset: true }).optional().describe('of the first sight'),
    to: z.iso.datetime({ offset: true }).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  z.object({ values: z.array(newValue) }),
);
