import type { Message, MessagePart } from './facts.ts';
import { dig, entry } from './reading.ts';
import { cutBytes, MAX_TEXT_BYTES } from './text.ts';

type Raw = Record<string, unknown>;

/** Deeper values are not messages of anybody; they are kept as they are. */
const MAX_DEPTH = 8;

/** Other senders' names of the parts of the GenAI conventions, and how each is read. */
const parts: Record<string, (raw: Raw) => MessagePart> = {
  text: textPart,
  input_text: textPart,
  output_text: textPart,
  summary_text: reasoningPart,
  reasoning: reasoningPart,
  thinking: reasoningPart,
  tool_call: toolCallPart,
  tool_use: toolCallPart,
  'tool-call': toolCallPart,
  function_call: toolCallPart,
  function: toolCallPart,
  tool_call_response: toolResponsePart,
  tool_result: toolResponsePart,
  'tool-result': toolResponsePart,
  function_call_output: toolResponsePart,
};

/** Messages of any known shape in the shape of the conventions. A text or an unknown object becomes one message. */
export function toMessages(value: unknown, role: string): Message[] {
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) return toMessageList(value, role);
  if (value.every(isPart)) return [message(role, value.flatMap(toParts))];
  return value.flatMap(item => toMessageList(item, role));
}

/** One part from the parts of any known sender. */
export function toParts(value: unknown): MessagePart[] {
  if (value === undefined || value === null || value === '') return [];
  if (Array.isArray(value)) return value.flatMap(toParts);
  if (typeof value !== 'object') return [{ type: 'text', content: String(value) }];
  const raw = value as Raw;
  const read = typeof raw.type === 'string' ? entry(parts, raw.type) : undefined;
  if (read) return [read(raw)];
  return [
    typeof raw.type === 'string' ? (raw as MessagePart) : { type: 'text', content: JSON.stringify(raw) },
  ];
}

/** A message made of ready parts. */
export function message(role: string, ready: MessagePart[], finishReason?: unknown): Message {
  const made: Message = { role, parts: ready.map(part => shortened(part)) };
  return typeof finishReason === 'string' && finishReason !== ''
    ? { ...made, finish_reason: finishReason }
    : made;
}

/** A message of one text. */
export function textMessage(role: string, content: string): Message {
  return message(role, [{ type: 'text', content }]);
}

function toMessageList(value: unknown, role: string): Message[] {
  if (typeof value !== 'object' || value === null) return toParts(value).map(part => message(role, [part]));
  const raw = value as Raw;
  // Requests and responses of the providers themselves.
  for (const key of ['messages', 'choices']) if (Array.isArray(raw[key])) return toMessages(raw[key], role);
  if (typeof raw.message === 'object' && raw.message !== null) {
    return toMessageList({ ...raw.message, finish_reason: raw.finish_reason }, role);
  }
  if (Array.isArray(raw.output)) return toMessages(raw.output, role);
  if (raw.lc !== undefined) return fromLangChain(raw, role);
  if (isPart(raw)) return [message(partRole(raw, role), toParts(raw))];
  return looksLikeMessage(raw) ? [fromMessage(raw, role)] : [message(role, toParts(raw))];
}

/** LangChain's own roles, by the class a serialised value names last in its id. */
const langChainRoles: Record<string, string> = {
  SystemMessage: 'system',
  HumanMessage: 'user',
  AIMessage: 'assistant',
  AIMessageChunk: 'assistant',
  ToolMessage: 'tool',
};

// `{lc: 1, type: 'constructor', id: [… 'AIMessage'], kwargs: {content, tool_calls}}`, or a prompt of several.
function fromLangChain({ id, kwargs }: Raw, role: string): Message[] {
  if (typeof kwargs !== 'object' || kwargs === null) return [];
  const own = Array.isArray(id) ? entry(langChainRoles, String(id.at(-1))) : undefined;
  return toMessageList({ ...kwargs, role: own ?? role }, own ?? role);
}

function looksLikeMessage(raw: Raw): boolean {
  return 'role' in raw || 'content' in raw || 'parts' in raw || Array.isArray(raw.tool_calls);
}

function fromMessage(raw: Raw, role: string): Message {
  const own = typeof raw.role === 'string' && raw.role !== '' ? raw.role : role;
  const calls = Array.isArray(raw.tool_calls)
    ? raw.tool_calls.flatMap(call => toolCallPart(call as Raw))
    : [];
  const said = toParts(raw.parts ?? raw.content);
  const refused = typeof raw.refusal === 'string' ? [{ type: 'text', content: raw.refusal }] : [];
  const answered = raw.tool_call_id !== undefined && own === 'tool';
  const ready = answered
    ? [{ type: 'tool_call_response', id: raw.tool_call_id, response: raw.content }]
    : [...said, ...refused, ...calls];
  return message(own, ready, raw.finish_reason ?? raw.stop_reason);
}

function isPart(value: unknown): boolean {
  const type = dig(value, ['type']);
  return typeof type === 'string' && dig(value, ['role']) === undefined && entry(parts, type) !== undefined;
}

function partRole(raw: Raw, role: string): string {
  return raw.type === 'function_call_output' ? 'tool' : role;
}

function textPart(raw: Raw): MessagePart {
  return { type: 'text', content: raw.content ?? raw.text ?? '' };
}

function reasoningPart(raw: Raw): MessagePart {
  return { type: 'reasoning', content: raw.content ?? raw.thinking ?? raw.text ?? '' };
}

function toolCallPart(raw: Raw): MessagePart {
  const inner = typeof raw.function === 'object' && raw.function !== null ? (raw.function as Raw) : raw;
  return {
    type: 'tool_call',
    ...optional('id', raw.id ?? raw.toolCallId ?? raw.call_id),
    ...optional('name', inner.name ?? raw.toolName),
    ...optional('arguments', fromJson(inner.arguments ?? inner.input ?? inner.args)),
  };
}

function toolResponsePart(raw: Raw): MessagePart {
  return {
    type: 'tool_call_response',
    ...optional('id', raw.id ?? raw.tool_use_id ?? raw.toolCallId ?? raw.call_id),
    ...optional('name', raw.toolName ?? raw.name),
    ...optional('response', fromJson(raw.response ?? raw.result ?? raw.output ?? raw.content)),
  };
}

// Arguments travel as JSON inside a string; the reader wants the object.
function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function optional(key: string, value: unknown): Record<string, unknown> {
  return value === undefined || value === null ? {} : { [key]: value };
}

// Nearly all parts are short: those are not copied.
function shortened(part: MessagePart): MessagePart {
  if (!holdsLongText(part, 0)) return part;
  const note = { truncated: false };
  const short = shorten(part, note, 0) as MessagePart;
  return note.truncated ? { ...short, truncated: true } : short;
}

function holdsLongText(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.length * 3 > MAX_TEXT_BYTES;
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return false;
  return Object.values(value).some(inner => holdsLongText(inner, depth + 1));
}

function shorten(value: unknown, note: { truncated: boolean }, depth: number): unknown {
  if (typeof value === 'string') {
    const short = cutBytes(value);
    if (short !== value) note.truncated = true;
    return short;
  }
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map(item => shorten(item, note, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, shorten(item, note, depth + 1)]),
  );
}
