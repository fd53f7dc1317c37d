import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

const usd = z.string().describe('decimal USD with nine places');
const text = z.string().max(65_536);

/** What a judge is asked. `scale` is what the model answers with; scores are always 0 to 1. */
export const rubric = z.object({
  name: z.string(),
  version: z.int(),
  summary: z.string(),
  needs: z.array(z.enum(['input', 'output', 'reference', 'context'])),
  direction: z.enum(['higher', 'lower']),
  scale: z.enum(['1-5', '0-1']),
  /** The instructions, word by word. */
  text: z.string(),
});
export type Rubric = z.infer<typeof rubric>;

/** Any OpenAI-compatible endpoint; the default is a local one. */
export const judgeSettings = z.object({
  base_url: z.string(),
  model: z.string().describe("'' : no judge"),
  /** Whose prices hold for it. '' finds the model by name. */
  provider: z.string(),
  has_api_key: z.boolean(),
  timeout_ms: z.int(),
  retries: z.int(),
  concurrency: z.int(),
  /** Null: no cap. */
  cap_usd_per_day: usd.nullable(),
  anchors_every_hours: z.number(),
});
export type JudgeSettings = z.infer<typeof judgeSettings>;

/** Spend of the judges themselves, apart from that of the product; the day is of UTC. */
const judgeSpend = z.object({
  day: z.string(),
  spent_usd: usd,
  calls: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  /** Calls whose price is not known; they cost nothing above. */
  unpriced_calls: z.int(),
  failed_calls: z.int(),
  /** True: the cap is reached and nothing is judged until the next day. */
  stopped: z.boolean(),
  sentence: z.string(),
});

const state = z.object({
  settings: judgeSettings,
  /** True: the endpoint is on this machine. */
  local: z.boolean(),
  /** In words: what leaves this machine, and to where. */
  what_leaves: z.string(),
  rubrics: z.array(rubric),
  spend: judgeSpend,
});

export const getJudge = endpoint(
  'GET',
  '/api/v1/judge',
  'The LLM judge: where it runs, what it is asked, what leaves the machine, what it costs',
  z.object({}),
  state,
);

/** Where a judge is asked. */
const asked = z.strictObject({
  base_url: z
    .url({ protocol: /^https?$/, error: 'an http or https address' })
    .max(2_048)
    .default('http://127.0.0.1:11434/v1')
    .describe('of an OpenAI-compatible API'),
  model: z.string().trim().max(256),
  provider: z.string().max(64).default(''),
  api_key: z.string().max(1_024).nullable().optional().describe('never shown again; null removes it'),
  timeout_ms: z.int().min(100).max(600_000).default(60_000),
  retries: z.int().min(0).max(10).default(3),
  concurrency: z.int().min(1).max(64).default(2),
  cap_usd_per_day: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, 'a decimal number with up to nine places')
    .nullable()
    .default('5')
    .describe('null: no cap'),
  anchors_every_hours: z.number().min(0.25).max(168).default(6),
  texts_may_leave: z
    .boolean()
    .default(false)
    .describe('true: prompts and answers may be sent to an endpoint that is not on this machine'),
});

export const putJudge = endpoint(
  'PUT',
  '/api/v1/judge',
  'Point the judge at a model; an endpoint on another machine must be allowed in so many words',
  asked,
  state,
);

export const tryJudge = endpoint(
  'POST',
  '/api/v1/judge/try',
  'Judge one example with one rubric; the score is not kept',
  z.strictObject({
    settings: asked.optional().describe('try these before they are saved; default: those that are saved'),
    rubric: z.string().max(128),
    input: text.optional(),
    output: text,
    reference: text.optional(),
    context: z.array(text).max(50).optional(),
  }),
  z.object({
    value: z.number().nullable(),
    label: z.string(),
    explanation: z.string(),
    cost_usd: usd.nullable(),
    duration_ms: z.number(),
  }),
);

/**
 * Where anchors come from: answers of the last week that this judge scored, over its whole scale; answers of the last 90 days that people
 * scored, with their corrections as references; or answers of the newest runs of a golden set.
 */
