import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { spendDimensions } from './spend-words.ts';

/** USD as a decimal string with up to nine places; more than zero. */
const amountUsd = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9})?$/, 'a decimal number of USD such as "250" or "0.05"')
  .refine(text => /[1-9]/.test(text), 'must be more than 0');

/** Money in answers: decimal USD with nine places. */
const usd = z.string();
const share = z.number().min(0).max(1);
const date = z.iso.date();
const percent = z.number().int().min(1).max(1000);

export const budgetKinds = ['budget', 'experiment'] as const;
export const budgetPeriods = ['day', 'week', 'month'] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];
export const decisions = ['allow', 'degrade', 'deny'] as const;
export type Decision = (typeof decisions)[number];

/** One value of one dimension; several of one dimension are alternatives, different dimensions all hold. */
export const budgetCondition = z.strictObject({
  dimension: z.enum(spendDimensions),
  value: z.string().max(512),
});
export type BudgetCondition = z.infer<typeof budgetCondition>;

/** What `GET /decision` answers near the limit; percentages are of the budget's amount. */
export const ceiling = z.strictObject({
  degrade_at_percent: percent.nullable().default(null).describe('answer `degrade` from here on'),
  deny_at_percent: percent.nullable().default(null).describe('answer `deny` from here on'),
  degrade_model: z
    .string()
    .max(256)
    .nullable()
    .default(null)
    .describe('cheaper model that `degrade` answers suggest'),
  lease_usd: amountUsd
    .nullable()
    .default(null)
    .describe('how much one lease allows; default a thousandth of the amount'),
  lease_s: z.number().int().min(5).max(60).default(60).describe('how long a lease holds'),
});
export type Ceiling = z.infer<typeof ceiling>;

/** What a person decides about a budget. */
export const budgetInput = z
  .object({
    name: z.string().trim().min(1).max(120),
    kind: z.enum(budgetKinds).default('budget'),
    filter: z.array(budgetCondition).max(50).default([]).describe('empty: everything'),
    amount_usd: amountUsd,
    period: z.enum(budgetPeriods).nullable().default(null).describe('of a budget; default month'),
    starts_on: date.nullable().default(null).describe('of an experiment: its first day'),
    ends_on: date
      .nullable()
      .default(null)
      .describe('of an experiment: its last day; then its ceiling denies'),
    thresholds_percent: z
      .array(percent)
      .max(10)
      .default([50, 80, 100])
      .describe('say so when this much of the amount is spent'),
    ceiling: ceiling.nullable().default(null),
  })
  .superRefine((budget, context) => {
    const say = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { kind, period, starts_on, ends_on, ceiling } = budget;
    if (kind === 'experiment') {
      if (period) say('period', 'an experiment has starts_on and ends_on instead');
      if (!starts_on) say('starts_on', 'an experiment needs its first day');
      if (!ends_on) say('ends_on', 'an experiment needs its last day');
      if (starts_on && ends_on && ends_on < starts_on) say('ends_on', 'is before starts_on');
    } else if (starts_on || ends_on) say('starts_on', 'only an experiment begins and ends');
    const { degrade_at_percent: degrade, deny_at_percent: deny } = ceiling ?? {};
    if (ceiling && !degrade && !deny) say('ceiling', 'needs degrade_at_percent or deny_at_percent');
    if (degrade && deny && degrade > deny) say('ceiling', 'would degrade only after it denies');
  });
export type BudgetInput = z.input<typeof budgetInput>;

/** A budget as it is kept. `period` is null for experiments; `starts_on` and `ends_on` are null for budgets. */
export const budget = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(budgetKinds),
  filter: z.array(budgetCondition),
  amount_usd: usd,
  period: z.enum(budgetPeriods).nullable(),
  starts_on: date.nullable(),
  ends_on: date.nullable(),
  thresholds_percent: z.array(z.number()),
  ceiling: ceiling.nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Budget = z.infer<typeof budget>;

const quantiles = z.object({ p10_usd: usd, p50_usd: usd, p90_usd: usd });

