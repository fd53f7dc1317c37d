import { z } from 'zod';

const usd = z.string().describe('decimal USD, nine places');

/**
 * What an amount is used by: `paid_ahead` by what it covers of the calls that its discount or prices hold for, `priced` (not paid ahead) by what
 * those calls cost, `spent` (an amount and nothing else) by what all calls of its provider and model cost.
 */
export const commitmentBases = ['paid_ahead', 'priced', 'spent'] as const;

const used = {
  amount_usd: usd,
  used_usd: usd,
  unused_usd: usd.describe('of what was paid ahead: paid for nothing once its time is over'),
  beyond_usd: usd.describe('used beyond the amount; of what was paid ahead that is billed'),
};

/** What became of an amount committed for a month: `used_usd` and `unused_usd` make it, exactly. Bookings for closed months are apart. */
export const commitmentUse = z.object({
  overlay_id: z.string(),
  name: z.string(),
  basis: z.enum(commitmentBases),
  ...used,
  ran_out_at: z
    .string()
    .nullable()
    .describe('the quarter of an hour in which what was paid ahead ran out; null when it did not'),
  is_over: z.boolean().describe('the time that the amount is for has ended'),
});

/** What a booking in one month changed about the amount of a closed one. */
export const commitmentCorrection = z.object({
  overlay_id: z.string(),
  name: z.string(),
  basis: z.enum(commitmentBases),
  month: z.string().describe('the closed month'),
  booked_month: z.string(),
  used_usd: usd.describe('that much more of the amount is used; negative: less'),
  beyond_usd: usd.describe('that much more was used beyond it'),
});

export const commitmentMonth = commitmentUse.omit({ overlay_id: true, name: true }).extend({
  month: z.string(),
  is_closed: z.boolean().describe('what came later is in `corrections`'),
  corrections: z.array(commitmentCorrection.pick({ booked_month: true, used_usd: true, beyond_usd: true })),
});
export type CommitmentMonth = z.infer<typeof commitmentMonth>;
