import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { instant } from './range.ts';
import { spendWhere } from './spend-where.ts';

/**
 * Why a sender's cost of a call is not ours, the first that fits: `same` (to half a percent); `unpriced`: we have no price; `nothing_sent`: it says 0;
 * `cache_left_out`: it is what the call would cost had no token been cached; `list_price`: it does not know what was agreed; `estimated`: tokens
 * were estimated, so neither is exact; `other`: another price, or another count.
 */
export const clientCostCauses = [
  'same',
  'unpriced',
  'nothing_sent',
  'cache_left_out',
  'list_price',
  'estimated',
  'other',
] as const;
export type ClientCostCause = (typeof clientCostCauses)[number];

const usd = z.string().describe('decimal USD, nine places');

export const clientCost = endpoint(
  'GET',
  '/api/v1/spend/client-cost',
  'Cost that senders reported beside ours as booked, by the reason for the difference',
  z.object({ from: instant.default('now-30d'), to: instant.default('now'), where: spendWhere }),
  z.object({
    /** The largest difference first; together all calls with a cost of their sender, or one in `one_in` hours of them. */
    causes: z.array(
      z.object({
        cause: z.enum(clientCostCauses),
        calls: z.int(),
        client_usd: usd,
        ours_usd: usd,
        difference_usd: usd.describe('theirs less ours'),
      }),
    ),
    one_in: z.int().describe('of very many calls only so many hours are read; the sums are of those'),
  }),
);
