import { z } from 'zod';
import { where } from './dimension.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { range } from './range.ts';

/**
 * One JSON object a line. `chat`: `{messages}`, the answer last (OpenAI fine-tuning). `preference`: `{prompt, chosen, rejected}`, lists
 * of messages (TRL). `preference_openai`: `{input: {messages}, preferred_output, non_preferred_output}`.
 */
export const trainingFormats = ['chat', 'preference', 'preference_openai'] as const;

const name = z.string().trim().max(128);

/** Which pairs are taken. Conditions add up. */
const filter = {
  format: z.enum(trainingFormats).default('chat'),
  ...range,
  where: z
    .string()
    .max(2_000)
    .default('')
    .refine(text => where.safeParse(text).success, 'conditions are dimension:value, separated by commas'),
  score: name.default('').describe('its mean says which answers are good'),
  score_at_least: z.number().default(0.8).describe('mean of that score over a call'),
  corrected_only: z.boolean().default(false),
  label: z.string().max(256).default('').describe('`name:label` of a score a call must have'),
  /** Preference pairs of two answers to one prompt: how much better the chosen one must be. */
  margin: z.number().gt(0).max(1).default(0.2),
  near_duplicates: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.85)
    .describe('pairs whose word triples overlap by this share (Jaccard) are one; 1: only equal ones'),
  limit: z.int().min(1).max(50_000).default(10_000),
};

/** How the pairs came out of the calls. Each call is counted once. */
const counts = z.object({
  /** Calls that match the filter. */
  calls: z.int(),
  /** Of them: text not kept (any more), or not all of it text and tool calls. */
  without_text: z.int(),
  /** Preference: no answer to the same prompt that is better or worse by the margin. */
  without_partner: z.int(),
  duplicates: z.int(),
  near_duplicates: z.int(),
  /** Beyond the limit. */
  left_out: z.int(),
  pairs: z.int(),
  /** Pairs whose (chosen) answer is a correction. */
  corrected: z.int(),
  /** Pairs in which private values were replaced on the way out. */
  redacted: z.int(),
});
export type TrainingCounts = z.infer<typeof counts>;

export const trainingExport = z.object({
  export_id: z.string(),
  created_at: z.string(),
  format: z.enum(trainingFormats),
  /** What was asked, with from and to as instants. */
  filter: z.record(z.string(), z.unknown()),
  counts,
  bytes: z.int(),
  /** Of the file, hexadecimal. */
  sha256: z.string(),
  /** The schedule it was made by; null when somebody asked for it. */
  schedule: z
    .object({
      schedule_id: z.string(),
      name: z.string(),
      period: z.string(),
      /** What the same schedule made before; null for the first, or when that is gone. */
      previous_export_id: z.string().nullable(),
      /** Lines that are not in the one before. */
      new_pairs: z.int(),
    })
    .nullable()
    .default(null),
});
export type TrainingExport = z.infer<typeof trainingExport>;

export const createTrainingExport = endpoint(
  'POST',
  '/api/v1/training/exports',
  'Choose pairs to train on: filtered, de-duplicated and without private values; then read the file',
  z.strictObject({ ...filter, dry_run: z.boolean().default(false).describe('only count') }),
  trainingExport.extend({
    /** Null after a dry run. */
    export_id: z.string().nullable(),
  }),
);

export const listTrainingExports = endpoint(
  'GET',
  '/api/v1/training/exports',
  'Exports that were made, newest first',
  z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  z.object({ exports: z.array(trainingExport) }),
);

export const deleteTrainingExport = endpoint(
  'DELETE',
  '/api/v1/training/exports/{export_id}',
  'Forget an export and its lineage',
  z.object({}),
  z.object({}),
);

/** The same bytes as when it was made, or an error: texts may be gone, or redaction may have been changed. */
export const trainingFile: Endpoint<'/api/v1/training/exports/{export_id}/file'> = {
  ...endpoint(
    'GET',
    '/api/v1/training/exports/{export_id}/file',
    'The pairs as JSONL',
    z.object({}),
    z.unknown(),
  ),
  files: ['application/x-ndjson'],
};

/** Where a line comes from: calls as `trace_id/span_id`, and ids of the scores that chose them. */
export const lineageLine = z.object({
  line: z.int(),
  sha256: z.string(),
  calls: z.array(z.string()),
  scores: z.array(z.string()),
  source: z.enum(['answer', 'correction', 'better_answer']),
});
export type LineageLine = z.infer<typeof lineageLine>;

export const trainingLineage: Endpoint<'/api/v1/training/exports/{export_id}/lineage'> = {
  ...endpoint(
    'GET',
    '/api/v1/training/exports/{export_id}/lineage',
    'Which calls, scores and labels each line was made of: a head in the shape of an export, then one line each',
    z.object({}),
    z.unknown(),
  ),
  files: ['application/x-ndjson'],
};
