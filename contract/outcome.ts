import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { instant } from './range.ts';
import { spendWhere } from './spend-where.ts';
import { spendDimensions } from './spend-words.ts';

/** An outcome is joined to calls that began at most this long before it. */
export const outcomeWindowDays = 14;

/** By what an outcome was joined to a call: the first of these that leads to one. */
export const outcomeJoins = ['response', 'trace', 'session', 'user'] as const;
export type OutcomeJoin = (typeof outcomeJoins)[number];

/** Groups of fewer users are counted but not shown as a cohort: they would tell of persons. */
export const smallestCohort = 5;

const money = z
  .union([
    z.number(),
    z.string().regex(/^-?\d{1,10}(\.\d{1,9})?$/, 'a decimal number with up to nine places'),
  ])
  .refine(value => Math.abs(Number(value)) <= 1e9, 'at most 1,000,000,000 USD');

const outcomeInput = z
  .object({
    id: z.string().min(1).max(128).optional().describe('your own id: sending it again replaces the outcome'),
    name: z.string().trim().min(1).max(128).describe('what happened, e.g. ticket_resolved'),
    value: z.number().optional().describe('any number, e.g. a rating'),
    value_usd: money.optional().describe('what it was worth, in USD'),
    label: z.string().max(256).optional(),
    time: z.iso.datetime({ offset: true }).optional().describe('when it happened; default now'),
    feature: z.string().min(1).max(256).optional().describe('only calls of this feature may have led to it'),
    trace_id: z
      .string()
      .regex(/^[0-9a-fA-F]{32}$/, '32 hex digits')
      .optional(),
    response_id: z.string().min(1).max(256).optional(),
    session_id: z.string().min(1).max(256).optional(),
    user_id: z.string().min(1).max(256).optional(),
  })
  .refine(
    body => Boolean(body.trace_id ?? body.response_id ?? body.session_id ?? body.user_id),
    'name what led to it: trace_id, response_id, session_id or user_id',
  );
export type OutcomeInput = z.infer<typeof outcomeInput>;

export const postOutcomes = endpoint(
  'POST',
  '/api/v1/outcomes',
  'What came of calls: a ticket resolved, a purchase, a thumb; up to 14 days later, or before the spans arrive',
  z.union([outcomeInput, z.object({ outcomes: z.array(outcomeInput).min(1).max(1000) })]),
  z.object({ accepted: z.int(), ids: z.array(z.string()) }),
);

/** Outcomes of some calls, with what these calls cost. Counts are whole outcomes, so groups add up to the total. */
const outcomeFigures = {
  outcomes: z.int(),
  /** Outcomes that carried `value_usd`. */
  valued_outcomes: z.int(),
  /** Sum of `value_usd`; null: no outcome carried one. */
  value_usd: z.string().nullable(),
  /** Of all calls of the group, with an outcome or without; null: none of them has a price. */
  cost_usd: z.string().nullable(),
  calls: z.int(),
  unpriced_calls: z.int(),
  /** Calls of a trace (or session) that led to an outcome. */
  covered_calls: z.int(),
  /** covered_calls / calls; null: no calls. */
  coverage: z.number().nullable(),
  cost_per_outcome_usd: z.string().nullable(),
  value_per_outcome_usd: z.string().nullable(),
  /** (value − cost) / cost; null: no value is known, or no cost. */
  return_on_spend: z.number().nullable(),
};
export const outcomeGroup = z.object({ key: z.string(), ...outcomeFigures });
export type OutcomeGroup = z.infer<typeof outcomeGroup>;

export const outcomeSummary = endpoint(
  'GET',
  '/api/v1/outcomes',
  'What came of calls: outcomes, their value, their cost and the return, by any dimension of spend',
  z.object({
    from: instant.default('now-30d').describe('of the calls that led to outcomes'),
    to: instant.default('now'),
    group_by: z.enum(spendDimensions).default('feature'),
    name: z.string().max(128).default('').describe('one kind of outcome; empty: all'),
    where: spendWhere,
  }),
  z.object({
    from: z.string(),
    to: z.string(),
    /** IANA zone in which days begin. */
    zone: z.string(),
    window_days: z.int(),
    total: z.object(outcomeFigures),
    groups: z.array(outcomeGroup),
    /** Every kind of outcome in the range, the most frequent first. */
    names: z.array(z.object({ name: z.string(), outcomes: z.int(), value_usd: z.string().nullable() })),
    joined_by: z.object({ response: z.int(), trace: z.int(), session: z.int(), user: z.int() }),
    /** Outcomes in the range that led to no call, by their own time; they are in no group and not in the total. */
    unjoined: z.object({
      outcomes: z.int(),
      value_usd: z.string().nullable(),
      examples: z.array(
        z.object({ outcome_id: z.string(), name: z.string(), time: z.string(), named: z.string() }),
      ),
    }),
    /** By day of the reporting zone, the day of the call. */
    days: z.array(
      z.object({
        day: z.string(),
        outcomes: z.int(),
        value_usd: z.string().nullable(),
        cost_usd: z.string().nullable(),
      }),
    ),
    /** Calls since this day may still get outcomes. */
    open_since: z.string(),
    /** Outcomes are joined up to here; null: none was ever. */
    joined_at: z.string().nullable(),
  }),
);
export type OutcomeSummary = z.infer<typeof outcomeSummary.reply>;

const cohort = z.object({
  /** Monday of the week in which these users were first seen. */
  week: z.string(),
  users: z.int(),
  /** Users of the cohort seen in week 0, 1, …; the last one may still be running. */
  active: z.array(z.int()),
});

export const adoption = endpoint(
  'GET',
  '/api/v1/adoption',
  'Who uses the features: active, new and returning users, sessions, retention by week',
  z.object({
    from: instant.default('now-84d'),
    to: instant.default('now'),
    period: z.enum(['day', 'week', 'month']).default('week'),
    feature: z.string().max(256).default('').describe('empty: all features together'),
    environment: z.string().max(256).default(''),
    tenant: z.string().max(256).default(''),
  }),
  z.object({
    zone: z.string(),
    from_day: z.string(),
    /** Inclusive. */
    to_day: z.string(),
    /** Below 1 while the days are counted anew in another reporting zone: what is shown is not all. */
    progress: z.number(),
    /** Users active on the last day, in its last 7 and in its last 30 days. */
    daily_users: z.int(),
    weekly_users: z.int(),
    monthly_users: z.int(),
    periods: z.array(
      z.object({
        /** First day of the period. */
        start: z.string(),
        users: z.int(),
        new_users: z.int(),
        returning_users: z.int(),
        /** A session counts once per day. */
        sessions: z.int(),
        calls: z.int(),
        /** Calls that name no user; not in `users`. */
        calls_without_user: z.int(),
        /** The period is not over. */
        running: z.boolean(),
      }),
    ),
    features: z.array(
      z.object({
        feature: z.string(),
        users: z.int(),
        new_users: z.int(),
        sessions: z.int(),
        calls: z.int(),
        calls_without_user: z.int(),
        cost_usd: z.string().nullable(),
        cost_per_user_usd: z.string().nullable(),
      }),
    ),
    cohorts: z.array(cohort),
    /** Cohorts of fewer than five users, which are not shown, and their users. */
    small_cohorts: z.object({ cohorts: z.int(), users: z.int() }),
    /** First day with data at all: users seen before it count as new. */
    known_since: z.string().nullable(),
  }),
);
export type Adoption = z.infer<typeof adoption.reply>;
