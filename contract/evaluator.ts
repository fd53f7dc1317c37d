import { z } from 'zod';
import { dimensions } from './dimension.ts';
import { endpoint } from './endpoint.ts';

/** What can judge an example. `needs` lists what must be known of it; without content only those that need nothing run. */
export const evaluatorInfo = z.object({
  name: z.string(),
  version: z.int(),
  kind: z.enum(['reference', 'rule', 'retrieval', 'judge']),
  summary: z.string(),
  needs: z.array(z.enum(['input', 'output', 'reference', 'context', 'tools', 'schema'])),
  /** Which values are better: a quality is `higher`, the rate of a defect `lower`. */
  direction: z.enum(['higher', 'lower', 'none']),
  /** JSON Schema of its settings. */
  settings_schema: z.record(z.string(), z.unknown()),
});
export type EvaluatorInfo = z.infer<typeof evaluatorInfo>;

/**
 * Which calls are scored. `uniform`: each with the same chance. `stratified`: about `target_per_hour` of every value of the
 * dimensions, so the rare ones with a higher chance: min(1, target / calls expected in that hour).
 */
export const sampling = z.discriminatedUnion('design', [
  z.object({ design: z.literal('uniform'), rate: z.number().gt(0).max(1) }),
  z.object({
    design: z.literal('stratified'),
    by: z.array(z.enum(dimensions)).min(1).max(3),
    target_per_hour: z.number().gt(0).max(10_000),
  }),
]);
export type Sampling = z.infer<typeof sampling>;

/** An evaluator that scores what arrives. `feature` '' means every feature without a rule of its own. */
export const scoringRule = z.object({
  evaluator: z.string(),
  feature: z.string(),
  enabled: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
  sampling,
  updated_at: z.string(),
});
export type ScoringRule = z.infer<typeof scoringRule>;

/** How online scoring goes: ISO 8601 times, counts since the api process started. */
const scoringState = z.object({
  scores_per_minute: z.int(),
  /** Calls stored up to here have been looked at; null before the first look. */
  looked_until: z.string().nullable(),
  scored: z.int(),
  /** Why some of it does not run, in sentences; e.g. that texts are not kept. */
  notes: z.array(z.string()),
});

export const listEvaluators = endpoint(
  'GET',
  '/api/v1/evaluators',
  'Evaluators with their settings, and which of them score what arrives',
  z.object({}),
  z.object({ evaluators: z.array(evaluatorInfo), rules: z.array(scoringRule), scoring: scoringState }),
);

export const putScoringRule = endpoint(
  'PUT',
  '/api/v1/evaluators/{name}/rule',
  'Let an evaluator score what arrives of a feature, or of all, or switch it off',
  z.object({
    feature: z.string().max(512).default('').describe("'' is every feature without a rule of its own"),
    enabled: z.boolean().default(true),
    settings: z.record(z.string(), z.unknown()).default({}),
    sampling: sampling.default({ design: 'uniform', rate: 1 }),
  }),
  scoringRule,
);

export const deleteScoringRule = endpoint(
  'DELETE',
  '/api/v1/evaluators/{name}/rule',
  'Remove a rule; what it scored stays',
  z.object({ feature: z.string().max(512).default('') }),
  z.object({}),
);

export const putScoringBudget = endpoint(
  'PUT',
  '/api/v1/evaluators/budget',
  'How many scores a minute may be made; beyond that fewer calls are chosen, each with a known chance',
  z.object({ scores_per_minute: z.int().min(1).max(100_000) }),
  z.object({ scores_per_minute: z.int() }),
);

/** What an evaluator would say; `value` null: it could not be judged, and `explanation` says why. */
export const verdict = z.object({
  value: z.number().nullable(),
  label: z.string(),
  explanation: z.string(),
});

export const tryEvaluator = endpoint(
  'POST',
  '/api/v1/evaluators/{name}/try',
  'Judge one call, the newest that fits unless one is named, without keeping the score',
  z.object({
    settings: z.record(z.string(), z.unknown()).default({}),
    feature: z.string().max(512).optional(),
    trace_id: z.string().max(64).optional(),
    span_id: z.string().max(64).optional(),
    reference: z.string().max(65_536).optional().describe('the expected answer, for metrics that compare'),
  }),
  z.object({
    call: z.object({
      trace_id: z.string(),
      span_id: z.string(),
      start_time: z.string(),
      feature: z.string(),
      model: z.string(),
    }),
    /** First characters of what was judged; null: not kept. */
    input: z.string().nullable(),
    output: z.string().nullable(),
    verdict,
  }),
);