export const anchorSources = ['judged', 'labelled', 'golden'] as const;
export type AnchorSource = (typeof anchorSources)[number];

/** One example of an anchor set; the first scores are kept with it. */
const anchorExample = z.strictObject({
  input: text.optional(),
  output: text,
  reference: text.optional(),
  context: z.array(text).max(50).optional(),
});

export const freezeAnchors = endpoint(
  'POST',
  '/api/v1/judge/anchors',
  'Freeze examples with their first scores, so that a change of the judge can be told from one of the product; replaces the set of that score',
  z.strictObject({
    score: z
      .string()
      .min(1)
      .max(128)
      .describe('name of a judge: relevancy, hallucination, correctness, tone'),
    examples: z.array(anchorExample).min(10).max(500).optional().describe('default: chosen from `source`'),
    source: z
      .enum(anchorSources)
      .default('judged')
      .describe('where examples are chosen from when none are given'),
    set: z.string().max(80).optional().describe('golden set, with source golden'),
    candidates: z
      .array(z.string().max(256))
      .min(10)
      .max(500)
      .optional()
      .describe('keys of the candidates to freeze; default: the first `size` of them'),
    size: z.int().min(10).max(500).default(60).describe('how many to choose when none are given'),
    first_scores: z.int().min(2).max(10).default(3).describe('how often each is scored at the start'),
  }),
  z.object({
    score: z.string(),
    version: z.int(),
    anchors: z.int(),
    frozen_at: z.string(),
    first_scores: z.int(),
  }),
);

export const listAnchorCandidates = endpoint(
  'GET',
  '/api/v1/judge/anchor-candidates',
  'Examples that could be frozen as anchors of a judge: those that have all its rubric needs',
  z.object({
    score: z.string().min(1).max(128),
    source: z.enum(anchorSources).default('judged'),
    set: z.string().max(80).optional().describe('golden set, with source golden'),
    limit: z.coerce.number().int().min(10).max(500).default(60),
  }),
  z.object({
    candidates: z.array(
      z.object({
        key: z.string(),
        /** Texts are cut to 600 characters; what is frozen is whole. */
        input: z.string(),
        output: z.string(),
        reference: z.string().nullable(),
        /** 0 to 1, by whom the source says: this judge, a person, or the first evaluator of the set. */
        value: z.number().nullable(),
        /** Empty unless it is a call that can be opened. */
        trace_id: z.string(),
        span_id: z.string(),
      }),
    ),
    /** Found in the source, and of these without a part the rubric needs. */
    found: z.int(),
    unfit: z.int(),
    /** Parts that were missing, e.g. `reference`. */
    missing: z.array(z.string()),
  }),
);
export type AnchorCandidate = z.infer<typeof listAnchorCandidates.reply>['candidates'][number];

export const scoreAnchors = endpoint(
  'POST',
  '/api/v1/judge/anchors/run',
  'Score the anchors again now instead of at the next time',
  z.strictObject({ score: z.string().min(1).max(128) }),
  z.object({ scored: z.int(), failed: z.int(), changed: z.boolean() }),
);

/**
 * Whether the judge still scores its anchors as it did: mean paired difference to their first scores since `since`, with an
 * interval that holds at every look. `learning`: no run yet.
 */
export const judgeDrift = z.object({
  state: z.enum(['learning', 'steady', 'changed']),
  difference: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number(),
  anchors: z.int(),
  frozen_at: z.string(),
  runs: z.array(z.object({ time: z.string(), difference: z.number().nullable(), scored: z.int() })),
  last_run: z.string().nullable(),
  next_run: z.string().nullable(),
  /** Between the last run that was as before and the first that was not; null unless changed. */
  changed: z.object({ after: z.string(), by: z.string(), found_at: z.string() }).nullable(),
  sentence: z.string(),
});
export type JudgeDrift = z.infer<typeof judgeDrift>;

