import type { AnchorSource } from '#contract/judge.ts';
import { callsOverScale } from '#store/queries/compare-judges.ts';
import { readCorrections } from '#store/queries/corrections.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { goldenSetRow, readGoldenCases } from '#store/state/golden.ts';
import { listGoldenRunRows, readGoldenResults } from '#store/state/golden-runs.ts';
import type { QualityDeps } from '../deps.ts';
import type { Example } from '../evaluators/evaluator.ts';
import { caseOf, questionOf } from '../golden/case.ts';
import { exampleOf } from '../sampling/example.ts';
import { AnchorProblem, rubricOf } from './rubrics.ts';

export type AnchorExample = Pick<Example, 'input' | 'output' | 'reference' | 'context'>;

export interface Candidate {
  /** `trace/span` of a call, `run/case` of a golden set. */
  key: string;
  example: AnchorExample;
  /** What the source says of it, 0 to 1. */
  value: number | null;
  traceId: string;
  spanId: string;
}

export interface CandidatesAsked {
  score: string;
  source: AnchorSource;
  /** Name of the golden set. */
  set?: string | undefined;
  limit: number;
}

export interface Candidates {
  /** Those that have all the rubric needs, spread over the scale as far as the source knows it. */
  fit: Candidate[];
  found: number;
  missing: (keyof AnchorExample)[];
}

const dayMs = 86_400_000;
const judgedForMs = 7 * dayMs;
const labelledForMs = 90 * dayMs;
const newestRuns = 4;
const mostCorrections = 5_000;

/** Examples that could be anchors of a judge. An AnchorProblem for an unknown judge or set. */
export async function anchorCandidates(deps: QualityDeps, asked: CandidatesAsked): Promise<Candidates> {
  const rubric = rubricOf(asked.score);
  const all = asked.source === 'golden' ? await goldenAnswers(deps, asked) : await scoredAnswers(deps, asked);
  const lacks = ({ example }: Candidate) => rubric.needs.filter(need => !example[need]?.length);
  return {
    fit: all.filter(one => lacks(one).length === 0).slice(0, asked.limit),
    found: all.length,
    missing: [...new Set(all.flatMap(lacks))],
  };
}

/** Of calls whose texts are still kept. */
async function scoredAnswers(
  { clickhouse, projectId, clock }: QualityDeps,
  { score, source, limit }: CandidatesAsked,
): Promise<Candidate[]> {
  const isJudged = source === 'judged';
  const toMs = clock.now();
  const range = { projectId, fromMs: toMs - (isJudged ? judgedForMs : labelledForMs), toMs };
  const [calls, corrections] = await Promise.all([
    callsOverScale(clickhouse, {
      ...range,
      score: isJudged ? score : null,
      rater: isJudged ? 'judge' : 'human',
      limit: 2 * limit,
    }),
    isJudged ? [] : readCorrections(clickhouse, { ...range, limit: mostCorrections }),
  ]);
  const corrected = new Map(corrections.map(one => [`${one.trace_id}/${one.span_id}`, one.correction]));
  const texts = await textsOfCalls(clickhouse, projectId, calls);
  return calls.map(call => {
    const key = `${call.traceId}/${call.spanId}`;
    const reference = corrected.get(key);
    const { input, output, context } = exampleOf(call, texts.get(key));
    return {
      key,
      example: partsOf({ input, output, reference, context }),
      value: call.score,
      traceId: call.traceId,
      spanId: call.spanId,
    };
  });
}

/** Answers of the newest runs, a case of each in turn, so that good and bad prompts both give some. */
async function goldenAnswers(
  { state, projectId }: QualityDeps,
  { set: name, limit }: CandidatesAsked,
): Promise<Candidate[]> {
  if (!name) throw new AnchorProblem('set: name the golden set whose answers are to be frozen');
  const set = await goldenSetRow(state, projectId, { name });
  if (!set) throw new AnchorProblem(`set: there is no golden set ${name}`);
  const runs = await listGoldenRunRows(state, set.set_id, newestRuns);
  const lists = await Promise.all(
    runs.map(async run => {
      const [cases, results] = await Promise.all([
        readGoldenCases(state, { setId: set.set_id, version: run.version }),
        readGoldenResults(state, run.run_id),
      ]);
      return cases.flatMap((row): Candidate[] => {
        const result = results.get(row.case_id);
        if (!result?.output) return [];
        const { input, reference, context } = caseOf(row);
        const passages = result.context === null ? context : (JSON.parse(result.context) as string[]);
        const [first] = Object.values(JSON.parse(result.scores) as Record<string, { value: number | null }>);
        return [
          {
            key: `${run.run_id}/${row.case_id}`,
            example: partsOf({
              input: questionOf(input),
              output: result.output,
              reference: reference ?? undefined,
              context: passages,
            }),
            value: first?.value ?? null,
            traceId: '',
            spanId: '',
          },
        ];
      });
    }),
  );
  const longest = Math.max(0, ...lists.map(list => list.length));
  const inTurn = Array.from({ length: longest }, (_, at) => lists.flatMap(list => list[at] ?? [])).flat();
  const seen = new Set<string>();
  return inTurn
    .filter(({ example }) => {
      const text = JSON.stringify(example);
      return seen.has(text) ? false : seen.add(text);
    })
    .slice(0, 2 * limit);
}

/** A part that is not known is absent, never undefined. */
function partsOf(said: { [Part in keyof AnchorExample]?: AnchorExample[Part] | undefined }): AnchorExample {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value?.length));
}
