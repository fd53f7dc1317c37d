import { z } from 'zod';
import { where } from './dimension.ts';
import { endpoint } from './endpoint.ts';

/**
 * `current`: it reports as it usually does. `behind`: what arrives now is older than usual, or waits in a collector. `late`: nothing has
 * arrived for longer than its usual pause. `silent`: for so long that nobody waits for it any more.
 */
export const sourceStates = ['current', 'behind', 'late', 'silent'] as const;
export type SourceState = (typeof sourceStates)[number];

export const watermark = z.object({
  service: z.string(),
  sdk: z.string(),
  sdk_version: z.string(),
  scope_name: z.string(),
  scope_version: z.string(),
  dialect: z.string(),
  state: z.enum(sourceStates),
  /** Whether windows wait for it. */
  holds: z.boolean(),
  /** Up to here its data are complete, as far as its habits tell. */
  complete_until: z.string(),
  last_seen: z.string(),
  /** From the end of a span to its receipt. Null: it has sent nothing live that says so. */
  usual_delay_ms: z.number().nullable(),
  /** Between two minutes with data, in 95 of 100 cases; null with fewer than two such minutes. */
  usual_pause_ms: z.number().nullable(),
  /** Accepted by a collector and not stored yet. */
  waiting: z.int(),
});
export type Watermark = z.infer<typeof watermark>;

export const watermarks = endpoint(
  'GET',
  '/api/v1/watermarks',
  'Up to when the data of each sender are complete; what ends later is provisional',
  z.object({ where: where.describe('only senders of calls like these') }),
  z.object({
    /** The earliest of those that hold; null: no sender is known. */
    complete_until: z.string().nullable(),
    sources: z.array(watermark),
  }),
);
