import type { SpanEvent } from '../telemetry.ts';
import { toolNameOf } from './details.ts';
import type { Content, Message } from './facts.ts';
import { indexedMessages, inferenceMessages } from './indexed-messages.ts';
import { message, textMessage, toMessages, toParts } from './message.ts';
import { placeOf } from './places.ts';
import { parseJson, type Reading } from './reading.ts';
import { roleOf } from './role.ts';

type Encoding = (reading: Reading) => Content;

const nothing: Content = { input: [], output: [] };

/** Section 6: seven ways to send messages. */
const encodings: readonly Encoding[] = [
  conventionMessages,
  spanEvents,
  indexedPrompts,
  indexedOpenInference,
  vercelPrompt,
  langfuseObservation,
  wholeValues,
];

/** The messages of one span, asked and answered each in the first encoding that is present. */
export function readContent(reading: Reading): Content {
  const role = roleOf(reading);
  if (role === 'tool') return toolContent(reading);
  if (role === 'retrieval') return retrievalContent(reading);
  const content: Content = { input: [], output: [] };
  for (const encoding of encodings) {
    const found = encoding(reading);
    if (content.input.length === 0) content.input = found.input;
    if (content.output.length === 0) content.output = found.output;
    if (content.input.length > 0 && content.output.length > 0) break;
  }
  return content;
}

// Encodings 1 and 2.
function conventionMessages({ attributes }: Reading): Content {
  return inferenceMessages(attributes);
}

// Encoding 4 (1.26–1.27), and the message events of encoding 3 where a sender puts them on the span.
function spanEvents({ events }: Reading): Content {
  return joined(events.map(spanEventContent));
}

function spanEventContent({ name, attributes }: SpanEvent): Content {
  if (name === 'gen_ai.content.prompt')
    return { input: fromText(attributes['gen_ai.prompt'], 'user'), output: [] };
  if (name === 'gen_ai.content.completion') {
    return { input: [], output: fromText(attributes['gen_ai.completion'], 'assistant') };
  }
  return eventContent(name, parseJson(attributes['gen_ai.event.content']) ?? attributes);
}

/** Encoding 3: one event per message, its content in the body. With content off the body is empty. */
export function eventContent(name: string, body: unknown): Content {
  const role = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(name)?.[1];
  if (role) return { input: spoken(body, role), output: [] };
  return name === 'gen_ai.choice' ? { input: [], output: spoken(body, 'assistant') } : nothing;
}

// Without anything said there is no message to show.
function spoken(body: unknown, role: string): Message[] {
  if (typeof body !== 'object' || body === null) return [];
  const isSaid = ['content', 'message', 'tool_calls', 'parts'].some(key => key in body);
  return isSaid
    ? toMessages({ role, ...withMessage(body) }, role).filter(({ parts }) => parts.length > 0)
    : [];
}

function withMessage(body: object): object {
  if (!('message' in body)) return body;
  const inner = typeof body.message === 'string' ? parseJson(body.message) : body.message;
  const { message: _, ...rest } = body;
  return typeof inner === 'object' && inner !== null ? { ...rest, ...inner } : { ...rest, content: inner };
}

// Encoding 5, older T.
function indexedPrompts({ attributes }: Reading): Content {
  return {
    input: indexedMessages(attributes, 'gen_ai.prompt.', 'user'),
    output: indexedMessages(attributes, 'gen_ai.completion.', 'assistant'),
  };
}

// Encoding 5, I.
function indexedOpenInference({ attributes }: Reading): Content {
  return {
    input: indexedMessages(attributes, 'llm.input_messages.', 'user'),
    output: indexedMessages(attributes, 'llm.output_messages.', 'assistant'),
  };
}

const vercelMessages = placeOf('ai.prompt.messages');
const vercelPromptText = placeOf('ai.prompt');
const vercelToolCalls = placeOf('ai.response.toolCalls');
const vercelValues = placeOf('ai.values');

