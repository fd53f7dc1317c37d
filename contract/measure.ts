import { z } from 'zod';
import { dimensionList, where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

/**
 * What can be asked of calls. `calls` are logical operations, `attempts` model-call spans after de-duplication.
 * Tokens are integers, money is a decimal string of USD with nano precision, latency is milliseconds.
 */
export const measureNames = [
  'calls',
  'failed_calls',
  'attempts',
  'failed_attempts',
  'duplicate_spans',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'embedding_tokens',
  'cost_usd',
  'cost_low_usd',
  'cost_high_usd',
  'client_cost_usd',
  'unpriced_calls',
  'latency_p50_ms',
  'latency_p95_ms',
  'latency_p99_ms',
  'ttft_p50_ms',
  'ttft_p95_ms',
  'users',
  'sessions',
  'tool_calls',
  'failed_tool_calls',
] as const;
export type MeasureName = (typeof measureNames)[number] | `score:${string}` | `scored:${string}`;

const known = new Set<string>(measureNames);

/** `score:<name>` is the mean of a score, `scored:<name>` how many calls carry it. */
const measureList = z
  .string()
  .min(1)
  .transform(text => text.split(','))
  .pipe(
    z.array(
      z.custom<MeasureName>(
        name => typeof name === 'string' && (known.has(name) || /^scored?:.+/.test(name)),
        {
          error: issue =>
            `unknown measure "${String(issue.input)}"; measures are ${measureNames.join(', ')}, score:<name>, scored:<name>`,
        },
      ),
    ),
  );

export const intervals = ['15m', 'hour', 'day', 'week', 'month'] as const;

export const measuresRequest = z.object({
  measures: measureList,
  group_by: dimensionList,
  interval: z.enum(intervals).optional(),
  ...range,
  where,
  tz: z.string().optional().describe('IANA zone of the buckets; default: the reporting zone'),
  limit: z.coerce.number().int().min(1).max(100_000).default(10_000),
});

/** Group keys and measures by name; `time` is the start of the bucket, ISO 8601 with the zone's offset. */
export const measureRow = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
export type MeasureRow = z.infer<typeof measureRow>;

export const measures = endpoint(
  'GET',
  '/api/v1/measures',
  'Measures of calls, grouped and over time',
  measuresRequest,
  z.object({
    rows: z.array(measureRow),
    meta: z.object({
      from: z.string(),
      to: z.string(),
      tz: z.string(),
      /** Newest stored data; later buckets may still fill. */
      data_until: z.string().nullable(),
      /** Buckets that end later are provisional: a sender has not told yet. Null: no sender is known. */
      complete_until: z.string().nullable(),
      truncated: z.boolean(),
    }),
  }),
);
