import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const health = endpoint(
  'GET',
  '/api/v1/health',
  'Whether Driftline works, and what ingest has done',
  z.object({}),
  z.object({
    status: z.enum(['ok', 'degraded']),
    /** One sentence per thing that is wrong; empty when ok. */
    problems: z.array(z.string()),
    version: z.string(),
    engine: z.object({ status: z.enum(['ok', 'down']), version: z.string().nullable() }),
    ingest: z.object({
      acked: z.int(),
      stored: z.int(),
      waiting: z.int(),
      rejected: z.record(z.string(), z.int()),
      last_received_at: z.string().nullable(),
    }),
  }),
);
