import { z } from 'zod';
import type { Repricing } from '#contract/spend.ts';
import { spendDimensions } from '#contract/spend-words.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import type { PostingRow } from '#store/state/postings.ts';

/** Which calls a repricing is about; times are ISO 8601. */
const specShape = z.object({
  from: z.string(),
  to: z.string(),
  models: z.array(z.string()),
  where: z.array(z.object({ dimension: z.enum(spendDimensions), value: z.string() })),
  /** Of the months of its effect. */
  zone: z.string(),
  note: z.string(),
  by: z.string(),
});
export type RepricingSpec = z.infer<typeof specShape>;

const countsShape = z.object({
  calls: z.number(),
  /** Nano-dollars, decimal text. */
  before: z.string(),
  after: z.string(),
  newlyPriced: z.number(),
  noLongerPriced: z.number(),
});

/** What came of it so far. */
const resultShape = z.object({
  lookedAt: z.number(),
  total: countsShape,
  effect: z.array(countsShape.extend({ feature: z.string(), model: z.string(), month: z.string() })),
});
export type RepricingResult = z.infer<typeof resultShape>;
export type Counts = z.infer<typeof countsShape>;

export const noCounts: Counts = { calls: 0, before: '0', after: '0', newlyPriced: 0, noLongerPriced: 0 };
export const noResult: RepricingResult = { lookedAt: 0, total: noCounts, effect: [] };

export const specOf = (row: PostingRow): RepricingSpec => specShape.parse(JSON.parse(row.spec));
export const resultOf = (row: PostingRow): RepricingResult => resultShape.parse(JSON.parse(row.result));

/** As the API tells it. */
export function repricingOf(row: PostingRow, closedMonths: ReadonlySet<string>): Repricing {
  const { from, to, models, where, note, by } = specOf(row);
  const { lookedAt, total, effect } = resultOf(row);
  const { posting_id, state, progress, created_at, posted_at, error } = row;
  const escaped = where.map(({ dimension, value }) => `${dimension}:${value.replace(/[\\,]/g, '\\$&')}`);
  return {
    posting_id,
    state,
    progress,
    from,
    to,
    models,
    where: escaped.join(','),
    note,
    by,
    created_at,
    posted_at,
    error,
    looked_at: lookedAt,
    ...countsOf(total),
    effect: effect.map(({ feature, model, month, ...counts }) => ({
      feature,
      model,
      month,
      closed: closedMonths.has(month),
      ...countsOf(counts),
    })),
  };
}

function countsOf({ calls, before, after, newlyPriced, noLongerPriced }: Counts) {
  const usd = (nanos: bigint | string) => usdFromNanos(nanos.toString()) ?? '';
  return {
    calls,
    before_usd: usd(before),
    after_usd: usd(after),
    change_usd: usd(BigInt(after) - BigInt(before)),
    newly_priced: newlyPriced,
    no_longer_priced: noLongerPriced,
  };
}
