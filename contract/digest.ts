import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** A series that stands out of all that are watched. Figures in display units, as of alerts. */
export const digestChange = z.object({
  feature: z.string(),
  model: z.string(),
  environment: z.string(),
  metric: z.string(),
  metric_label: z.string(),
  /** `Answer quality of support-bot fell 9 points: 0.91 → 0.82`. */
  title: z.string(),
  direction: z.enum(['up', 'down']),
  verdict: z.enum(['worse', 'better', 'changed']),
  before: z.number(),
  after: z.number(),
  unit: z.string(),
  /** Estimated start of the change. */
  changed_at: z.string(),
  /** M: natural logarithm of the evidence; when an alert was opened for it in these days, that of then. */
  log_evidence: z.number(),
  /** The alert about it; null: it stands out, and has not paged. */
  alert_id: z.string().nullable(),
});
export type DigestChange = z.infer<typeof digestChange>;

export const driftDigest = endpoint(
  'GET',
  '/api/v1/drift/digest',
  'The last seven days over all that is watched: what changed, what got better, what the budget of false alarms cost',
  z.object({}),
  z.object({
    from: z.string(),
    to: z.string(),
    /** K, and how many of them have no baseline yet and cannot stand out. */
    series: z.int(),
    learning: z.int(),
    /** e-BH at this level: of the series named at most this share, in expectation, has not changed. */
    level: z.number(),
    /** Evidence (natural logarithm) that was needed; null: no series stands out. */
    needed_log_evidence: z.number().nullable(),
    /** Worse or changed, most evidence first. */
    changed: z.array(digestChange),
    /** For the better, most evidence first. */
    improved: z.array(digestChange),
    alerts: z.object({
      opened: z.int(),
      resolved: z.int(),
      /** Verdicts that late data took back. */
      retracted: z.array(z.object({ id: z.string(), title: z.string(), at: z.string() })),
    }),
    budget: z.object({
      false_alarms_per_week: z.number(),
      /** Bound of the false alarms to be expected from what was looked at in these days. */
      expected_false_alarms: z.number(),
      pages: z.int(),
      judged_noise: z.int(),
    }),
  }),
);
export type Digest = z.infer<typeof driftDigest.reply>;

/** When and to whom the digest is sent; without channels to nobody. */
export const digestSettings = z.object({
  channel_ids: z.array(z.string().min(1).max(64)).max(20).default([]),
  /** 1 Monday to 7 Sunday, as of ISO 8601, and the hour, both in the reporting zone. */
  weekday: z.int().min(1).max(7).default(1),
  hour: z.int().min(0).max(23).default(9),
});
export type DigestSettings = z.infer<typeof digestSettings>;

const kept = digestSettings.extend({
  /** Null while it goes to nobody. */
  next_at: z.string().nullable(),
  last_sent_at: z.string().nullable(),
});

export const getDigestSettings = endpoint(
  'GET',
  '/api/v1/drift/digest/settings',
  'Who is sent the weekly digest, and when',
  z.object({}),
  kept,
);

export const putDigestSettings = endpoint(
  'PUT',
  '/api/v1/drift/digest/settings',
  'Choose the channels, weekday and hour of the weekly digest; no channel: it is not sent',
  digestSettings,
  kept,
);
