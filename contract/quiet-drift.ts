import { z } from 'zod';
import { dimensions } from './dimension.ts';
import { endpoint } from './endpoint.ts';

/** Series that are judged like any other and page nobody unless somebody asks for it: usage, and gaps between cohorts. */
export const quietKinds = ['usage', 'fairness'] as const;
export type QuietKind = (typeof quietKinds)[number];

const isCohortBy = (text: string) =>
  (dimensions as readonly string[]).includes(text) || /^attribute:.{1,256}$/.test(text);

/** Cohorts whose gaps are watched day by day. */
export const watchedCohorts = z.strictObject({
  /** A dimension, or `attribute:<key>` for an attribute of the call's span. */
  by: z
    .string()
    .refine(isCohortBy, `one of ${dimensions.join(', ')}, or attribute:<key of a span attribute>`),
  /** Null: over all features together. */
  feature: z.string().min(1).max(256).nullable().default(null),
});
export type WatchedCohorts = z.output<typeof watchedCohorts>;

const attributeKey = z.string().max(256);

export const quietDrift = z.strictObject({
  usage: z.strictObject({ notify: z.boolean().default(false) }).default({ notify: false }),
  fairness: z
    .strictObject({
      notify: z.boolean().default(false),
      cohorts: z.array(watchedCohorts).max(20).default([]),
    })
    .default({ notify: false, cohorts: [] }),
  /** Attributes of a call's span that hold the embedding of its input and output, as lists of numbers; empty: none. */
  embeddings: z
    .strictObject({
      input: attributeKey.default('driftline.input.embedding'),
      output: attributeKey.default('driftline.output.embedding'),
    })
    .default({ input: 'driftline.input.embedding', output: 'driftline.output.embedding' }),
});
export type QuietDrift = z.output<typeof quietDrift>;

export const getQuietDrift = endpoint(
  'GET',
  '/api/v1/drift/quiet/settings',
  'Which quiet series send a message, which cohorts are watched, and where embeddings are found',
  z.object({}),
  quietDrift,
);

export const putQuietDrift = endpoint(
  'PUT',
  '/api/v1/drift/quiet/settings',
  'Change what quiet series do; holds from the next look on',
  quietDrift,
  quietDrift,
);

/**
 * A lasting change of a quiet series. Usage: ratios to what the season leads one to expect, 1 is as usual. Fairness: the cohort's value
 * less that of all others together, before and since.
 */
export const quietFinding = z.object({
  id: z.string(),
  kind: z.enum(quietKinds),
  feature: z.string(),
  environment: z.string(),
  metric: z.string(),
  metric_label: z.string(),
  cohort_by: z.string(),
  cohort: z.string(),
  direction: z.enum(['up', 'down']),
  changed_at: z.string(),
  opened_at: z.string(),
  closed_at: z.string().nullable(),
  before: z.number(),
  after: z.number(),
  /** Bounds of `after`, 95 %, valid at every look. */
  low: z.number(),
  high: z.number(),
  chance_of_noise: z.number(),
  /** Data that came late took it back. */
  retracted: z.boolean(),
  text: z.string(),
  /** When a message about it was queued; null unless the settings ask for one. */
  notified_at: z.string().nullable(),
});
export type QuietFinding = z.infer<typeof quietFinding>;

export const quietSeries = z.object({
  kind: z.enum(quietKinds),
  feature: z.string(),
  environment: z.string(),
  /** `usage:requests`, `usage:users`, `usage:sessions`, `fairness:quality`, `fairness:refusal`, `fairness:latency`. */
  metric: z.string(),
  metric_label: z.string(),
  /** What the cohorts are made by and which one; empty for usage. */
  cohort_by: z.string(),
  cohort: z.string(),
  state: z.enum(['learning', 'watching', 'drifting']),
  /** Days seen, of the 14 it takes; null once it is watched. */
  learning_days: z.int().nullable(),
  evaluated_until: z.string().nullable(),
  /** Evidence as a share of what is recorded as drift, 0 to 1. */
  evidence_share: z.number(),
  finding_id: z.string().nullable(),
  /**
   * By UTC day, the last four weeks. Usage: the ratio to the expectation (null while learning), `n` as counted. Fairness: the gap,
   * `n` calls of the cohort. Days that cannot be told, such as those with too few calls or users of a cohort, are missing.
   */
  points: z.array(z.object({ at: z.string(), value: z.number().nullable(), n: z.int() })),
});
export type QuietSeries = z.infer<typeof quietSeries>;

export const listQuietDrift = endpoint(
  'GET',
  '/api/v1/drift/quiet',
  'Usage against its season and gaps between cohorts, as drift series that page nobody by themselves',
  z.object({
    kind: z.enum(quietKinds).optional(),
    feature: z.string().optional(),
    environment: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  }),
  z.object({
    series: z.array(quietSeries),
    /** Newest first; closed ones of the last four weeks included. */
    findings: z.array(quietFinding),
    truncated: z.boolean(),
  }),
);
export type QuietDriftList = z.infer<typeof listQuietDrift.reply>;
