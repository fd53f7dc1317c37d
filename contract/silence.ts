import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { matcher } from './route.ts';

const silence = z.object({
  id: z.string(),
  /** A maintenance window is a silence that was planned. */
  kind: z.enum(['silence', 'maintenance']),
  /** All must match; never empty, so that nobody mutes everything by mistake. */
  match: z.array(matcher).min(1).max(10),
  from: z.string(),
  to: z.string(),
  comment: z.string(),
  created_by: z.string(),
  created_at: z.string(),
  /** Ended early by somebody. */
  ended_by: z.string().nullable(),
  state: z.enum(['planned', 'active', 'expired']),
  /** Firing alerts it keeps quiet now. */
  mutes: z.int(),
});
export type Silence = z.infer<typeof silence>;

export const listSilences = endpoint(
  'GET',
  '/api/v1/silences',
  'Silences and maintenance windows: active, planned, then expired ones of the last 30 days',
  z.object({ state: z.enum(['planned', 'active', 'expired', 'any']).default('any') }),
  z.object({ silences: z.array(silence) }),
);
export const createSilence = endpoint(
  'POST',
  '/api/v1/silences',
  'Tell nobody of alerts that match, for a time; they are still shown, and still resolved',
  z.object({
    kind: z.enum(['silence', 'maintenance']).default('silence'),
    match: z.array(matcher).min(1).max(10),
    /** Default: now. */
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }),
    comment: z.string().min(1).max(500),
    by: z.string().min(1).max(128).default('on-call'),
  }),
  silence,
);
export const endSilence = endpoint(
  'POST',
  '/api/v1/silences/{id}/end',
  'End a silence now, or call off a planned one',
  z.object({ by: z.string().min(1).max(128).default('on-call') }),
  silence,
);
