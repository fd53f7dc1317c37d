import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { spendWhere } from './spend-where.ts';

const usd = z.string().describe('decimal USD, nine places');
const quantiles = { p10_usd: usd, p50_usd: usd, p90_usd: usd };

export const forecastSpend = endpoint(
  'GET',
  '/api/v1/spend/forecast',
  'What the present month of the reporting zone will come to: priced calls, as the total of the spend page',
  z.object({ where: spendWhere }),
  z.object({
    month: z.string().describe('2026-11'),
    zone: z.string(),
    spent_usd: usd,
    /**
     * Of the whole month; in 8 of 10 cases it ends between p10 and p90. Null without any spend to go by, and while earlier
     * days are still being added up.
     */
    forecast: z.object(quantiles).nullable(),
    /** Cumulative spend of the month at the end of today and of each coming day. */
    fan: z.array(z.object({ date: z.iso.date(), ...quantiles })),
    basis: z.object({
      method: z.string(),
      /** Complete days that were looked at. */
      days: z.int(),
      /** `none`: no forecast; `thin`: little history, wide band; `normal`. */
      quality: z.enum(['none', 'thin', 'normal']),
    }),
    as_of: z.string().nullable(),
  }),
);
