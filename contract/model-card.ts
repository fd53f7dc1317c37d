import { z } from 'zod';
import { where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { fairness } from './fairness.ts';
import { gateResult, goldenRun } from './golden.ts';
import { scoreEstimate } from './quality.ts';
import { range } from './range.ts';

/** What no data can tell: a person writes it. */
export const cardTextKinds = ['intended_use', 'limits', 'owner'] as const;
export type CardTextKind = (typeof cardTextKinds)[number];

/** What tells versions of a feature apart. */
export const versionDimensions = ['prompt', 'release', 'model', 'variant'] as const;
export type VersionDimension = (typeof versionDimensions)[number];

/** One version of a text; '' withdraws it. */
export const cardText = z.object({
  version: z.int(),
  text: z.string(),
  /** Who wrote it, as they said; '' when they did not. */
  author: z.string(),
  written_at: z.string(),
});
export type CardText = z.infer<typeof cardText>;

/** A call to look at. */
const example = z.object({ trace_id: z.string(), span_id: z.string() });

/** Calls that name one prompt version, model, release or variant; `name` '' are those that name none. */
const usedName = z.object({
  name: z.string(),
  calls: z.int(),
  /** Of all calls of the card. */
  share: z.number(),
  first_seen: z.string(),
  last_seen: z.string(),
});
export type UsedName = z.infer<typeof usedName>;

/** What went wrong, or how answers ended, with a few of the newest calls. */
const counted = z.object({
  name: z.string(),
  calls: z.int(),
  share: z.number(),
  examples: z.array(example),
});

/** `better` none: neither way is good. */
const cardScore = scoreEstimate.extend({
  score: z.string(),
  better: z.enum(['higher', 'lower', 'none']),
});
export type CardScore = z.infer<typeof cardScore>;

/** Scores of one name and label, worst first; `mean` is of these scores, each counted once. Examples are the worst calls. */
const labelled = z.object({
  score: z.string(),
  label: z.string(),
  n: z.int(),
  mean: z.number(),
  examples: z.array(example),
});

/** What is known of a feature, or of one version of it. Null and empty lists are not known, never zero. */
export const modelCard = z.object({
  feature: z.string(),
  /** dimension and value pairs that make the version; empty: all versions. */
  version: z.array(z.object({ dimension: z.enum(versionDimensions), value: z.string() })),
  generated_at: z.string(),
  /** Data window, ISO 8601, [from, to), on quarters of an hour; calls of judges are left out of everything. */
  from: z.string(),
  to: z.string(),
  calls: z.int(),
  first_call: z.string().nullable(),
  last_call: z.string().nullable(),
  texts: z.record(z.enum(cardTextKinds), cardText.nullable()),
  /** Most used first; at most 20 of each. */
  versions: z.record(z.enum(versionDimensions), z.array(usedName)),
  quality: z.array(cardScore),
  failures: z.object({
    failed_calls: z.int(),
    error_types: z.array(counted),
    finish_reasons: z.array(counted),
    /** Share of answers that refuse, as the refusal evaluator sees it; null: nobody looks. */
    refusals: scoreEstimate.nullable(),
    lowest: z.array(labelled),
  }),
  /** Milliseconds of calls that did not fail. */
  latency: z.object({ calls: z.int(), p50_ms: z.number().nullable(), p95_ms: z.number().nullable() }),
  cost: z.object({
    /** `ledger`: with later prices and adjustments; `calls`: as first priced, because the ledger does not know releases. */
    source: z.enum(['ledger', 'calls']),
    calls: z.int(),
    priced_calls: z.int(),
    /** Decimal USD with nine places, over the priced calls; null when none is. */
    usd_per_1000_calls: z.string().nullable(),
    total_usd: z.string().nullable(),
  }),
  /** Means a call, over the calls that say how many. */
  tokens: z.object({
    input: z.object({ calls: z.int(), mean: z.number().nullable() }),
    output: z.object({ calls: z.int(), mean: z.number().nullable() }),
  }),
  golden: z.object({
    runs: z.array(goldenRun),
    /** Of each set, the newest run of this version against the run before it. */
    gates: z.array(
      z.object({ set: z.string(), baseline: z.string(), candidate: z.string(), gate: gateResult }),
    ),
  }),
  /** Judges that are watched by anchors, and when they were found to score otherwise. */
  judges: z.array(
    z.object({
      score: z.string(),
      anchored_since: z.string().nullable(),
      changes: z.array(
        z.object({
          after: z.string(),
          by: z.string(),
          difference: z.number(),
          low: z.number(),
          high: z.number(),
          ended_at: z.string().nullable(),
        }),
      ),
    }),
  ),
  /** Gaps between tenants, of the most frequent score, refusals and latency; null: fewer than two tenants are named. */
  fairness: fairness.reply.nullable(),
  /** What the card cannot say and why, in sentences. */
  missing: z.array(z.string()),
});
export type ModelCard = z.infer<typeof modelCard>;

export const modelCardOf = endpoint(
  'GET',
  '/api/v1/features/{feature}/card',
  'What is known of a feature or a version of it: JSON, or Markdown with format=md or accept: text/markdown',
  z.object({
    version: where
      .refine(
        conditions =>
          conditions.every(({ dimension }) => (versionDimensions as readonly string[]).includes(dimension)),
        `versions are told by ${versionDimensions.join(', ')}`,
      )
      .describe('e.g. prompt:answer v14 or release:2.3.0; default: all versions together'),
    from: range.from.default('now-30d'),
    to: range.to,
    environment: z.string().max(512).optional().describe('only calls of it'),
    format: z.enum(['json', 'md']).optional().describe('default: by the accept header'),
  }),
  modelCard,
);

export const listCardTexts = endpoint(
  'GET',
  '/api/v1/features/{feature}/card/texts',
  'Every version of the texts people wrote for the card of a feature, newest first',
  z.object({}),
  z.object({ texts: z.array(cardText.extend({ kind: z.enum(cardTextKinds) })) }),
);

const text = z.string().trim().max(8_192).optional();

export const putCardTexts = endpoint(
  'PUT',
  '/api/v1/features/{feature}/card/texts',
  'Write texts of the card of a feature; each that differs becomes a new version, an empty one withdraws it',
  z.strictObject({
    intended_use: text,
    limits: text,
    owner: text,
    author: z.string().trim().max(256).default('').describe('who writes, as it is to be shown'),
  }),
  z.object({ texts: z.record(z.enum(cardTextKinds), cardText.nullable()) }),
);
