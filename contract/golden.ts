import { z } from 'zod';
import { type Endpoint, endpoint } from './endpoint.ts';
import { range } from './range.ts';
import { message } from './trace.ts';

/** Name of a golden set; it stands in addresses and on command lines. */
const setName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,79}$/, 'lower-case letters, digits, ".", "_" and "-", up to 80');
const caseId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'letters, digits, ".", "_", ":" and "-", up to 128');
const text = z.string().max(65_536);
const usd = z.string().describe('decimal USD, up to nine places');

/** A tool the model asked for; `arguments` as it came: JSON text or a value. */
const toolCall = z.object({ name: z.string().min(1).max(256), arguments: z.unknown() });

export const caseSources = ['trace', 'correction', 'file', 'manual'] as const;

/** What a person, a trace or a file says of a case. */
export const goldenCaseInput = z.strictObject({
  case_id: caseId
    .optional()
    .describe('your own id; a known one changes that case. Default: made from the input'),
  input: z.array(message).min(1).max(200).describe('the conversation up to the answer'),
  reference: text.nullable().default(null).describe('the expected answer'),
  context: z.array(text).max(100).default([]).describe('passages the answer should rest on, best first'),
  tags: z.array(z.string().trim().min(1).max(64)).max(20).default([]),
  language: z.string().max(16).default('').describe("ISO 639-1; '' when nobody said"),
  tool_calls: z
    .array(toolCall)
    .max(100)
    .nullable()
    .default(null)
    .describe('tools the answer should ask for; empty: none; null: nobody said'),
});

/** `revision` is the version of the set in which the case got its present text. */
export const goldenCase = goldenCaseInput.extend({
  case_id: z.string(),
  source: z.enum(caseSources),
  trace_id: z.string().describe("'' unless it was taken from a trace"),
  span_id: z.string(),
  revision: z.int(),
});
export type GoldenCase = z.output<typeof goldenCase>;

/** By what results are scored; `settings` in the evaluator's own words. */
export const goldenEvaluator = z.strictObject({
  name: z.string().min(1).max(128),
  settings: z.record(z.string(), z.unknown()).default({}),
});
export type GoldenEvaluator = z.output<typeof goldenEvaluator>;

const evaluatorList = z.array(goldenEvaluator).min(1).max(20);
const about = {
  description: z.string().max(2_000).default(''),
  feature: z.string().max(512).default('').describe('the feature it is about'),
  evaluators: evaluatorList
    .optional()
    .describe('by what its runs are scored; the first one decides the gate'),
};

