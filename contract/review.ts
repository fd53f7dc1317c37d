import { z } from 'zod';
import { where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { message } from './trace.ts';

/** Name of a queue; it stands in addresses and in the evaluator of its labels. */
const queueName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,59}$/, 'lower-case letters, digits, "_" and "-", up to 60');
const scoreName = z.string().trim().min(1).max(128);
/** Who looks: a name people know each other by. */
const reviewer = z.string().trim().min(1).max(128).describe('who labels, e.g. a name or an e-mail address');

const about = {
  /** Also the name of the score that labels become. */
  name: scoreName,
  title: z.string().trim().min(1).max(200),
  required: z.boolean().default(true),
};
const option = z.strictObject({
  value: z.string().trim().min(1).max(64),
  title: z.string().trim().max(120).default(''),
  /** As how good it counts; null: it is no quality. */
  score: z.number().min(0).max(1).nullable().default(null),
});

/** One thing a person says of an answer. `correction` is the better answer; a schema has at most one. */
export const reviewField = z.discriminatedUnion('kind', [
  z.strictObject({
    ...about,
    kind: z.literal('scale'),
    /** Points 1 to `points`; the score is (point - 1) / (points - 1). */
    points: z.int().min(2).max(9).default(5),
    low: z.string().max(60).default('').describe('what the lowest point means'),
    high: z.string().max(60).default('').describe('what the highest point means'),
  }),
  z.strictObject({
    ...about,
    kind: z.literal('yes_no'),
    good: z.enum(['yes', 'no']).default('yes').describe('the answer that counts 1'),
  }),
  z.strictObject({ ...about, kind: z.literal('category'), options: z.array(option).min(2).max(9) }),
  z.strictObject({ ...about, kind: z.literal('text') }),
  z.strictObject({ ...about, kind: z.literal('correction') }),
]);
export type ReviewField = z.output<typeof reviewField>;

const fieldList = z
  .array(reviewField)
  .min(1)
  .max(8)
  .refine(
    all => new Set(all.map(({ name }) => name)).size === all.length,
    'every field needs a name of its own',
  )
  .refine(all => all.filter(({ kind }) => kind === 'correction').length <= 1, 'one correction at most');

const everyRule = { enabled: z.boolean().default(true).describe('false: paused, it brings nothing in') };

const conditions = z
  .string()
  .max(2_000)
  .default('')
  .refine(text => where.safeParse(text).success, 'conditions are dimension:value, separated by commas');

/** What brings calls into a queue. `sample` alone chooses without looking at the answer, with a known chance. */
export const reviewRule = z.discriminatedUnion('kind', [
  z.strictObject({
    ...everyRule,
    kind: z.literal('low_score'),
    score: scoreName,
    below: z.number(),
  }),
  z.strictObject({
    ...everyRule,
    kind: z.literal('disagreement'),
    /** Names of scores to compare; one alone is compared across those who gave it. */
    scores: z.array(scoreName).min(1).max(8),
    gap: z.number().gt(0).max(1).default(0.5),
  }),
  z.strictObject({
    ...everyRule,
    kind: z.literal('drift'),
    /** Calls of an open incident. */
    per_incident: z.int().min(1).max(200).default(20),
  }),
  z.strictObject({
    ...everyRule,
    kind: z.literal('flagged'),
  }),
  /** Questions unlike any of the days before, asked often enough that it is no accident. Needs texts to be kept. */
  z.strictObject({
    ...everyRule,
    kind: z.literal('new_cluster'),
    at_least: z.int().min(3).max(1_000).default(8).describe('calls that ask alike before it is a cluster'),
    similarity: z
      .number()
      .min(0.1)
      .max(0.9)
      .default(0.3)
      .describe('how alike questions of one cluster are; higher makes more and smaller clusters'),
    known_days: z.int().min(1).max(13).default(7).describe('what was asked in these days is known'),
    per_cluster: z.int().min(1).max(100).default(5).describe('calls of each new cluster to look at'),
  }),
  /** Calls that may do harm however well they score: all of some kind, or those of them that say or do something. */
  z
    .strictObject({
      ...everyRule,
      kind: z.literal('high_risk'),
      where: conditions.describe('`feature:legal,feature:loans`; empty is every call'),
      words: z
        .array(z.string().trim().min(2).max(80))
        .max(50)
        .default([])
        .describe(
          'words or phrases in the question or the answer; one that ends with * stands for its forms',
        ),
      tools: z
        .array(z.string().trim().min(1).max(256))
        .max(50)
        .default([])
        .describe('tools the answer asks for'),
    })
    .refine(
      ({ where: text, words, tools }) => text !== '' || words.length + tools.length > 0,
      'high_risk: say by what: where, words or tools',
    ),
  z.strictObject({
    ...everyRule,
    kind: z.literal('sample'),
    where: z.string().max(2_000).default('').describe('`feature:chat,model:gpt-4o`; empty is every call'),
    share: z.number().gt(0).max(1),
  }),
]);
export type ReviewRule = z.output<typeof reviewRule>;

