import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { intervals } from './measure.ts';
import { instant, range } from './range.ts';
import { spendWhere } from './spend-where.ts';
import { spendDimensions, spendKinds } from './spend-words.ts';

/** What spend can be grouped by: dimensions, what is paid for, and who used it. */
export const spendGroups = [...spendDimensions, 'kind', 'user'] as const;
export const spendGroup = z.enum(spendGroups);
export type SpendGroup = (typeof spendGroups)[number];

const list = (text: string) => text.split(',').filter(part => part !== '');
const usd = z.string().describe('decimal USD, nine places');

/**
 * What can be asked of spend. Money is a decimal string of USD with nine places; counts are integers.
 * Null: not asked for, or it cannot be told for this grouping (a kind has no calls, a user no bounds).
 */
const measureShapes = {
  /** Booked when stored, plus everything posted since. */
  cost_usd: usd,
  /** Lower and upper bound with unpriced calls and estimated tokens; no upper one where `unbounded_calls` is not 0. */
  low_usd: usd.nullable(),
  high_usd: usd.nullable(),
  /** Upper bound of the calls that have one. */
  bounded_high_usd: usd.nullable(),
  /** As priced when the calls were stored. */
  booked_usd: usd.nullable(),
  /** Repricings, and what was booked for closed months: cost_usd - booked_usd. */
  adjustments_usd: usd.nullable(),
  /** What the same calls would have cost without a cache, and how much less they did cost. */
  uncached_usd: usd.nullable(),
  cache_saving_usd: usd.nullable(),
  /** What senders said, and our cost of the same calls. */
  client_usd: usd.nullable(),
  client_ours_usd: usd.nullable(),
  calls: z.int().nullable(),
  attempts: z.int().nullable(),
  failed_attempts: z.int().nullable(),
  unpriced_calls: z.int().nullable(),
  unbounded_calls: z.int().nullable(),
  tokens: z.int().nullable(),
  unpriced_tokens: z.int().nullable(),
  /** Tokens or pieces; only when grouped by kind. */
  units: z.int().nullable(),
  /** Only when grouped by user. */
  sessions: z.int().nullable(),
};
export const spendMeasures = Object.keys(measureShapes) as SpendMeasure[];
export type SpendMeasure = keyof typeof measureShapes;
export const spendTotals = z.object(measureShapes);
export type SpendTotals = z.infer<typeof spendTotals>;

const groupKeys = Object.fromEntries(spendGroups.map(name => [name, z.string().optional()])) as Record<
  SpendGroup,
  z.ZodOptional<z.ZodString>
>;

/**
 * The asked group keys and `time` (start of the bucket, ISO 8601 with the zone's offset) beside the measures: all of them, or where
 * `measures` names some, those; the others are left out.
 */
export const spendRow = spendTotals
  .partial()
  .extend({ ...groupKeys, time: z.string().optional(), cost_usd: usd });
export type SpendRow = z.infer<typeof spendRow>;

/** A month of the reporting zone whose number does not move any more. */
export const closedPart = z.object({
  month: z.string().describe('2026-10'),
  zone: z.string(),
  from: z.string(),
  to: z.string(),
});

export const spendRequest = z.object({
  ...range,
  group_by: z
    .string()
    .default('')
    .transform(list)
    .pipe(z.array(spendGroup))
    .describe(
      `${spendGroups.join(', ')}; kind stands beside dimensions, user beside feature, environment and tenant`,
    ),
  interval: z.enum(intervals).optional(),
  where: spendWhere,
  tz: z.string().optional().describe('IANA zone of the buckets; default: the reporting zone'),
  measures: z
    .string()
    .default('')
    .transform(list)
    .pipe(z.array(z.enum(spendMeasures as [SpendMeasure, ...SpendMeasure[]])))
    .describe('all when left out; rows then have these and cost_usd, which is always there'),
  limit: z.coerce.number().int().min(1).max(100_000).default(1000),
});

export const spend = endpoint(
  'GET',
  '/api/v1/spend',
  'Spend as booked, grouped and over time',
  spendRequest,
  z.object({
    /** Oldest bucket first, then the dearest group first. */
    rows: z.array(spendRow),
    /** Of everything asked for, whatever `limit` cut off. */
    totals: spendTotals,
    meta: z.object({
      /** What was added up: the asked range, widened to whole quarters of an hour (days where users are asked for). */
      from: z.string(),
      to: z.string(),
      tz: z.string(),
      /** Everything stored by then is in the numbers; null before the first roll-up. */
      as_of: z.string().nullable(),
      /** Older data is still being rolled up for the first time: 0 to 1, null when nothing is. */
      backfill: z.number().nullable(),
      closed: z.array(closedPart),
      /**
       * Share with a price: of tokens and of calls; null without any, and for an `interval` whose `measures` do not name what it is
       * worked out of (tokens and unpriced_tokens, calls and unpriced_calls).
       */
      coverage: z.object({
        tokens: z.number().nullable(),
        calls: z.number().nullable(),
        estimated_tokens: z
          .number()
          .nullable()
          .describe(
            'share of tokens that senders estimated; null where rows were asked for, 0 where bounds are the cost',
          ),
      }),
      truncated: z.boolean(),
    }),
  }),
);

