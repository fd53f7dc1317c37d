import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** A word and the share of texts that have it, 0 to 1. */
const word = z.object({ word: z.string(), now: z.number(), reference: z.number() });
export type ShapeWord = z.infer<typeof word>;

export const shapeWords = endpoint(
  'GET',
  '/api/v1/drift/shape/words',
  'Words of inputs or outputs that more, and fewer, texts of the last 24 h have than texts of the 12 days before; read from the texts that are kept',
  z.object({
    feature: z.string(),
    model: z.string(),
    environment: z.string(),
    side: z.enum(['input', 'output']).default('input'),
  }),
  z.object({
    /** Texts of both windows that were read: a sample of up to 500 each. */
    now_texts: z.int(),
    reference_texts: z.int(),
    /** Those that moved most, surest first; only words of at least five texts whose shares surely differ. */
    more: z.array(word),
    fewer: z.array(word),
  }),
);
export type ShapeWords = z.infer<typeof shapeWords.reply>;
