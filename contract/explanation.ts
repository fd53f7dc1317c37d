import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** What calls are told apart by when an incident is explained; more than can be filtered for. */
const causeDimensions = [
  'model',
  'response_model',
  'request_model',
  'provider',
  'prompt',
  'release',
  'sdk',
  'variant',
  'service',
  'agent',
  'service_tier',
  'tenant',
  'team',
  'region',
  'language',
  'operation',
  'tool',
  'environment',
  'finish_reason',
  'error_type',
] as const;
export type CauseDimension = (typeof causeDimensions)[number];

const condition = z.object({ dimension: z.enum(causeDimensions), value: z.string() });

/** The shift of the mean, before to after, split exactly: `mix` + `within` = `shift`, in the metric's own scale. */
const split = z.object({
  shift: z.number(),
  /** Other calls than before: what their shares changed. */
  mix: z.number(),
  /** The same calls answered differently: what changed inside the segments. */
  within: z.number(),
});

const cause = z.object({
  /** One condition, or two that only together make the cause. */
  conditions: z.array(condition).min(1).max(2),
  /** Means in display units; null on a side without calls. */
  before: z.number().nullable(),
  after: z.number().nullable(),
  /** For latency: p95 of these calls before and since, in ms, to the 4 % that histograms tell; null on a side without calls. */
  p95: z.object({ before_ms: z.number().nullable(), after_ms: z.number().nullable() }).nullable(),
  calls_before: z.int(),
  calls_after: z.int(),
  /** Share of the whole shift, 1 = all of it. */
  explained: z.number(),
  /** Share of the calls since the change. */
  covered: z.number(),
  /** How far these calls moved beyond all others, in standard errors, and the chance of that by noise among all tried. */
  z: z.number(),
  p_value: z.number(),
  /** Not seen in the time before. */
  is_new: z.boolean(),
  /** What it took the place of; null unless it is one new or grown value. */
  instead_of: z.string().nullable(),
  /** Other names for the same calls. */
  same_calls: z.array(z.array(condition)),
});
export type Cause = z.infer<typeof cause>;

export const explanation = z.object({
  /** `mix`: other calls came, nothing got worse by itself. `unclear`: too few calls to tell. */
  verdict: z.enum(['regression', 'mix', 'both', 'unclear']),
  /** Over all dimensions of the traffic together; null when a side has no calls. */
  split: split
    .extend({ within_low: z.number(), within_high: z.number(), by: z.array(z.enum(causeDimensions)) })
    .nullable(),
  by_dimension: z.array(split.extend({ dimension: z.enum(causeDimensions), values: z.int() })),
  /** Strongest first, each beyond those before it. Empty: no single segment explains it. */
  causes: z.array(cause),
  /** Where the traffic's shares moved, by what that did to the mean; shares are of all calls. */
  moved: z.array(
    z.object({
      dimension: z.enum(causeDimensions),
      value: z.string(),
      share_before: z.number(),
      share_after: z.number(),
      explained: z.number(),
    }),
  ),
  /** How the calls ended, where that carries the shift: an error type, a finish reason. */
  outcomes: z.array(
    z.object({
      dimension: z.enum(causeDimensions),
      value: z.string(),
      calls_before: z.int(),
      calls_after: z.int(),
      explained: z.number(),
    }),
  ),
  /** How many segments and pairs of segments were tried. */
  tried: z.int(),
  /** Only every n-th trace was read where there are very many; 1: all. */
  sampled: z.int(),
  /** Windows that were compared. */
  before_from: z.string(),
  before_to: z.string(),
  after_to: z.string(),
});
export type Explanation = z.infer<typeof explanation>;

/** What came of computing an incident's numbers again. */
export const verification = z.object({
  incident_id: z.string(),
  /** JSON of feature, model, environment and metric. */
  series: z.string(),
  made_at: z.string(),
  /** When the change began and where that lies with 90 %, as computed from the data in the evidence; null when it was not dated. */
  changed: z.object({ at: z.string(), from: z.string(), to: z.string() }).nullable(),
  /** Every number came out the same, to the last bit. */
  reproduced: z.boolean(),
  /** Whether the store still gives the very data that were used. */
  data: z.enum(['same', 'changed']),
  /** Rows of the windows that were stored later: late, or derived anew. Null when the data are the same. */
  stored_since: z.object({ calls: z.int(), scores: z.int() }).nullable(),
  /** What differs, a line each; at most 20. */
  differences: z.array(z.string()),
  /** How many numbers were compared. */
  numbers: z.int(),
});
export type Verification = z.infer<typeof verification>;

export const verifyAlert = endpoint(
  'POST',
  '/api/v1/alerts/{id}/verify',
  'Compute the numbers of an incident again from what is stored, and say whether they are the same',
  z.object({}),
  verification,
);

export const alertEvidence = {
  ...endpoint(
    'GET',
    '/api/v1/alerts/{id}/evidence',
    'One file with the query, the data cut, the parameters, the data and the statistics of an incident',
    z.object({}),
    z.string(),
  ),
  files: ['application/json'],
} as const;

export const alertChart = {
  ...endpoint(
    'GET',
    '/api/v1/alerts/{id}/chart.svg',
    'The watched metric of an incident as a picture',
    z.object({
      width: z.coerce.number().int().min(200).max(2400).default(720),
      height: z.coerce.number().int().min(120).max(1200).default(220),
      theme: z.enum(['light', 'dark', 'auto']).default('auto'),
      zone: z
        .string()
        .max(64)
        .refine(isZone, 'is no time zone of the IANA database')
        .default('UTC')
        .describe('IANA time zone of the axis'),
    }),
    z.string(),
  ),
  files: ['image/svg+xml'],
} as const;

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
