import { placeOf } from './places.ts';
import { dig, entry, type Field, field, type LookUp, parseJson, type Reading } from './reading.ts';
import { remember } from './remember.ts';

const outputMessages = placeOf('gen_ai.output.messages');

const sources: Field = field({
  gen_ai: [
    'gen_ai.response.finish_reasons',
    reading => dig(reading.json(outputMessages), [0, 'finish_reason']),
    'anthropic.message.stop_reason',
    'gen_ai.completion.0.finish_reason',
  ],
  openinference: ['llm.finish_reason'],
  vercel_ai: ['gen_ai.response.finish_reasons', 'ai.response.finishReason'],
  langfuse: [],
});

const normal: Record<string, string> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  completed: 'stop',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  tool_calls: 'tool_calls',
  tool_call: 'tool_calls',
  'tool-calls': 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  'content-filter': 'content_filter',
  safety: 'content_filter',
  refusal: 'content_filter',
};

/** Said by senders that do not know. */
const unknown = new Set(['unknown', 'null', 'none']);

/** Why the model stopped: the raw word, and one of the ledger's words where there is one. */
export function finishReasonOf(reading: Reading): { reason: string; raw: string } | null {
  for (const source of sources[reading.column]) {
    const found = firstReason(reasonIn(reading, source));
    if (found) return found;
  }
  return null;
}

/** The ledger's word for a sender's; a word without a translation stays, in lower case. Null for no word. */
export function normalFinishReason(raw: unknown): { reason: string; raw: string } | null {
  if (typeof raw !== 'string') return null;
  const word = raw.trim().toLowerCase();
  if (word === '' || unknown.has(word)) return null;
  return { reason: entry(normal, word) ?? word, raw };
}

// The same few lists come with every answer.
const parsedList = remember(parseJson);

function reasonIn(reading: Reading, source: number | LookUp): unknown {
  if (typeof source === 'function') return source(reading);
  const text = reading.values[source];
  return text?.startsWith('[') ? parsedList(text) : text;
}

// One reason per choice; several choices of one request nearly always end alike, so the first speaks for all.
function firstReason(value: unknown): { reason: string; raw: string } | null {
  for (const raw of Array.isArray(value) ? value : [value]) {
    const found = normalFinishReason(raw);
    if (found) return found;
  }
  return null;
}
