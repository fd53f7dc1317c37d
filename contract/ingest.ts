import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

/** Something about receiving or storing that a person should know; `id` stays the same while it lasts. */
export const ingestProblem = z.object({
  id: z.string(),
  severity: z.enum(['warning', 'critical']),
  title: z.string(),
  detail: z.string(),
  since: z.string(),
});
export type IngestProblem = z.infer<typeof ingestProblem>;

/** Whether a sample of what was acknowledged is in the store, and every insert wrote what was sent. */
export const storedCheck = z.object({
  /** `unknown` until the first look; `waiting` while too much is still on its way to be judged. */
  verdict: z.enum(['ok', 'missing', 'waiting', 'unknown']),
  checked_at: z.string().nullable(),
  /** Acknowledged items looked for since the collector started, and those that were not found. */
  checked: z.int(),
  missing: z.int(),
});

const counts = {
  /** Items that arrived in readable requests: acked + rejected. */
  received: z.int(),
  acked: z.int(),
  stored: z.int(),
  rejected: z.int(),
  /** Acknowledged items that had come before within about ten minutes (best effort); readers count them once. */
  duplicates: z.int(),
  /** Items whose attributes were cut to the limits. */
  truncated: z.int(),
};

/** One sender: an instrumentation in a service. */
export const ingestSource = z.object({
  service: z.string(),
  sdk: z.string().describe('telemetry.sdk.name and language, e.g. opentelemetry nodejs'),
  sdk_version: z.string(),
  scope_name: z.string().describe('instrumentation scope'),
  scope_version: z.string(),
  dialect: z.string(),
  signals: z.array(z.string()),
  ...counts,
  waiting: z.int().describe('acked - stored'),
  last_seen: z.string(),
  /** From the end of a span to its receipt. */
  delay_mean_ms: z.number().nullable(),
  delay_max_ms: z.number().nullable(),
});

export const rejectSummary = z.object({
  reason: z.string(),
  /** What it means and what to do, for a person. */
  meaning: z.string(),
  signal: z.string(),
  service: z.string().describe('empty when it was refused before that could be read'),
  count: z.int(),
  /** What is counted: items of readable requests, or what was refused whole. */
  counted: z.enum(['items', 'requests']),
  last_at: z.string(),
  /** JSON: ids and name of one of them, or the error message. */
  sample: z.string(),
});

export const ingest = endpoint(
  'GET',
  '/api/v1/ingest',
  'What each sender sent and what became of it',
  z.object(range),
  z.object({
    /** False while the store is away: sources, series and rejects are then empty, and totals count from the collectors' start. */
    store_answers: z.boolean(),
    /** Of the asked time; what is `now` is so whatever was asked. Null is unknown: no collector has reported it. */
    totals: z.object({
      ...counts,
      duplicates: z.int().nullable(),
      truncated: z.int().nullable(),
      refused_requests: z
        .int()
        .nullable()
        .describe('requests of which nothing was taken, not part of `rejected`'),
      waiting: z.int().nullable().describe('acknowledged and not stored yet, now'),
      unread_since: z
        .string()
        .nullable()
        .describe(
          'when the oldest request came that is not read from the log yet, now: no source has it in its figures',
        ),
      quarantined: z
        .int()
        .nullable()
        .describe('items that could not be stored or read, set aside on disk, now'),
      wal_bytes: z.int().nullable().describe('size of the write-ahead log, now'),
      wal_limit_bytes: z.int().nullable(),
      last_received_at: z.string().nullable(),
    }),
    check: storedCheck,
    problems: z.array(ingestProblem),
    /** Buckets in which something happened. `rejected` counts refused items, and a refused request as one. */
    series: z.array(
      z.object({ time: z.string(), acked: z.int(), stored: z.int(), rejected: z.int(), duplicates: z.int() }),
    ),
    interval_s: z.int().describe('width of the points of `series`'),
    sources: z.array(ingestSource),
    rejects: z.array(rejectSummary),
  }),
);

/** How the tokens of one instrumentation and provider were read, and where its numbers contradict themselves. */
export const tokenAccounting = z.object({
  scope_name: z.string(),
  scope_version: z.string(),
  provider: z.string(),
  /** `includes_cache`: taken as sent; `cache_added`: the sender left cache out of input and it was added; `mixed`: both were seen. */
  rule: z.enum(['includes_cache', 'cache_added', 'mixed', 'no_cache_seen']),
  /** How the rule was decided, in a sentence. */
  because: z.string(),
  calls: z.int(),
  cached_calls: z.int(),
  contradictions: z.array(
    z.object({
      flag: z.string(),
      meaning: z.string(),
      calls: z.int(),
      trace_id: z.string(),
      span_id: z.string(),
    }),
  ),
});
export type TokenAccounting = z.infer<typeof tokenAccounting>;

export const ingestFindings = endpoint(
  'GET',
  '/api/v1/ingest/findings',
  'Senders whose token numbers contradict themselves, and attributes nobody reads',
  z.object(range),
  z.object({
    tokens: z.array(tokenAccounting),
    unmapped: z.array(
      z.object({
        scope_name: z.string(),
        scope_version: z.string(),
        dialect: z.string(),
        key: z.string(),
        /** Share of the sampled spans of this instrumentation that carry it. */
        share: z.number().min(0).max(1),
        spans: z.int(),
        /** True for names that look like the conventions (gen_ai.*, llm.*, ai.* …), where a rename would lose data. */
        suspicious: z.boolean(),
        example: z.string(),
        trace_id: z.string(),
        span_id: z.string(),
        last_seen: z.string(),
      }),
    ),
  }),
);
