import { trait } from '../otlp/attribute-key.ts';
import type { Column } from './dialect.ts';
import { placeOf } from './places.ts';
import { dig, parseJson, type Reading } from './reading.ts';

type Counter = (reading: Reading) => number | undefined;

const outputMessages = placeOf('gen_ai.output.messages');
const toolCallId = placeOf('gen_ai.tool.call.id');
const vercelToolCalls = placeOf('ai.response.toolCalls');
const vercelText = placeOf('ai.response.text');
const vercelObject = placeOf('ai.response.object');
const observationOutput = placeOf('langfuse.observation.output');

/** Where each column shows the tools a model asked for; the first that knows wins. */
const counters: Record<Column, readonly Counter[]> = {
  gen_ai: [inOutputMessages, inIndexedCompletion, inSpanEvents, inOpenlitAttributes],
  openinference: [inIndexedMessages],
  vercel_ai: [inVercelResponse],
  langfuse: [inLangfuseOutput],
};

/**
 * How many tool calls the answer asks for. Undefined when the answer was not captured, or when the model stopped for
 * tools that the sender left out.
 */
export function toolCallsRequestedOf(reading: Reading, finishReason: string | undefined): number | undefined {
  for (const counter of counters[reading.column]) {
    const count = counter(reading);
    if (count !== undefined) return count === 0 && finishReason === 'tool_calls' ? undefined : count;
  }
  return undefined;
}

/** Tool calls in messages of any shape this project reads: parts, `tool_calls` of OpenAI, `tool_use` of Anthropic. */
export function countToolCalls(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countToolCalls(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  if (isToolCall(value)) return 1;
  const listed = dig(value, ['tool_calls']);
  if (Array.isArray(listed) && listed.length > 0) return listed.length;
  return ['parts', 'content', 'message', 'output', 'choices']
    .map(key => dig(value, [key]))
    .filter(inner => typeof inner === 'object')
    .reduce((sum: number, inner) => sum + countToolCalls(inner), 0);
}

function isToolCall(value: object): boolean {
  const type = 'type' in value ? value.type : undefined;
  return type === 'tool_call' || type === 'tool_use' || type === 'tool-call' || type === 'function_call';
}

function inOutputMessages(reading: Reading): number | undefined {
  const text = reading.values[outputMessages];
  if (!text?.trimStart().startsWith('[')) return undefined;
  // Most answers ask for no tool: those are not parsed.
  if (!text.includes('tool_call')) return 0;
  const messages = reading.json(outputMessages);
  return messages === undefined ? undefined : countToolCalls(messages);
}

function inIndexedCompletion(reading: Reading): number | undefined {
  return countIndexes(reading, /^gen_ai\.completion\.(\d+)\.tool_calls\.(\d+)\./, 'gen_ai.completion.');
}

function inIndexedMessages(reading: Reading): number | undefined {
  const call = /^llm\.output_messages\.(\d+)\.message\.tool_calls\.(\d+)\./;
  return countIndexes(reading, call, 'llm.output_messages.');
}

// Each call has several keys (name, arguments, id): counted by its two indexes.
function countIndexes(reading: Reading, call: RegExp, anyAnswer: string): number | undefined {
  if ((reading.traits & trait.indexedAnswer) === 0) return undefined;
  const seen = new Set<string>();
  let answered = false;
  for (const key in reading.attributes) {
    if (!key.startsWith(anyAnswer)) continue;
    answered = true;
    const match = call.exec(key);
    if (match) seen.add(`${match[1]}.${match[2]}`);
  }
  return answered ? seen.size : undefined;
}

function inSpanEvents(reading: Reading): number | undefined {
  if (reading.events.length === 0) return undefined;
  const answers = reading.events.flatMap(({ name, attributes }) => {
    if (name === 'gen_ai.content.completion') return [parseJson(attributes['gen_ai.completion'])];
    if (name === 'gen_ai.choice') {
      return [parseJson(attributes['gen_ai.event.content']) ?? parseJson(attributes.message)];
    }
    return [];
  });
  const read = answers.filter(answer => answer !== undefined);
  return read.length === 0 ? undefined : countToolCalls(read);
}

// OpenLIT puts the requested tool on the chat span; several are comma-separated.
function inOpenlitAttributes(reading: Reading): number | undefined {
  if (reading.dialect !== 'openlit') return undefined;
  const ids = reading.values[toolCallId];
  return ids ? ids.split(',').filter(id => id.trim() !== '').length : undefined;
}

function inVercelResponse(reading: Reading): number | undefined {
  const calls = reading.json(vercelToolCalls);
  if (Array.isArray(calls)) return calls.length;
  const answered = reading.values[vercelText] !== undefined || reading.values[vercelObject] !== undefined;
  return answered ? 0 : undefined;
}

function inLangfuseOutput(reading: Reading): number | undefined {
  if (!reading.values[observationOutput]) return undefined;
  const answer = reading.json(observationOutput);
  return answer === undefined ? 0 : countToolCalls(answer);
}
