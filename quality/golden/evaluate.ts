import { ZodError } from 'zod';
import type {
  GoldenCase,
  GoldenEvaluator,
  GoldenResult,
  GoldenTool,
  GoldenToolCall,
} from '#contract/golden.ts';
import { type Evaluator, type Example, evaluatorId, notJudged } from '../evaluators/evaluator.ts';
import { questionOf } from './case.ts';
import { GoldenProblem } from './deps.ts';

/** An evaluator with the settings a set or run wants of it. */
export interface Chosen {
  id: string;
  evaluator: Evaluator;
  settings: Record<string, unknown>;
}

/** Those of the names; a GoldenProblem for an unknown one or settings that do not fit. */
export function chooseEvaluators(known: readonly Evaluator[], said: readonly GoldenEvaluator[]): Chosen[] {
  return said.map(({ name, settings }) => {
    const evaluator = known.find(one => one.name === name);
    if (!evaluator) {
      const names = known.map(one => one.name).join(', ');
      throw new GoldenProblem('not_possible', `evaluators: there is no ${name}; there are ${names}`);
    }
    const fits = evaluator.settings.safeParse(settings);
    if (!fits.success) {
      const [issue] = fits.error.issues;
      throw new GoldenProblem(
        'not_possible',
        `evaluators: ${name}: ${issue?.path.join('.')} ${issue?.message}`,
      );
    }
    return { id: evaluatorId(evaluator), evaluator, settings };
  });
}

/** For a set that names none: what compares with the reference, roughly and exactly. */
export function usualEvaluators(known: readonly Evaluator[]): GoldenEvaluator[] {
  const wanted = ['token_f1', 'exact_match'].filter(name => known.some(one => one.name === name));
  return wanted.map(name => ({ name, settings: {} }));
}

/** Null and empty: nobody said. */
export interface Answer {
  output: string | null;
  context: readonly string[] | null;
  toolCalls: readonly GoldenToolCall[];
  tools: readonly GoldenTool[] | null;
}

/** What each evaluator says of an answer; one that breaks is a score without a value. */
export async function scoreAnswer(
  chosen: readonly Chosen[],
  of: GoldenCase,
  answer: Answer,
): Promise<GoldenResult['scores']> {
  const example = exampleOf(of, answer);
  const scores: GoldenResult['scores'] = {};
  for (const { id, evaluator, settings } of chosen) {
    try {
      scores[id] = await evaluator.score(example, settings);
    } catch (error) {
      if (error instanceof ZodError) throw error;
      scores[id] = notJudged(error instanceof Error ? error.message : String(error));
    }
  }
  return scores;
}

function exampleOf({ input, reference, context, language, tool_calls }: GoldenCase, answer: Answer): Example {
  const passages = answer.context ?? context;
  const { toolCalls, tools } = answer;
  // An answer that only asks for tools is one without text.
  const output = answer.output ?? (toolCalls.length > 0 ? '' : null);
  const parts = [
    ...(output ? [{ type: 'text', content: output }] : []),
    ...toolCalls.map(call => ({ type: 'tool_call', ...call })),
  ];
  return {
    input: questionOf(input),
    ...(output !== null && { output, toolCalls }),
    ...(reference !== null && { reference }),
    ...(tool_calls && { expectedToolCalls: tool_calls }),
    ...(passages.length > 0 && { context: passages }),
    ...(tools && { tools }),
    ...(language !== '' && { language }),
    messages: { input, output: output === null ? [] : [{ role: 'assistant', parts }] },
  };
}

/** Judges ask a model and wait: some answers are scored at once. */
const atOnce = 4;

/** `work` on each item, a few at a time, results in order. Rejects with the first failure. */
export async function mapSome<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