/** `version` 0: no cases yet. */
export const goldenSet = z.object({
  set: z.string(),
  description: z.string(),
  feature: z.string(),
  evaluators: z.array(goldenEvaluator),
  version: z.int(),
  cases: z.int(),
  runs: z.int(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type GoldenSet = z.infer<typeof goldenSet>;

export const goldenVersion = z.object({
  version: z.int(),
  created_at: z.string(),
  note: z.string(),
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  /** Cases in it. */
  cases: z.int(),
});

export const listGoldenSets = endpoint(
  'GET',
  '/api/v1/golden/sets',
  'Golden sets, the one changed last first',
  z.object({}),
  z.object({ sets: z.array(goldenSet) }),
);

export const createGoldenSet = endpoint(
  'POST',
  '/api/v1/golden/sets',
  'Make an empty golden set',
  z.strictObject({ set: setName, ...about }),
  goldenSet,
);

export const goldenSetByName = endpoint(
  'GET',
  '/api/v1/golden/sets/{set}',
  'A golden set with its versions, newest first, and tags',
  z.object({}),
  goldenSet.extend({ versions: z.array(goldenVersion), tags: z.array(z.string()) }),
);
export type GoldenSetDetail = z.infer<(typeof goldenSetByName)['reply']>;

export const changeGoldenSet = endpoint(
  'PUT',
  '/api/v1/golden/sets/{set}',
  'Say what a golden set is about and by what its runs are scored; cases stay',
  z.strictObject(about),
  goldenSet,
);

export const deleteGoldenSet = endpoint(
  'DELETE',
  '/api/v1/golden/sets/{set}',
  'Remove a golden set with all versions and runs',
  z.object({}),
  z.object({}),
);

export const listGoldenCases = endpoint(
  'GET',
  '/api/v1/golden/sets/{set}/cases',
  'Cases of one version, in the order they were added',
  z.object({
    version: z.coerce.number().int().min(1).optional().describe('default: the newest'),
    q: z.string().max(200).default('').describe('text in input, reference, tags or id'),
    tag: z.string().max(64).default(''),
    after: z.string().max(200).default('').describe('`next` of the page before'),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  z.object({
    version: z.int(),
    cases: z.array(goldenCase),
    /** Matching cases in this version. */
    total: z.int(),
    next: z.string().nullable(),
  }),
);

/** What a change did; `version` is the newest one, the same as before when nothing changed. */
const changed = z.object({
  version: z.int(),
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  removed: z.int(),
  case_ids: z.array(z.string()),
});
export type GoldenChange = z.infer<typeof changed>;
const note = z.string().max(500).default('').describe('why, for the list of versions');

export const putGoldenCases = endpoint(
  'POST',
  '/api/v1/golden/sets/{set}/cases',
  'Add cases, or change those whose id is known; makes a new version',
  z.strictObject({ cases: z.array(goldenCaseInput).min(1).max(1_000), note }),
  changed,
);

export const removeGoldenCase = endpoint(
  'DELETE',
  '/api/v1/golden/sets/{set}/cases/{case_id}',
  'Leave a case out from the next version on; older versions keep it',
  z.object({}),
  changed,
);

/** Something in a file or list that could not be taken; the rest was. */
const lineError = z.object({ line: z.int(), message: z.string() });

export const importGoldenCases = endpoint(
  'POST',
  '/api/v1/golden/sets/{set}/import',
  'Add cases from a JSONL or CSV file; lines that cannot be read are named and the others are taken',
  z.strictObject({
    format: z.enum(['jsonl', 'csv']),
    text: z.string().min(1).max(7_000_000),
    note,
    dry_run: z.boolean().default(false).describe('only say what would happen'),
  }),
  changed.extend({ errors: z.array(lineError) }),
);

export const addCaseFromTrace = endpoint(
  'POST',
  '/api/v1/golden/sets/{set}/from-trace',
  'Make a case of what a call was asked; its answer is the reference unless a better one is given',
  z.strictObject({
    trace_id: z.string().regex(/^[0-9a-fA-F]{32}$/, '32 hex digits'),
    span_id: z
      .string()
      .regex(/^[0-9a-fA-F]{16}$/, '16 hex digits')
      .optional()
      .describe('default: the last call of the trace whose text is kept'),
    reference: text.nullable().optional().describe('null: the case has none'),
    tags: goldenCaseInput.shape.tags,
    note,
  }),
  changed,
);

export const addCasesFromCorrections = endpoint(
  'POST',
  '/api/v1/golden/sets/{set}/from-corrections',
  'Make cases of answers people corrected: the correction is the reference',
  z.strictObject({
    ...range,
    feature: z.string().max(512).optional().describe("default: the set's feature, if it has one"),
    limit: z.int().min(1).max(1_000).default(200),
    note,
  }),
  changed.extend({
    /** Corrections in the range, and those whose conversation is not kept (any more). */
    corrections: z.int(),
    without_text: z.int(),
  }),
);

/** One case a line, in the words of `goldenCaseInput`. */
export const exportGoldenCases: Endpoint<'/api/v1/golden/sets/{set}/export'> = {
  ...endpoint(
    'GET',
    '/api/v1/golden/sets/{set}/export',
    'The cases of one version as JSONL, as import takes them',
    z.object({ version: z.coerce.number().int().min(1).optional() }),
    z.unknown(),
  ),
  files: ['application/x-ndjson'],
};

/** Mean of one evaluator over a run; 95 % interval, valid for any scores between 0 and 1, else null. */
export const runScore = z.object({
  /** `name@version`. */
  evaluator: z.string(),
  direction: z.enum(['higher', 'lower', 'none']),
  mean: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: z.int(),
  /** Results it could not judge. */
  not_judged: z.int(),
});
export type RunScore = z.infer<typeof runScore>;

/** Sums over what is known of a run; null when nothing is. */
const runTotals = z.object({
  cases: z.int(),
  results: z.int(),
  errors: z.int(),
  median_latency_ms: z.number().nullable(),
  input_tokens: z.int().nullable(),
  output_tokens: z.int().nullable(),
  cost_usd: usd.nullable(),
  /** Results whose cost is not known. */
  without_cost: z.int(),
});

const runWords = {
  name: z.string().max(120).default('').describe('default: made of prompt, model and release'),
  model: z.string().max(256).default(''),
  prompt: z.string().max(256).default('').describe('e.g. answer@v14'),
  release: z.string().max(256).default(''),
};

export const goldenRun = z.object({
  run_id: z.string(),
  set: z.string(),
  version: z.int(),
  name: z.string(),
  model: z.string(),
  prompt: z.string(),
  release: z.string(),
  evaluators: z.array(goldenEvaluator),
  created_at: z.string(),
  /** When the last result came; null before the first. */
  updated_at: z.string().nullable(),
  totals: runTotals,
  scores: z.array(runScore),
});
export type GoldenRun = z.infer<typeof goldenRun>;

export const createGoldenRun = endpoint(
  'POST',
  '/api/v1/golden/sets/{set}/runs',
  'Begin a run of a version: then answer its cases and post the results, or send spans that name run and case',
  z.strictObject({
    ...runWords,
    version: z.int().min(1).optional().describe('default: the newest'),
    evaluators: evaluatorList.optional().describe("default: the set's"),
  }),
  goldenRun,
);

export const listGoldenRuns = endpoint(
  'GET',
  '/api/v1/golden/sets/{set}/runs',
  'Runs of a set with their scores, newest first',
  z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  z.object({ runs: z.array(goldenRun) }),
);

export const goldenRunById = endpoint(
  'GET',
  '/api/v1/golden/runs/{run_id}',
  'One run with its scores',
  z.object({}),
  goldenRun,
);

export const deleteGoldenRun = endpoint(
  'DELETE',
  '/api/v1/golden/runs/{run_id}',
  'Remove a run and its results',
  z.object({}),
  z.object({}),
);

export const goldenRunCases = endpoint(
  'GET',
  '/api/v1/golden/runs/{run_id}/cases',
  'Cases an application has to answer, page by page',
  z.object({
    after: z.string().max(200).default('').describe('`next` of the page before'),
    limit: z.coerce.number().int().min(1).max(500).default(100),
    pending: z.stringbool().default(false).describe('only those without a result'),
  }),
  z.object({ cases: z.array(goldenCase), next: z.string().nullable() }),
);

const tool = z.object({
  name: z.string().min(1).max(256),
  parameters: z.unknown().describe('JSON Schema of its arguments'),
});
export type GoldenToolCall = z.output<typeof toolCall>;
export type GoldenTool = z.output<typeof tool>;

/** `output` null with `error` set: the application failed on the case. */
export const goldenResultInput = z
  .strictObject({
    case_id: caseId,
    output: text.nullable().default(null),
    error: z.string().max(8_192).default(''),
    context: z.array(text).max(100).optional().describe("passages it retrieved; default: the case's"),
    tool_calls: z.array(toolCall).max(100).default([]).describe('tools the model asked for'),
    tools: z.array(tool).max(200).optional().describe('tools it could have asked for'),
    latency_ms: z.number().min(0).nullable().default(null),
    input_tokens: z.int().min(0).nullable().default(null),
    output_tokens: z.int().min(0).nullable().default(null),
    cost_usd: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,9})?$/, 'a decimal number of USD such as "0.0012"')
      .nullable()
      .default(null),
    trace_id: z.string().max(64).default(''),
    span_id: z.string().max(64).default(''),
  })
  .refine(
    ({ output, error, tool_calls }) => output !== null || error !== '' || tool_calls.length > 0,
    'give an output, tool calls or an error',
  );

export const postGoldenResults = endpoint(
  'POST',
  '/api/v1/golden/runs/{run_id}/results',
  'Answers of an application; each is scored. Sending a case again replaces its result',
  z.strictObject({ results: z.array(z.unknown()).min(1).max(500) }),
  z.object({
    accepted: z.int(),
    /** By position in the request, from 0. */
    errors: z.array(z.object({ index: z.int(), message: z.string() })),
    run: goldenRun,
  }),
);

export const collectGoldenResults = endpoint(
  'POST',
  '/api/v1/golden/runs/{run_id}/collect',
  'Read results from spans with the attributes driftline.golden.run and driftline.golden.case',
  z.strictObject({}),
  z.object({
    /** Cases for which spans were found, and of these without kept text. */
    found: z.int(),
    without_text: z.int(),
    /** Results that are new or changed. */
    taken: z.int(),
    run: goldenRun,
  }),
);

export const scoreGoldenRun = endpoint(
  'POST',
  '/api/v1/golden/runs/{run_id}/score',
  'Score a run again, e.g. with other evaluators or their newer versions',
  z.strictObject({ evaluators: evaluatorList.optional() }),
  goldenRun,
);

const caseScore = z.object({ value: z.number().nullable(), label: z.string(), explanation: z.string() });

/** What a run said to a case. Scores by `name@version`. */
export const goldenResult = z.object({
  output: z.string().nullable(),
  tool_calls: z.array(toolCall),
  error: z.string(),
  latency_ms: z.number().nullable(),
  input_tokens: z.int().nullable(),
  output_tokens: z.int().nullable(),
  cost_usd: usd.nullable(),
  trace_id: z.string(),
  span_id: z.string(),
  scores: z.record(z.string(), caseScore),
});
export type GoldenResult = z.infer<typeof goldenResult>;

export const listGoldenResults = endpoint(
  'GET',
  '/api/v1/golden/runs/{run_id}/results',
  'What a run said to each case, page by page, in the order of the set',
  z.object({
    after: z.string().max(200).default('').describe('`next` of the page before'),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  z.object({
    /** `result` null: not answered yet. */
    results: z.array(z.object({ case: goldenCase, result: goldenResult.nullable() })),
    next: z.string().nullable(),
  }),
);
export type GoldenRunResult = z.infer<typeof listGoldenResults.reply>['results'][number];

export const diffPart = z.object({ kind: z.enum(['same', 'removed', 'added']), text: z.string() });
export type DiffPart = z.infer<typeof diffPart>;

/** `difference` is candidate − baseline with the better side up; null unless both were judged on the same text of the case. */
export const comparedCase = z.object({
  case: goldenCase,
  difference: z.number().nullable(),
  /** `incomparable`: the case was changed between the versions of the two runs, or one has no score. */
  outcome: z.enum(['regressed', 'improved', 'same', 'incomparable']),
  baseline: goldenResult.nullable(),
  candidate: goldenResult.nullable(),
  /** From the baseline's to the candidate's output; empty unless both have one. */
  diff: z.array(diffPart),
  /** The same of the tools they asked for, a call each; empty when neither asked for any or one has no result. */
  tool_diff: z.array(diffPart),
});
export type ComparedCase = z.infer<typeof comparedCase>;

export const compareGoldenRuns = endpoint(
  'GET',
  '/api/v1/golden/compare',
  'Two runs of one set, case by case, worst regressions first',
  z.object({
    baseline: z.string().describe('run id'),
    candidate: z.string().describe('run id'),
    evaluator: z.string().optional().describe("default: the set's first one"),
    show: z.enum(['all', 'regressed', 'improved']).default('all'),
    limit: z.coerce.number().int().min(1).max(500).default(100),
    offset: z.coerce.number().int().min(0).default(0),
  }),
  z.object({
    baseline: goldenRun,
    candidate: goldenRun,
    evaluator: z.string(),
    counts: z.object({
      regressed: z.int(),
      improved: z.int(),
      same: z.int(),
      incomparable: z.int(),
    }),
    cases: z.array(comparedCase),
    total: z.int(),
  }),
);
export type GoldenComparison = z.infer<(typeof compareGoldenRuns)['reply']>;

export const gateVerdicts = ['pass', 'fail', 'not_enough_cases'] as const;

/** Non-inferiority: `pass` when the candidate is not worse than the baseline by more than the margin, with confidence 1 − alpha. */
export const gateResult = z.object({
  verdict: z.enum(gateVerdicts),
  /** One sentence for people. */
  sentence: z.string(),
  evaluator: z.string(),
  margin: z.number(),
  alpha: z.number(),
  /** Cases compared, and those of the baseline the candidate has no score for: they count against whatever would be concluded. */
  n: z.int(),
  unknown: z.int(),
  /** Cases left out because the baseline has no score or the case was changed in between. */
  left_out: z.int(),
  /** Cases the candidate failed on; each counts as the worst score. */
  errors: z.int(),
  baseline_mean: z.number().nullable(),
  candidate_mean: z.number().nullable(),
  difference: z.number().nullable(),
  /** One-sided bounds of the difference, each with confidence 1 − alpha. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** More cases like these until there is a verdict; null when there is one, or when more would not settle it. */
  more_cases: z.int().nullable(),
  method: z.string(),
});
export type GateResult = z.infer<typeof gateResult>;

export const runGate = endpoint(
  'POST',
  '/api/v1/golden/gate',
  'Whether a candidate may replace a baseline: verdict and a Markdown report for a pull request',
  z.strictObject({
    set: z.string(),
    baseline: z
      .string()
      .describe('run id or name, or prompt:…, model:… or release:… for the newest run of it'),
    candidate: z.string(),
    evaluator: z.string().optional().describe("default: the set's first one"),
    margin: z.number().min(0).max(0.5).default(0.02),
    alpha: z.number().gt(0).lt(0.5).default(0.05),
  }),
  z.object({
    gate: gateResult,
    baseline: goldenRun,
    candidate: goldenRun,
    report_markdown: z.string(),
  }),
);
export type GateReply = z.infer<(typeof runGate)['reply']>;
