import { z } from 'zod';
import { commitmentMonth } from './commitment.ts';
import { endpoint } from './endpoint.ts';
import { instant } from './range.ts';

/** A decimal number as text, exact: `0.075`. */
export const decimal = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'a decimal number such as 0.075');
const money = z.string().describe('decimal, may be negative');
/** `2026-11-01` is midnight UTC; else an ISO 8601 instant with offset. */
export const priceDate = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .describe('a day (from midnight UTC) or an instant');
/** Prices by kind, in the currency of the price: per million tokens, or by the piece where the kind is counted so. */
export const kindPrices = z.record(z.string(), decimal);
export type KindPrices = z.infer<typeof kindPrices>;

/** Which series of prices: `region` is empty where the vendor charges the same everywhere. */
const series = {
  provider: z.string().trim().min(1).max(100),
  model: z.string().trim().min(1).max(300),
  region: z.string().trim().max(100).default(''),
};

/** What a call costs, by everything that decides it. */
const terms = {
  mode: z.string().default('chat'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')
    .default('USD'),
  prices: kindPrices,
  tiers: z
    .array(z.object({ threshold: z.int().positive(), prices: kindPrices }))
    .default([])
    .describe('prices of the whole request when its input with cache is above `threshold` tokens'),
  service_tiers: z.record(z.string(), kindPrices).default({}),
  max_input_tokens: z.int().positive().nullable().default(null).describe('the most the model takes'),
  max_output_tokens: z.int().positive().nullable().default(null).describe('the most the model gives'),
  aliases: z.array(z.string().trim().min(1).max(300)).max(100).default([]),
};

export const priceTerms = z.object(terms);
export type PriceTerms = z.output<typeof priceTerms>;

/** One price of one model for some time. */
export const price = z.object({
  /** Names it in the ledger (`price_version`). */
  price_id: z.string(),
  ...series,
  region: z.string(),
  mode: z.string(),
  currency: z.string(),
  prices: kindPrices,
  tiers: z.array(z.object({ threshold: z.int(), prices: kindPrices })),
  service_tiers: z.record(z.string(), kindPrices),
  max_input_tokens: z.int().nullable(),
  max_output_tokens: z.int().nullable(),
  aliases: z.array(z.string()),
  valid_from: z.string().nullable().describe('null: for as long as anybody knows'),
  valid_to: z.string().nullable().describe('exclusive; null: until further notice'),
  known_from: z.string(),
  source: z.string(),
  own: z.boolean().describe('put in here, not from the shipped list'),
  noted_by: z.string(),
  note: z.string(),
});
export type Price = z.infer<typeof price>;

/** As it was written down, whether or not something said later has taken its place. */
export const priceStatement = price.extend({
  ended: z.boolean().describe('it says that there is no price from valid_from on'),
});
export type PriceStatement = z.infer<typeof priceStatement>;

export const listPrices = endpoint(
  'GET',
  '/api/v1/prices',
  'The price book as it is, was, or will be: what was known at one time about what is valid at another',
  z.object({
    known_at: instant.optional().describe('as known then; now when left out'),
    valid_at: instant.optional().describe('only prices valid then; all of them when left out'),
    search: z.string().max(200).default('').describe('part of a model, alias or provider'),
  }),
  z.object({
    prices: z.array(price),
    kinds: z.array(z.string()).describe('the kinds that can have a price'),
    modes: z.array(z.string()),
    revision: z.int().describe('grows with every change'),
    changed_at: z.string().nullable(),
  }),
);

export const priceHistory = endpoint(
  'GET',
  '/api/v1/prices/history',
  'Everything ever said about the prices of one model, the latest knowledge first, and what holds of it',
  z.object(series),
  z.object({ statements: z.array(priceStatement), prices: z.array(price) }),
);

/** A price from a day on, or the end of one. A correction is a price for days that had another one. */
export const priceChange = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('set'),
    ...series,
    ...terms,
    valid_from: priceDate.nullable().default(null).describe('null: for as long as anybody knows'),
    valid_to: priceDate.nullable().default(null),
    source: z.string().trim().max(500).default(''),
  }),
  z.object({ action: z.literal('end'), ...series, at: priceDate }),
  z.object({
    action: z.literal('alias'),
    provider: series.provider,
    model: series.model,
    alias: z.string().trim().min(1).max(300),
    remove: z.boolean().default(false),
  }),
]);
export type PriceChange = z.output<typeof priceChange>;

