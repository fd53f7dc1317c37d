import { z } from 'zod';
import { commitmentCorrection, commitmentUse } from './commitment.ts';
import { endpoint } from './endpoint.ts';
import { monthName } from './spend.ts';
import { spendLines } from './spend-words.ts';

/** What a cost centre can be. */
export const statementCentres = ['team', 'feature', 'tenant'] as const;
export type StatementCentre = (typeof statementCentres)[number];

const usd = z.string().describe('decimal USD, nine places');

const figures = { calls: z.int(), cost_usd: usd };

/** Older days are still being added up for the first time, so amounts may be too low: the share that is done; null when all is there. */
const backfill = z.number().nullable();

/**
 * What one cost centre spent in one month of the ledger. `cost_usd` is the sum of `lines` and of `adjustments`, exactly; of
 * `features` and `adjustments` as well. Money is decimal text of USD with nine places.
 */
export const statement = z.object({
  month: z.string(),
  zone: z.string(),
  from: z.string(),
  to: z.string(),
  by: z.enum(statementCentres),
  /** Empty: calls that name no such centre. */
  value: z.string(),
  /** `closed`: this month's number does not move any more. */
  state: z.enum(['running', 'ended', 'closing', 'closed']),
  closed_at: z.string().nullable(),
  closed_by: z.string(),
  /** Everything stored by then is in it; null before the first roll-up. */
  as_of: z.string().nullable(),
  backfill,
  generated_at: z.string(),
  cost_usd: usd,
  calls: z.int(),
  tokens: z.int(),
  /** Calls without a price, which are not in the cost, and what they cost at least and at most; null where nobody can say. */
  unpriced: z.object({
    calls: z.int(),
    tokens: z.int(),
    low_usd: usd,
    high_usd: usd.nullable(),
    models: z.array(z.object({ model: z.string(), calls: z.int(), tokens: z.int() })),
  }),
  lines: z.array(z.object({ line: z.enum(spendLines), ...figures })),
  /** The dearest first. */
  features: z.array(
    z.object({
      feature: z.string(),
      ...figures,
      models: z.array(
        z.object({
          model: z.string(),
          provider: z.string(),
          ...figures,
          input_tokens: z.int(),
          cached_tokens: z.int(),
          output_tokens: z.int(),
          unpriced_calls: z.int(),
        }),
      ),
    }),
  ),
  /** Booked in this month for months closed before. `reason` is `late` or the id of a repricing, whose note is beside it. */
  adjustments: z.array(
    z.object({
      origin_month: z.string(),
      reason: z.string(),
      note: z.string(),
      calls: z.int(),
      change_usd: usd,
    }),
  ),
  /**
   * What the whole project committed for the month, paid ahead or not, and what is used of it. It adds nothing to `cost_usd`, which has what this
   * centre's calls cost, whatever was paid ahead. Bookings for months closed before are in `commitment_corrections`.
   */
  commitments: z.array(commitmentUse),
  /** What was booked in this month for the project's amounts of months closed before. */
  commitment_corrections: z.array(commitmentCorrection),
  /**
   * The month before, by the same account; null when there was nothing. `begins_at`: when the ledger begins, where that is a day or more into
   * that month: it is none to compare with then.
   */
  previous: z.object({ month: z.string(), ...figures, begins_at: z.string().nullable() }).nullable(),
  /** The monthly budget of exactly this centre; null without one. */
  budget: z.object({ name: z.string(), amount_usd: usd }).nullable(),
});
export type Statement = z.infer<typeof statement>;

export const getStatement = endpoint(
  'GET',
  '/api/v1/statement',
  'What one cost centre spent in one month',
  z.object({
    month: monthName,
    by: z.enum(statementCentres).default('team'),
    value: z.string().default('').describe('name of the centre; empty: calls that name none'),
    tz: z.string().optional().describe('IANA time zone; default: the reporting zone'),
  }),
  statement,
);

export const listCentres = endpoint(
  'GET',
  '/api/v1/statement/centres',
  'Cost centres with spend in a month, the dearest first',
  z.object({
    month: monthName,
    by: z.enum(statementCentres).default('team'),
    tz: z.string().optional().describe('IANA time zone; default: the reporting zone'),
  }),
  z.object({
    centres: z.array(z.object({ value: z.string(), ...figures })).describe('at most 1,000'),
    backfill,
  }),
);
