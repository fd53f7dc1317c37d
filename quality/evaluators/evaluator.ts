import type { z } from 'zod';

/** A message as `contents` keeps it; parts without text (images, files) are left as they are. */
export interface Message {
  role: string;
  parts: readonly MessagePart[];
  finish_reason?: string;
}

export interface MessagePart {
  type: string;
  content?: unknown;
  [more: string]: unknown;
}

/** A tool the model could call; `parameters` is its JSON Schema, null when nobody said. */
export interface Tool {
  name: string;
  parameters: unknown;
}

/** What the model asked for; `arguments` as it came: JSON text or a value. */
export interface ToolCall {
  name: string;
  arguments: unknown;
}

/** What is judged. A part that is not known is absent, never empty. */
export interface Example {
  /** Text of the last turn of the user. */
  input?: string;
  /** Text of the answer; '' is an answer without text. */
  output?: string;
  /** The better or expected answer. */
  reference?: string;
  /** Retrieved passages in their order; best first. */
  context?: readonly string[];
  tools?: readonly Tool[];
  /** JSON Schema the answer must fit. */
  schema?: unknown;
  /** The whole conversation, for evaluators that need more than its last turn. */
  messages?: { input: readonly Message[]; output: readonly Message[] };
  toolCalls?: readonly ToolCall[];
  /** Tools the answer should ask for; empty: none. */
  expectedToolCalls?: readonly ToolCall[];
  /** In the words of genai conventions: stop, length, tool_calls, content_filter. */
  finishReason?: string;
  /** ISO 639-1 code of the expected language. */
  language?: string;
}

/** What an example must have for an evaluator to say anything. */
export const needs = ['input', 'output', 'reference', 'context', 'tools', 'schema'] as const;
export type Need = (typeof needs)[number];

/** `value` null: it could not be judged, and `explanation` says why; never zero instead. */
export interface Verdict {
  value: number | null;
  label: string;
  explanation: string;
}

export type EvaluatorKind = 'reference' | 'rule' | 'retrieval' | 'judge';

export interface Evaluator {
  /** Lower-case words with `_`; also the name of its scores. */
  name: string;
  /** Raised whenever the same example may get another value. */
  version: number;
  kind: EvaluatorKind;
  summary: string;
  needs: readonly Need[];
  settings: z.ZodObject;
  /** Which values are better: a quality is `higher`, the rate of a defect `lower`. */
  direction: 'higher' | 'lower' | 'none';
  /** Settings as they were said (JSON); throws a ZodError when they do not fit. Lacking parts make a null verdict. */
  score(example: Example, settings?: Readonly<Record<string, unknown>>): Verdict | Promise<Verdict>;
}

type With<N extends Need> = Example & { [K in N]-?: Exclude<Example[K], undefined> };

/** One evaluator: `score` is called with settings that fit and with everything it needs. */
export function defineEvaluator<Settings extends z.ZodObject, N extends Need = never>(
  definition: Omit<Evaluator, 'settings' | 'needs' | 'score'> & {
    settings: Settings;
    needs: readonly N[];
    score(example: With<N>, settings: z.output<Settings>): Verdict | Promise<Verdict>;
  },
): Evaluator {
  // One settings object judges many examples: it is parsed once.
  const parsed = new WeakMap<object, z.output<Settings>>();
  const nothing = {};
  return {
    ...definition,
    score(example, said = nothing) {
      const lacking = definition.needs.filter(need => example[need] === undefined);
      if (lacking.length > 0) return notJudged(`needs ${lacking.join(', ')}`);
      const settings = parsed.get(said) ?? definition.settings.parse(said);
      parsed.set(said, settings);
      return definition.score(example as With<N>, settings);
    },
  };
}

/** No value, and why. */
export function notJudged(why: string): Verdict {
  return { value: null, label: 'not_judged', explanation: why };
}

/** `name@version`: what a score says of its origin. */
export const evaluatorId = ({ name, version }: Pick<Evaluator, 'name' | 'version'>) => `${name}@${version}`;