/** Where a budget stands in its present period. Everything is of the high bound of spend: unpriced calls count. */
export const budgetState = z.object({
  /** `ahead`: an experiment that has not begun; `over`: one that has ended. */
  phase: z.enum(['ahead', 'running', 'over']),
  /** [from, to) of the present period, ISO 8601; days begin at midnight of the reporting zone. */
  from: z.string(),
  to: z.string(),
  /** How much of the period is over. */
  elapsed: share,
  /** How far the ledger is known; null before the first roll-up. */
  as_of: z.string().nullable(),
  spent_usd: usd,
  /** The part of it that is priced for certain. */
  booked_usd: usd,
  /** Some calls have no upper bound and are not in `spent_usd`: it may be more. */
  at_least: z.boolean(),
  calls: z.int(),
  /** Calls without an upper bound: they are in no sum, and in the share that is bounded, coverage, they are missing. */
  unbounded_calls: z.int(),
  /** Share of calls whose most is known; null without calls. */
  coverage: share.nullable(),
  /** spent / amount, 0.82 for 82 %. */
  used: z.number(),
  /** What would be spent by now if the amount were used as the time of day and weekday usually go; ratio: spent / that. */
  pace: z.object({ expected_usd: usd, ratio: z.number() }).nullable(),
  /** Of the whole period's total; null without any history. */
  forecast: quantiles.nullable(),
  basis: z.object({
    method: z.string(),
    /** Complete days that were looked at. */
    days: z.int(),
    /** `none`: no forecast; `thin`: little history, wide band; `normal`. */
    quality: z.enum(['none', 'thin', 'normal']),
    /** A sentence for the reader when there is something to say, e.g. that history is short. */
    note: z.string().nullable(),
  }),
  /** Of exceeding the amount within the period; date: when it is most likely to happen (P50), or happened. */
  breach: z.object({ probability: share, date: date.nullable() }).nullable(),
  thresholds: z.array(
    z.object({
      percent: z.number(),
      amount_usd: usd,
      crossed: z.boolean(),
      crossed_at: z.string().nullable(),
    }),
  ),
  /** Past morning forecasts of periods that are over: how many, and which share had the outcome within P10–P90. */
  calibration: z.object({ n: z.int(), inside: share.nullable() }),
  /** Cumulative spend by day of the period, the last day as far as it is known. */
  burn: z.array(z.object({ date, usd })),
  /** Cumulative spend at the end of each coming day, today included. */
  fan: z.array(quantiles.extend({ date })),
  /** What a decision would be now, and what leases hold; null without a ceiling. */
  ceiling: z
    .object({
      decision: z.enum(decisions),
      reserved_usd: usd,
      degrade_at_usd: usd.nullable(),
      deny_at_usd: usd.nullable(),
    })
    .nullable(),
});
export type BudgetState = z.infer<typeof budgetState>;

export const budgetWithState = budget.extend({ state: budgetState });
export type BudgetWithState = z.infer<typeof budgetWithState>;

export const listBudgets = endpoint(
  'GET',
  '/api/v1/budgets',
  'Budgets and experiments with spend, pace, forecast and ceilings; nearest to its limit first',
  z.object({}),
  z.object({ zone: z.string(), as_of: z.string().nullable(), budgets: z.array(budgetWithState) }),
);

/** Earlier periods, newest first: what was spent, and what the forecast of the morning halfway through said. */
const pastPeriod = z.object({
  from: z.string(),
  to: z.string(),
  spent_usd: usd,
  used: z.number(),
  forecast: quantiles.extend({ made_at: z.string(), inside: z.boolean() }).nullable(),
});

export const budgetById = endpoint(
  'GET',
  '/api/v1/budgets/{id}',
  'One budget with its earlier periods and every morning forecast of this period',
  z.object({}),
  budgetWithState.extend({
    zone: z.string(),
    past: z.array(pastPeriod),
    forecasts: z.array(quantiles.extend({ made_at: z.string(), spent_usd: usd })),
  }),
);
export type BudgetDetail = z.infer<(typeof budgetById)['reply']>;

export const createBudget = endpoint(
  'POST',
  '/api/v1/budgets',
  'Create a budget or an experiment',
  budgetInput,
  budget,
);

export const replaceBudget = endpoint(
  'PUT',
  '/api/v1/budgets/{id}',
  'Change a budget: what is not given takes its default',
  budgetInput,
  budget,
);

export const deleteBudget = endpoint(
  'DELETE',
  '/api/v1/budgets/{id}',
  'Remove a budget, its notices and its stored forecasts',
  z.object({}),
  z.object({}),
);
