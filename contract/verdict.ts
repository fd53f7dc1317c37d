import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** Real: something was wrong. Noise: nothing was. Expected: it happened, and we knew or wanted it. */
export const verdicts = ['real', 'noise', 'expected'] as const;
export type Verdict = (typeof verdicts)[number];

const by = z.string().min(1).max(128).default('on-call');

const alertPeople = z.object({
  id: z.string(),
  verdict: z
    .object({ verdict: z.enum(verdicts), by: z.string(), at: z.string(), note: z.string() })
    .nullable(),
  notes: z.array(z.object({ at: z.string(), by: z.string(), text: z.string() })),
  /** Names the rule that its verdict counts for. */
  rule_id: z.string(),
  muted_by: z.string().nullable(),
});
export type AlertPeople = z.infer<typeof alertPeople>;

/** What people said of an alert, an incident's or a rule's. */
export const alertPeopleById = endpoint(
  'GET',
  '/api/v1/alerts/{id}/people',
  'Verdict and notes of an alert',
  z.object({}),
  alertPeople,
);
export const postVerdict = endpoint(
  'POST',
  '/api/v1/alerts/{id}/verdict',
  'Say whether an alert was real; the last word counts for its rule',
  z.object({ verdict: z.enum(verdicts), note: z.string().max(2000).default(''), by }),
  alertPeople,
);
export const postNote = endpoint(
  'POST',
  '/api/v1/alerts/{id}/notes',
  'Write a note into the timeline of an alert',
  z.object({ text: z.string().min(1).max(2000), by }),
  alertPeople,
);