const queueBody = {
  description: z.string().max(2_000).default(''),
  where: conditions.describe('only calls like these; empty is every call'),
  fields: fieldList,
  rules: z.array(reviewRule).max(12).default([]),
  second_opinions: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('share of items that two people get, blind'),
};

/** `agreement`: how often two people said the same of one item. Kappa is null where chance alone would make them agree. */
export const fieldAgreement = z.object({
  field: z.string(),
  title: z.string(),
  /** Items that two people labelled. */
  pairs: z.int(),
  /** 0 to 1; null without pairs. */
  same: z.number().nullable(),
  /** Cohen's kappa; of scales with quadratic weights. 95 % interval. */
  kappa: z.number().nullable(),
  kappa_low: z.number().nullable(),
  kappa_high: z.number().nullable(),
});
export type FieldAgreement = z.infer<typeof fieldAgreement>;

export const reviewQueue = z.object({
  queue: z.string(),
  description: z.string(),
  where: z.string(),
  fields: z.array(reviewField),
  /** Grows when the fields change; labels say under which one they were given. */
  schema_version: z.int(),
  rules: z.array(reviewRule),
  second_opinions: z.number(),
  open: z.int(),
  done: z.int(),
  /** When calls were last looked for; null: never. */
  filled_at: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type ReviewQueue = z.infer<typeof reviewQueue>;

const PATH = '/api/v1/review/queues';

export const listReviewQueues = endpoint(
  'GET',
  '/api/v1/review/queues',
  'Review queues with how much is left',
  z.object({}),
  z.object({ queues: z.array(reviewQueue) }),
);

export const createReviewQueue = endpoint(
  'POST',
  PATH,
  'Make a review queue: what brings calls in, and what people say of them',
  z.strictObject({ queue: queueName, ...queueBody }),
  reviewQueue,
);

export const changeReviewQueue = endpoint(
  'PUT',
  '/api/v1/review/queues/{queue}',
  'Change a review queue: its rules (all of them; `enabled: false` pauses one), fields and conditions. Items and labels stay',
  z.strictObject(queueBody),
  reviewQueue,
);

export const deleteReviewQueue = endpoint(
  'DELETE',
  '/api/v1/review/queues/{queue}',
  'Remove a review queue and its items; the scores that labels became stay',
  z.object({}),
  z.object({}),
);

export const fillReviewQueue = endpoint(
  'POST',
  '/api/v1/review/queues/{queue}/fill',
  'Look for calls now; a queue that is worked on does so by itself every five minutes',
  z.strictObject({
    hours: z.number().gt(0).max(336).default(24).describe('how far back to look; texts are kept 14 days'),
  }),
  z.object({
    /** Calls that rules brought. */
    found: z.int(),
    added: z.int(),
    /** Already in the queue; new reasons were added to them. */
    known: z.int(),
    /** Calls found beyond what one look takes, or beyond what a queue holds. */
    left_out: z.int(),
  }),
);

/** Why a call is in the queue, in a sentence. */
export const reviewReason = z.object({
  kind: z.enum([
    'low_score',
    'disagreement',
    'drift',
    'flagged',
    'new_cluster',
    'high_risk',
    'sample',
    'by_hand',
  ]),
  sentence: z.string(),
});
export type ReviewReason = z.infer<typeof reviewReason>;

/** Without texts. */
export const reviewItem = z.object({
  item_id: z.string(),
  queue: z.string(),
  trace_id: z.string(),
  span_id: z.string(),
  call_time: z.string(),
  feature: z.string(),
  model: z.string(),
  prompt: z.string(),
  reasons: z.array(reviewReason),
  /** Higher is asked earlier. */
  priority: z.number(),
  state: z.enum(['open', 'done']),
  opinions: z.int(),
  opinions_wanted: z.int(),
  assignee: z.string().describe("'' for anybody"),
  created_at: z.string(),
});
export type ReviewItem = z.infer<typeof reviewItem>;

export const listReviewItems = endpoint(
  'GET',
  '/api/v1/review/queues/{queue}/items',
  'Items of a queue without texts, in the order they are asked',
  z.object({
    state: z.enum(['open', 'done']).default('open'),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  z.object({ items: z.array(reviewItem), total: z.int() }),
);

export const addReviewItem = endpoint(
  'POST',
  '/api/v1/review/queues/{queue}/items',
  'Put a call into a queue by its trace id',
  z.strictObject({
    trace_id: z.string().regex(/^[0-9a-fA-F]{32}$/, '32 hex digits'),
    span_id: z
      .string()
      .regex(/^[0-9a-fA-F]{16}$/, '16 hex digits')
      .optional()
      .describe('default: the last call of the trace'),
    note: z.string().max(300).default(''),
    assignee: z.string().trim().max(128).default(''),
  }),
  reviewItem,
);

export const changeReviewItem = endpoint(
  'PUT',
  '/api/v1/review/items/{item_id}',
  'Assign an item, or move it forward or back',
  z.strictObject({
    assignee: z.string().trim().max(128).optional(),
    priority: z.number().min(0).max(100).optional(),
  }),
  reviewItem,
);

/** What a person said, by the name of the field: a point, `yes` or `no`, a category's value, or text. */
export const labelValues = z.record(z.string(), z.union([z.number(), z.string().max(65_536)]));
export type LabelValues = z.infer<typeof labelValues>;

/** How far one person is; nobody's answers are among it. */
export const reviewProgress = z.object({
  /** Items this person could still label, the one at hand included. */
  remaining: z.int(),
  labelled: z.int(),
  /** Put aside by this person. */
  skipped: z.int(),
});
export type ReviewProgress = z.infer<typeof reviewProgress>;

export const takeReviewItem = endpoint(
  'POST',
  '/api/v1/review/queues/{queue}/take',
  'The next item for a person, with its texts; it is theirs for 15 minutes',
  z.strictObject({
    reviewer,
    skipped: z.boolean().default(false).describe('look at what this person put aside again'),
  }),
  z.object({
    /** Null: nothing is left for this person. */
    item: reviewItem
      .extend({
        /** Empty when the text is not kept (any more). */
        input: z.array(message),
        output: z.array(message),
        second_opinion: z.boolean(),
      })
      .nullable(),
    progress: reviewProgress,
  }),
);
export type TakenItem = NonNullable<z.infer<(typeof takeReviewItem)['reply']>['item']>;

export const labelReviewItem = endpoint(
  'POST',
  '/api/v1/review/items/{item_id}/label',
  'Say what one thinks of an answer; saying it again replaces it',
  z.strictObject({
    reviewer,
    values: labelValues,
    golden_set: z
      .string()
      .max(80)
      .default('')
      .describe('also keep the conversation there as a case; the correction is its reference'),
  }),
  z.object({
    score_ids: z.array(z.string()),
    item: reviewItem,
    progress: reviewProgress,
    /** What became of the case; null when none was asked for. */
    golden: z
      .object({ set: z.string(), version: z.int(), case_id: z.string(), is_new: z.boolean() })
      .nullable(),
  }),
);

export const skipReviewItem = endpoint(
  'POST',
  '/api/v1/review/items/{item_id}/skip',
  'Put an item aside for oneself; others still get it',
  z.strictObject({ reviewer }),
  z.object({ progress: reviewProgress }),
);

export const reviewAgreement = endpoint(
  'GET',
  '/api/v1/review/queues/{queue}/agreement',
  'How far people agree, by field and by pair of people',
  z.object({}),
  z.object({
    fields: z.array(fieldAgreement),
    people: z.array(z.object({ reviewer: z.string(), labelled: z.int(), last_at: z.string() })),
    /** Two people and one field. */
    pairs: z.array(fieldAgreement.extend({ first: z.string(), second: z.string() })),
  }),
);
export type ReviewAgreement = z.infer<(typeof reviewAgreement)['reply']>;
