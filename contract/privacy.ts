import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const redactionKinds = [
  'email',
  'card',
  'iban',
  'phone',
  'national_id',
  'provider_key',
  'jwt',
] as const;
export type RedactionKind = (typeof redactionKinds)[number];

/** A pattern of the user's own, in RE2 syntax, which is matched in linear time whatever the text. */
export const customPattern = z.object({
  name: z
    .string()
    .trim()
    .regex(/^[a-z][a-z0-9_]{0,31}$/, 'lower-case letters, digits and _'),
  pattern: z.string().min(1).max(500),
});

export const privacy = z.strictObject({
  /** Whether prompt and answer text is kept at all; `auto`: only while bound to loopback. */
  capture_content: z.enum(['auto', 'on', 'off']),
  /** What is replaced before anything is written to disk. */
  redact: z.array(z.enum(redactionKinds)),
  custom: z.array(customPattern).max(20),
});
export type Privacy = z.infer<typeof privacy>;

export const getPrivacy = endpoint(
  'GET',
  '/api/v1/privacy',
  'What is kept of prompts and answers, and what is taken out before',
  z.object({}),
  z.object({ privacy, content_captured: z.boolean() }),
);

export const putPrivacy = endpoint(
  'PUT',
  '/api/v1/privacy',
  'Change it for what is received from then on; refused when a pattern cannot be matched in linear time',
  z.object({ privacy }),
  z.object({ privacy, content_captured: z.boolean() }),
);

export const testRedaction = endpoint(
  'POST',
  '/api/v1/privacy/test',
  'What a text would look like on disk; nothing is kept',
  z.object({ privacy, text: z.string().max(65_536) }),
  z.object({ text: z.string(), found: z.record(z.string(), z.int()) }),
);