/**
 * Causes of a change; each is what it contributed, averaged over every order of looking at them (Shapley), so they add up
 * to the change exactly. `volume`: more or fewer calls; `model_mix`: other models; `prompt_length`, `output_length`: tokens per
 * call; `cache_rate`: how the input divides into cached and not; `price`: another price per token; `retries`: share of calls that
 * were tried again or failed; `pieces`: images, searches and rerank units per call; `unpriced`: share of tokens without a price;
 * `other`: bookings for closed months and what no kind accounts for.
 */
export const spendCauses = [
  'volume',
  'model_mix',
  'prompt_length',
  'output_length',
  'cache_rate',
  'price',
  'retries',
  'pieces',
  'unpriced',
  'other',
] as const;
export type SpendCause = (typeof spendCauses)[number];

export const spendChange = z.object({
  before_usd: usd,
  after_usd: usd,
  change_usd: usd,
  calls_before: z.int(),
  calls_after: z.int(),
  /** Of these calls, those without a price: what they cost is in none of the amounts. */
  unpriced_before: z.int(),
  unpriced_after: z.int(),
  causes: z.record(z.enum(spendCauses), usd),
});
export type SpendChange = z.infer<typeof spendChange>;

export const explainSpend = endpoint(
  'GET',
  '/api/v1/spend/explain',
  'What a change of spend between two ranges was made of, to the nano-dollar',
  z.object({
    ...range,
    against_from: instant.optional().describe('default: as long a time right before `from`'),
    against_to: instant.optional(),
    where: spendWhere,
    by: z.enum(spendDimensions).default('feature'),
    limit: z.coerce.number().int().min(1).max(10_000).default(100),
  }),
  z.object({
    total: spendChange,
    /** The largest change first. */
    rows: z.array(spendChange.extend({ key: z.string() })),
    meta: z.object({
      by: z.enum(spendDimensions),
      from: z.string(),
      to: z.string(),
      against_from: z.string(),
      against_to: z.string(),
      as_of: z.string().nullable(),
      truncated: z.boolean(),
    }),
  }),
);

/** One kind of one call: units × price = cost, where the price is a plain one. */
export const callKind = z.object({
  kind: z.enum(spendKinds),
  units: z.int(),
  /** USD per million tokens, or per thousand pieces, that gives exactly this cost; null when it is not known any more. */
  price: z.string().nullable(),
  per: z.enum(['million_tokens', 'thousand_pieces']),
  cost_usd: usd.nullable(),
});

export const spendCall = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  start_time: z.string(),
  feature: z.string(),
  tenant: z.string(),
  team: z.string(),
  environment: z.string(),
  service: z.string(),
  provider: z.string(),
  model: z.string(),
  request_model: z.string(),
  prompt: z.string(),
  variant: z.string(),
  service_tier: z.string(),
  line: z.string(),
  attempts: z.int(),
  failed_attempts: z.int(),
  /** As booked; null when it has no price. */
  booked_usd: usd.nullable(),
  /** What the list asks for it; null where that is its cost, or where it is not known. */
  list_usd: usd.nullable(),
  /** Bounds where it has no price, or where its tokens are estimates (flag `estimated_tokens`); else its cost. Null: nothing bounds it. */
  low_usd: usd.nullable(),
  high_usd: usd.nullable(),
  uncached_usd: usd.nullable(),
  client_usd: usd.nullable(),
  price_version: z.string(),
  kinds: z.array(callKind),
  flags: z.array(z.string()),
  repricings: z.array(
    z.object({
      posting_id: z.string(),
      posted_at: z.string(),
      price_version_before: z.string(),
      price_version: z.string(),
      change_usd: usd,
    }),
  ),
  /** Booked plus repricings: what the ledger says today. */
  cost_usd: usd.nullable(),
});
export type SpendCall = z.infer<typeof spendCall>;

/** What was booked in this range for a bucket of a closed month. */
export const spendAdjustment = z.object({
  booked_at: z.string(),
  origin: z.string(),
  /** `late`, or the id of a repricing. */
  reason: z.string(),
  feature: z.string(),
  model: z.string(),
  calls: z.int(),
  change_usd: usd,
});

