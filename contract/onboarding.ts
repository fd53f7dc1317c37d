import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** What a newcomer needs: where to send, whether anything came, and what was refused. */
export const onboarding = endpoint(
  'GET',
  '/api/v1/onboarding',
  'Where to send data and whether any has arrived',
  z.object({}),
  z.object({
    otlp_http: z.string(),
    otlp_grpc: z.string(),
    /** True when senders must present a key. */
    key_required: z.boolean(),
    local_mode: z.boolean(),
    content_captured: z.boolean(),
    reporting_zone: z.string(),
    first_span: z
      .object({
        trace_id: z.string(),
        name: z.string(),
        service: z.string(),
        feature: z.string(),
        duration_ms: z.number(),
        cost_usd: z.string().nullable(),
        received_at: z.string(),
      })
      .nullable(),
    last_reject: z.object({ at: z.string(), reason: z.string(), sample: z.string() }).nullable(),
    demo: z.object({ state: z.enum(['off', 'filling', 'live']), progress: z.number().min(0).max(1) }),
  }),
);

export const startDemo = endpoint(
  'POST',
  '/api/v1/demo',
  'Start clearly labelled demo traffic with a planted quality regression',
  z.object({}),
  z.object({ state: z.enum(['filling', 'live']) }),
);

export const stopDemo = endpoint(
  'DELETE',
  '/api/v1/demo',
  'Stop demo traffic and remove its data',
  z.object({}),
  z.object({ state: z.literal('off') }),
);
