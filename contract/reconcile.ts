import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** What a provider's file can be; found out from its content. */
export const reconcileFormats = [
  'openai_usage_csv',
  'openai_usage_json',
  'openai_costs_csv',
  'openai_costs_json',
  'anthropic_usage_csv',
  'anthropic_usage_json',
  'anthropic_cost_csv',
  'anthropic_cost_json',
  'focus_csv',
] as const;
export type ReconcileFormat = (typeof reconcileFormats)[number];

/** What is compared: reasoning is part of output, as providers count it. `other` is money with no tokens behind it. */
export const reconcileKinds = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'output',
  'embedding',
  'input_audio',
  'cache_read_audio',
  'output_audio',
  'input_image',
  'output_image',
  'image',
  'search',
  'rerank',
  'other',
] as const;
export type ReconcileKind = (typeof reconcileKinds)[number];

/** Why a difference is there. The amounts of all reasons and `unexplained_usd` add up to theirs − ours. */
export const reconcileReasons = [
  'not_instrumented',
  'double_counted',
  'counted_more',
  'price_differs',
  'unpriced',
  'time_shift',
  'rounding',
  'other_charges',
] as const;
export type ReconcileReason = (typeof reconcileReasons)[number];

export const reason = z.object({
  reason: z.enum(reconcileReasons),
  /** Part of theirs − ours; negative where we have more. */
  amount_usd: z.string(),
  /** Empty: over all models. */
  model: z.string(),
  /** Empty: over all kinds. */
  kind: z.union([z.enum(reconcileKinds), z.literal('')]),
  /** not_instrumented: the part of their calls (tokens, where the file counts no calls) that we never saw. */
  share: z.number().nullable(),
  shared: z.enum(['calls', 'tokens']).nullable(),
  /** Tokens (or pieces) the amount is about. */
  tokens: z.string().nullable(),
  calls: z.int().nullable(),
  /** price_differs: their price / our price. time_shift: hours their days begin after ours. */
  ratio: z.number().nullable(),
  /** double_counted: instrumented services that count twice, where they can be told. */
  services: z.array(z.string()),
  /** One sentence for people. */
  text: z.string(),
});
export type Reason = z.infer<typeof reason>;

const amounts = {
  /** Null: the file does not say (or has no such line). */
  theirs_usd: z.string().nullable(),
  ours_usd: z.string().nullable(),
  difference_usd: z.string(),
  explained_usd: z.string(),
  unexplained_usd: z.string(),
  theirs_tokens: z.string().nullable(),
  ours_tokens: z.string(),
};

export const reconcileCell = z.object({
  day: z.string(),
  model: z.string(),
  kind: z.enum(reconcileKinds),
  ...amounts,
});
export type ReconcileCell = z.infer<typeof reconcileCell>;

const row = z.object({ key: z.string(), theirs_calls: z.int().nullable(), ours_calls: z.int(), ...amounts });

const head = {
  reconciliation_id: z.string(),
  created_at: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      format: z.enum(reconcileFormats),
      sha256: z.string(),
      lines: z.int(),
      refused: z.int(),
    }),
  ),
  providers: z.array(z.string()),
  /** First and last day (inclusive) of the file, as its days begin. */
  from_day: z.string(),
  to_day: z.string(),
  currency: z.string(),
  /** What one unit of the file's currency was taken for, in USD. */
  usd_per_unit: z.string(),
  /** `billed`: money is theirs. `our_prices`: the file has tokens only, valued at what we pay per token. */
  valued: z.enum(['billed', 'our_prices']),
  theirs_usd: z.string(),
  ours_usd: z.string(),
  difference_usd: z.string(),
  explained_usd: z.string(),
  unexplained_usd: z.string(),
  /** 1 − |unexplained| / theirs, added up by model and kind; null: they billed nothing. */
  explained_share: z.number().nullable(),
};
export const reconciliationHead = z.object(head);
export type ReconciliationHead = z.infer<typeof reconciliationHead>;

export const reconciliation = z.object({
  ...head,
  theirs_calls: z.int().nullable(),
  ours_calls: z.int(),
  reasons: z.array(reason),
  days: z.array(row),
  models: z.array(row),
  kinds: z.array(row),
  cells: z.array(reconcileCell),
  /** Lines of the file that could not be read (at most 100), and why. */
  refused_lines: z.array(z.object({ file: z.string(), line: z.int(), why: z.string() })),
  /** What to keep in mind when reading the result, in sentences. */
  notes: z.array(z.string()),
});
export type Reconciliation = z.infer<typeof reconciliation>;

export const createReconciliation = endpoint(
  'POST',
  '/api/v1/reconciliations',
  "Compare a provider's usage or invoice files with the ledger; the result is kept",
  z.object({
    files: z
      .array(z.object({ name: z.string().min(1).max(256), content: z.string().min(1) }))
      .min(1)
      .max(10)
      .describe('usage and cost files of one provider and time may be given together'),
    usd_per_unit: z
      .string()
      .regex(/^\d{1,6}(\.\d{1,9})?$/, 'a decimal number')
      .optional()
      .describe('needed when the file is not in USD'),
  }),
  reconciliation,
);

export const listReconciliations = endpoint(
  'GET',
  '/api/v1/reconciliations',
  'What was compared so far, the newest first',
  z.object({}),
  z.object({ reconciliations: z.array(reconciliationHead) }),
);

/** `/api/v1/reconciliations/{reconciliation_id}/csv` is the same as a file. */
export const reconciliationById = endpoint(
  'GET',
  '/api/v1/reconciliations/{reconciliation_id}',
  'One comparison with all its lines',
  z.object({}),
  reconciliation,
);

export const reconciliationCsv = {
  ...endpoint(
    'GET',
    '/api/v1/reconciliations/{reconciliation_id}/csv',
    'One comparison as a file: total, reasons and lines',
    z.object({}),
    z.string().describe('the file'),
  ),
  files: ['text/csv'],
};

export const deleteReconciliation = endpoint(
  'DELETE',
  '/api/v1/reconciliations/{reconciliation_id}',
  'Forget a comparison',
  z.object({}),
  z.object({ deleted: z.boolean() }),
);