export const spendCalls = endpoint(
  'GET',
  '/api/v1/spend/calls',
  'The calls, repricings and adjustments behind a number',
  z.object({
    ...range,
    where: spendWhere,
    /** Only calls with units of this kind. */
    kind: z.enum(spendKinds).optional(),
    /** Only calls without a price. */
    unpriced: z.enum(['true', 'false']).optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(50),
    cursor: z.string().optional().describe('`next` of the page before'),
  }),
  z.object({
    /** The newest first. */
    calls: z.array(spendCall),
    next: z.string().nullable(),
    adjustments: z.array(spendAdjustment),
    meta: z.object({ from: z.string(), to: z.string(), as_of: z.string().nullable() }),
  }),
);

export const monthName = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as 2026-10');

export const monthFile = z.object({
  name: z.string(),
  content_type: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  /** Where it can be fetched, below the API. */
  path: z.string(),
});

/** `running` has not ended; `ended` can be closed; `closing` is being closed; `closed` hands out the same bytes for ever. */
export const month = z.object({
  month: monthName,
  zone: z.string(),
  from: z.string(),
  to: z.string(),
  state: z.enum(['running', 'ended', 'closing', 'closed']),
  closed_at: z.string().nullable(),
  closed_by: z.string(),
  /** As it stands in this month's books: what was booked in it, for whatever month. */
  cost_usd: usd,
  calls: z.int(),
  unpriced_calls: z.int(),
  unbounded_calls: z.int(),
  high_usd: usd.nullable(),
  /** Part of cost_usd that was booked here for months closed before. */
  from_earlier_usd: usd,
  /** What was booked elsewhere for this month since it was closed. */
  since_closing_usd: usd,
  files: z.array(monthFile),
});
export type Month = z.infer<typeof month>;

export const listMonths = endpoint(
  'GET',
  '/api/v1/months',
  'Months of the ledger and whether they are closed',
  z.object({}),
  z.object({
    zone: z.string(),
    as_of: z.string().nullable(),
    /** Start of the oldest quarter of an hour with spend: what was spent before is not known. Null without any. */
    begins_at: z.string().nullable(),
    months: z.array(month),
  }),
);

export const closeMonth = endpoint(
  'POST',
  '/api/v1/months/{month}/close',
  'Close a month that has ended: its number and its files never change again',
  z.object({ by: z.string().trim().max(200).default('') }),
  month,
);

const counted = {
  calls: z.int(),
  before_usd: usd,
  after_usd: usd,
  change_usd: usd,
  newly_priced: z.int(),
  no_longer_priced: z.int(),
};

/**
 * Prices of another day for calls that are in the ledger already. A preview computes and changes nothing; posting writes the
 * difference per call. What is `previewing` or `posting` goes on after a restart.
 */
export const repricing = z.object({
  posting_id: z.string(),
  state: z.enum(['previewing', 'previewed', 'posting', 'posted', 'failed']),
  /** 0 to 1 of the state it is in. */
  progress: z.number(),
  from: z.string(),
  to: z.string(),
  models: z.array(z.string()),
  where: z.string(),
  note: z.string(),
  by: z.string(),
  created_at: z.string(),
  posted_at: z.string().nullable(),
  error: z.string().nullable(),
  /** Calls looked at so far, and what changes for those that change. */
  looked_at: z.int(),
  ...counted,
  /** Where the change falls, the largest first; at most 1,000. `month` is one of the reporting zone. */
  effect: z.array(
    z.object({ feature: z.string(), model: z.string(), month: monthName, closed: z.boolean(), ...counted }),
  ),
});
export type Repricing = z.infer<typeof repricing>;

export const previewRepricing = endpoint(
  'POST',
  '/api/v1/repricings/preview',
  'What the calls of a time would cost at the prices known now',
  z.object({
    from: instant,
    to: instant.default('now'),
    models: z.array(z.string()).max(1000).default([]).describe('all when empty'),
    where: spendWhere,
    note: z.string().trim().max(2000).default(''),
    by: z.string().trim().max(200).default(''),
  }),
  repricing,
);

export const postRepricing = endpoint(
  'POST',
  '/api/v1/repricings',
  'Post what was previewed: one difference per call, never an edit',
  z.object({ posting_id: z.string() }),
  repricing,
);

export const listRepricings = endpoint(
  'GET',
  '/api/v1/repricings',
  'Repricings, the newest first',
  z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
  z.object({ repricings: z.array(repricing) }),
);

export const repricingById = endpoint(
  'GET',
  '/api/v1/repricings/{posting_id}',
  'One repricing and how far it is',
  z.object({}),
  repricing,
);