/** An estimate with a 95 % interval; null where the data do not determine it. */
const estimate = z.object({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

/** How a judge and people score the same calls. */
export const agreement = z.object({
  /** Calls that both scored. */
  n: z.int(),
  /** Cohen's kappa on good (0.5 or more) and bad. */
  kappa: estimate,
  /** Quadratically weighted, on five equal steps of the scale. */
  weighted_kappa: estimate,
  /** Spearman's rank correlation. */
  spearman: estimate,
  /** Mean of judge − human. */
  bias: estimate,
  /** Counts of [human][judge] over the five steps. */
  table: z.array(z.array(z.int())),
  sentence: z.string(),
});
export type Agreement = z.infer<typeof agreement>;

/** The judge's mean corrected by what people said of some of the calls (prediction-powered inference). */
const corrected = z.object({
  /** First moment of the day, ISO 8601 with the zone's offset. */
  time: z.string(),
  judged: z.int(),
  labelled: z.int(),
  judge_mean: z.number().nullable(),
  human_mean: z.number().nullable(),
  /** Null with fewer than ten labels. */
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** 0: the judge adds nothing, 1: it is believed but for its bias. */
  power: z.number().nullable(),
});

/** A frozen set. `version` counts how often anchors of this score were frozen. */
const anchorSet = z.object({
  score: z.string(),
  /** `relevancy@1`: the rubric they were frozen with. */
  evaluator: z.string(),
  version: z.int(),
  /** `judged`, `labelled`, `golden <set>`, `given`; empty when nobody knows (any more). */
  source: z.string(),
  /** Model that gave the first scores; empty when nobody knows. */
  judge: z.string(),
  first_scores: z.int(),
  drift: judgeDrift,
});
export type AnchorSet = z.infer<typeof anchorSet>;

export const listAnchors = endpoint(
  'GET',
  '/api/v1/judge/anchors',
  'Frozen anchors of every judge, with what scoring them again has shown',
  z.object({}),
  z.object({ sets: z.array(anchorSet) }),
);

export const anchorsByScore = endpoint(
  'GET',
  '/api/v1/judge/anchors/{score}',
  'The frozen examples of a judge with their first scores and the newest ones',
  z.object({}),
  z.object({
    score: z.string(),
    version: z.int(),
    examples: z.array(
      z.object({
        input: z.string().nullable(),
        output: z.string().nullable(),
        reference: z.string().nullable(),
        context: z.array(z.string()),
        first: z.array(z.number()),
        /** Null: not scored again yet, or the judge failed. */
        last: z.number().nullable(),
      }),
    ),
  }),
);

export const deleteAnchors = endpoint(
  'DELETE',
  '/api/v1/judge/anchors/{score}',
  'Stop scoring the anchors of a judge; a change of it is not told from one of the product any more',
  z.object({}),
  z.object({}),
);

export const judgeHealth = endpoint(
  'GET',
  '/api/v1/judge/health',
  'Whether judges are as they were, agree with people, and what people say corrects',
  z.object({
    ...range,
    from: range.from.default('now-30d'),
    score: z.string().max(128).optional().describe('default: every score that a judge gives'),
    human_score: z
      .string()
      .max(128)
      .optional()
      .describe('name of the scores of people to compare with; default: those of the same name'),
    tz: z.string().optional().describe('IANA zone of the days; default: the reporting zone'),
  }),
  z.object({
    judges: z.array(
      z.object({
        score: z.string(),
        evaluators: z.array(z.string()),
        scored: z.int(),
        /** Null: no anchors were frozen. */
        drift: judgeDrift.nullable(),
        agreement,
        daily: z.array(corrected),
      }),
    ),
  }),
);
export type JudgeHealth = z.infer<typeof judgeHealth.reply>;

export const acceptJudge = endpoint(
  'POST',
  '/api/v1/judge/accept',
  'Take a changed judge as the new normal: its anchors get new first scores and drift of its scores is watched afresh',
  z.strictObject({ score: z.string().min(1).max(128) }),
  z.object({ score: z.string(), anchors: z.int(), frozen_at: z.string() }),
);
