import type { LineageLine, TrainingExport } from '#contract/training.ts';
import type { CallTexts } from '#store/queries/texts-of-calls.ts';
import { type ChatMessage, changeTexts, chatMessages, spokenText } from './messages.ts';

/** A call as its texts are found again. */
export interface CallRef {
  traceId: string;
  spanId: string;
  startMs: number;
  mergedFrom: string[];
}

/** What a line is made of. The first call gives the prompt; the good answer is its correction or its own, the bad one the last call's. */
export interface MadeOf {
  calls: CallRef[];
  scores: string[];
  source: LineageLine['source'];
  /** Id of the score whose text is the good answer. */
  correction?: string;
}

export interface Pair {
  prompt: ChatMessage[];
  chosen: ChatMessage[];
  /** Empty for chat. */
  rejected: ChatMessage[];
}

export const pathOf = ({ traceId, spanId }: Pick<CallRef, 'traceId' | 'spanId'>) => `${traceId}/${spanId}`;

/** Null when a text is not kept, or cannot stand in a file. */
export function pairOf(
  format: TrainingExport['format'],
  made: MadeOf,
  texts: ReadonlyMap<string, CallTexts>,
  corrections: ReadonlyMap<string, string>,
): Pair | null {
  const [first] = made.calls;
  const prompt = promptOf(first && texts.get(pathOf(first)));
  const better = made.correction === undefined ? undefined : corrections.get(made.correction);
  if (made.correction !== undefined && !better) return null;
  const chosen = better === undefined ? answerOf(first && texts.get(pathOf(first))) : assistant(better);
  if (!prompt || !chosen) return null;
  if (format === 'chat') return { prompt, chosen, rejected: [] };
  const worse = made.calls.at(-1);
  const rejected = answerOf(worse && texts.get(pathOf(worse)));
  return rejected && { prompt, chosen, rejected };
}

/** Null when nothing was asked in words a file can hold. */
export function promptOf(texts: CallTexts | undefined): ChatMessage[] | null {
  return texts?.input ? chatMessages(texts.input) : null;
}

/** The first of several choices. */
function answerOf(texts: CallTexts | undefined): ChatMessage[] | null {
  const [first] = texts?.output ?? [];
  const messages = first && chatMessages([{ ...first, role: 'assistant' }]);
  return messages && messages.length > 0 ? messages : null;
}

const assistant = (content: string): ChatMessage[] => [{ role: 'assistant', content }];

/** Without private values. */
export function redactPair({ prompt, chosen, rejected }: Pair, redact: (text: string) => string): Pair {
  return {
    prompt: changeTexts(prompt, redact),
    chosen: changeTexts(chosen, redact),
    rejected: changeTexts(rejected, redact),
  };
}

/** Whether redacting changed any text; the order of keys, which it changes too, is nothing private. */
export const isRedacted = (format: TrainingExport['format'], pair: Pair, clean: Pair): boolean =>
  lineOf(format, clean) !==
  lineOf(
    format,
    redactPair(pair, text => text),
  );

/** As one line of JSON, without its end. */
export function lineOf(format: TrainingExport['format'], { prompt, chosen, rejected }: Pair): string {
  if (format === 'chat') return JSON.stringify({ messages: [...prompt, ...chosen] });
  if (format === 'preference') return JSON.stringify({ prompt, chosen, rejected });
  return JSON.stringify({
    input: { messages: prompt },
    preferred_output: chosen,
    non_preferred_output: rejected,
  });
}

/** By what two pairs are compared. */
export const comparedText = ({ prompt, chosen }: Pair) => spokenText([...prompt, ...chosen]);