// Encoding 6, V.
function vercelPrompt(reading: Reading): Content {
  const { attributes } = reading;
  const json = (place: number) => reading.json(place);
  const sent = json(vercelMessages) ?? vercelRequest(json(vercelPromptText)) ?? attributes['ai.prompt'];
  const parts = [
    ...toParts(attributes['ai.response.reasoning']).map(part => ({ ...part, type: 'reasoning' })),
    ...toParts(attributes['ai.response.text'] ?? attributes['ai.response.object']),
    ...toolCalls(json(vercelToolCalls)),
  ];
  return {
    input: [...toMessages(sent, 'user'), ...embeddedTexts(json(vercelValues) ?? attributes['ai.value'])],
    output: parts.length === 0 ? [] : [message('assistant', parts, attributes['ai.response.finishReason'])],
  };
}

function toolCalls(calls: unknown) {
  return Array.isArray(calls) ? calls.flatMap(call => toParts({ type: 'tool-call', ...call })) : [];
}

// Each text is JSON in a string of its own.
function embeddedTexts(values: unknown): Message[] {
  const list = Array.isArray(values) ? values : [values];
  return list.flatMap(value =>
    typeof value === 'string' ? toMessages(parseJson(value) ?? value, 'user') : [],
  );
}

// `{system, prompt}` or `{system, messages}` of the outer span.
function vercelRequest(request: unknown): unknown {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return undefined;
  const { system, prompt, messages } = request as Record<string, unknown>;
  return [...toMessages(system, 'system'), ...toMessages(messages ?? prompt, 'user')];
}

// Encoding 7.
function langfuseObservation({ attributes }: Reading): Content {
  return {
    input: fromText(attributes['langfuse.observation.input'], 'user'),
    output: fromText(attributes['langfuse.observation.output'], 'assistant'),
  };
}

// Encoding 6, I and T.
function wholeValues({ attributes }: Reading): Content {
  return {
    input: fromText(attributes['input.value'] ?? attributes['traceloop.entity.input'], 'user'),
    output: fromText(attributes['output.value'] ?? attributes['traceloop.entity.output'], 'assistant'),
  };
}

const toolArguments = [
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.args',
  'ai.toolCall.args',
  'input.value',
  'traceloop.entity.input',
  'langfuse.observation.input',
];

const toolResults = [
  'gen_ai.tool.call.result',
  'ai.toolCall.result',
  'output.value',
  'traceloop.entity.output',
  'langfuse.observation.output',
];

/** A tool's run as the two messages a model would see: the call and its answer. */
function toolContent(reading: Reading): Content {
  const { attributes } = reading;
  const id = attributes['gen_ai.tool.call.id'] ?? attributes['ai.toolCall.id'];
  const given = firstOf(attributes, toolArguments);
  const returned = firstOf(attributes, toolResults);
  const call = { type: 'tool-call', id, name: toolNameOf(reading), arguments: given };
  return {
    input: given === undefined ? [] : [message('assistant', toParts(call))],
    output:
      returned === undefined
        ? []
        : [message('tool', toParts({ type: 'tool_call_response', id, response: returned }))],
  };
}

function retrievalContent(reading: Reading): Content {
  const { attributes } = reading;
  const query = firstOf(attributes, [
    'gen_ai.retrieval.query.text',
    'input.value',
    'traceloop.entity.input',
    'langfuse.observation.input',
  ]);
  const documents = firstOf(attributes, [
    'gen_ai.retrieval.documents',
    'output.value',
    'traceloop.entity.output',
    'langfuse.observation.output',
  ]);
  return {
    input: query === undefined ? [] : [textMessage('user', query)],
    output: documents === undefined ? [] : [textMessage('tool', documents)],
  };
}

function firstOf(attributes: Reading['attributes'], keys: readonly string[]): string | undefined {
  return keys.map(key => attributes[key]).find(value => value);
}

/** Text that may be JSON messages; anything else is one message as it was sent. */
function fromText(text: string | undefined, role: string): Message[] {
  if (!text) return [];
  const parsed = parseJson(text);
  return typeof parsed === 'object' && parsed !== null ? toMessages(parsed, role) : [textMessage(role, text)];
}

function joined(contents: readonly Content[]): Content {
  return {
    input: contents.flatMap(({ input }) => input),
    output: contents.flatMap(({ output }) => output),
  };
}

/** Whether there is any message. */
export function hasAny({ input, output }: Content): boolean {
  return input.length > 0 || output.length > 0;
}