/** Changes one by one, or a file: the CSV or JSON of an export, or a price list. */
const proposal = {
  changes: z.array(priceChange).max(1000).default([]),
  file: z
    .object({ name: z.string().max(300), text: z.string() })
    .nullable()
    .default(null),
  skip_bad_rows: z
    .boolean()
    .default(false)
    .describe('take the good rows of a file that has bad ones; else such a file is not applied'),
};

/** What one price was and will be, of one stretch of time. */
export const priceDifference = z.object({
  kind: z.enum(['new', 'changed', 'ended', 'alias']),
  provider: z.string(),
  model: z.string(),
  region: z.string(),
  valid_from: z.string().nullable(),
  valid_to: z.string().nullable(),
  own: z.boolean().describe('what is replaced was put in here'),
  fields: z
    .array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .describe('`input`, `above 200000: output`, `flex: input`, `currency` …'),
});
export type PriceDifference = z.infer<typeof priceDifference>;

export const fileProblem = z.object({
  line: z.int().nullable().describe('1 is the first line; null where a line cannot be named'),
  what: z.string(),
});
export type FileProblem = z.infer<typeof fileProblem>;

const figures = z.object({
  calls: z.int(),
  before_usd: money,
  after_usd: money,
  unpriced_before: z.int(),
  unpriced_after: z.int(),
});

const effects = {
  days_30: figures,
  days_90: figures,
  as_if_30: figures,
  as_if_90: figures,
};

/**
 * What calls of the last 30 and 90 days would have cost, computed anew from their tokens, before and after. `days_…`: each call at
 * the prices of its own time, which is what a repricing would post. `as_if_…`: all of them at the prices of the day `as_of`, on which
 * every change holds, which is what to expect from then on.
 */
export const priceEffect = z.object({
  as_of: z.string(),
  one_in: z.int().describe('1: of every call; 5: of the calls of one hour in five, times five'),
  covers_from: z.string().describe('days before that were too many calls to compute in time'),
  complete: z.boolean(),
  ...effects,
  models: z
    .array(z.object({ provider: z.string(), model: z.string(), ...effects }))
    .describe('the largest change first'),
});
export type PriceEffect = z.infer<typeof priceEffect>;

const preview = z.object({
  hash: z.string().describe('confirm with it: it stands for these changes of this very price book'),
  differences: z.array(priceDifference).max(5000),
  counts: z.object({
    new: z.int(),
    changed: z.int(),
    ended: z.int(),
    alias: z.int(),
    unchanged: z.int(),
    kept: z.int().describe('own prices that a price list differs from: they stay'),
  }),
  problems: z.array(fileProblem),
  effect: priceEffect.nullable().describe('null when nothing changes'),
  /** Calls before now that the changes are about; null when they only concern the future. */
  past: z.object({ from: z.string(), to: z.string() }).nullable(),
});
export type PricePreview = z.infer<typeof preview>;

export const previewPrices = endpoint(
  'POST',
  '/api/v1/prices/preview',
  'What changes would do to the price book and to what the calls of the last 90 days cost; nothing is changed',
  z.object(proposal),
  preview,
);

export const applyPrices = endpoint(
  'POST',
  '/api/v1/prices/apply',
  'Make the changes of a preview, confirmed by its hash; 409 when the book or the changes are others by now',
  z.object({
    ...proposal,
    hash: z.string(),
    noted_by: z.string().trim().max(200).default(''),
    note: z.string().trim().max(1000).default(''),
  }),
  z.object({
    revision: z.int(),
    known_from: z.string(),
    added: z.int().describe('statements written down'),
    past: z.object({ from: z.string(), to: z.string() }).nullable(),
  }),
);

export const exportPrices = {
  ...endpoint(
    'GET',
    '/api/v1/prices/export',
    'The price book as a file that can be read in again',
    z.object({ format: z.enum(['csv', 'json']), known_at: instant.optional() }),
    z.string().describe('the file'),
  ),
  files: ['text/csv', 'application/json'],
};

export const unpricedModels = endpoint(
  'GET',
  '/api/v1/prices/unpriced',
  'Models with calls whose cost is not known, most tokens first',
  z.object({ from: instant.default('now-30d'), to: instant.default('now') }),
  z.object({
    tokens: z.int().describe('of all calls of these days'),
    calls: z.int(),
    models: z.array(
      z.object({
        provider: z.string(),
        model: z.string(),
        request_model: z.string().describe('the name most of them were asked for by'),
        calls: z.int(),
        tokens: z.int(),
        token_share: z.number().nullable(),
        first_seen: z.string(),
        last_seen: z.string(),
        low_usd: money.nullable(),
        high_usd: money.nullable().describe('of the calls that have an upper bound'),
        unbounded_calls: z.int().describe('calls without an upper bound'),
        has_price: z.boolean().describe('the book has one, but the calls did not say all it needs'),
      }),
    ),
  }),
);

/** What was negotiated: a percentage off, or prices of one's own, for some models and some time. */
export const overlayTerms = z.strictObject({
  name: z.string().trim().min(1).max(100),
  provider: z.string().trim().max(100).default('').describe('empty: every provider'),
  model: z
    .string()
    .trim()
    .max(300)
    .default('')
    .describe('a model of the book, `*` stands for anything; empty: every model'),
  valid_from: priceDate,
  valid_to: priceDate.nullable().default(null),
  discount_percent: decimal.nullable().default(null).describe('off the price of the book'),
  prices: kindPrices.default({}).describe('instead of the price of the book'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('USD'),
  commitment_usd_per_month: decimal
    .nullable()
    .default(null)
    .describe('makes the discount one for a commitment, where it is not merely negotiated'),
  paid_ahead: z
    .boolean()
    .default(false)
    .describe('the commitment is billed as a purchase, and what is used of it is not billed again'),
});
export type OverlayTerms = z.output<typeof overlayTerms>;

export const overlay = z.object({
  overlay_id: z.string(),
  version: z.int().describe('1 is the first; a change is a further one'),
  ...overlayTerms.shape,
  known_from: z.string(),
  noted_by: z.string(),
  note: z.string(),
  withdrawn: z.boolean(),
});
export type Overlay = z.infer<typeof overlay>;

export const listedOverlay = overlay.extend({ months: z.array(commitmentMonth) });
export type ListedOverlay = z.infer<typeof listedOverlay>;

const noted = {
  noted_by: z.string().trim().max(200).default(''),
  note: z.string().trim().max(1000).default(''),
};

export const listOverlays = endpoint(
  'GET',
  '/api/v1/price-overlays',
  'Discounts, negotiated prices and commitments, with what is used of the commitments',
  z.object({ known_at: instant.optional() }),
  z.object({ overlays: z.array(listedOverlay) }),
);

export const overlayHistory = endpoint(
  'GET',
  '/api/v1/price-overlays/{id}/history',
  'Every version of one overlay, the latest first',
  z.object({}),
  z.object({ versions: z.array(overlay) }),
);

export const addOverlay = endpoint(
  'POST',
  '/api/v1/price-overlays',
  'Add a discount, negotiated prices or a commitment',
  z.object({ terms: overlayTerms, ...noted }),
  overlay,
);

export const changeOverlay = endpoint(
  'PUT',
  '/api/v1/price-overlays/{id}',
  'Let a further version take the place of the present one, which stays readable',
  z.object({ terms: overlayTerms, version: z.int(), ...noted }),
  overlay,
);

export const previewOverlay = endpoint(
  'POST',
  '/api/v1/price-overlays/preview',
  'What an overlay would have done to what the calls of the last 90 days cost; nothing is changed',
  z.object({
    overlay_id: z.string().nullable().default(null).describe('the one it takes the place of'),
    terms: overlayTerms.nullable().describe('null: the overlay is withdrawn'),
  }),
  z.object({ effect: priceEffect }),
);

export const withdrawOverlay = endpoint(
  'POST',
  '/api/v1/price-overlays/{id}/withdraw',
  'Withdraw an overlay as if it had never held; what was said stays readable',
  z.object({ version: z.int(), ...noted }),
  overlay,
);

export const exchangeRate = z.object({
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'),
  day: z.iso.date(),
  usd_per_unit: decimal,
});

export const listRates = endpoint(
  'GET',
  '/api/v1/exchange-rates',
  'Exchange rates by day, the newest first; a rate holds until the next day that has one',
  z.object({ known_at: instant.optional(), currency: z.string().max(3).default('') }),
  z.object({
    rates: z.array(exchangeRate.extend({ known_from: z.string(), source: z.string(), noted_by: z.string() })),
  }),
);

export const previewRates = endpoint(
  'POST',
  '/api/v1/exchange-rates/preview',
  'What rates would have done to what the calls of the last 90 days cost; nothing is changed',
  z.object({ rates: z.array(exchangeRate).min(1).max(5000) }),
  z.object({ effect: priceEffect }),
);

export const addRates = endpoint(
  'POST',
  '/api/v1/exchange-rates',
  'Add exchange rates; one for a day that has one corrects it, and the earlier one stays readable',
  z.object({
    rates: z.array(exchangeRate).min(1).max(5000),
    source: z.string().trim().max(300).default(''),
    ...noted,
  }),
  z.object({ added: z.int() }),
);
