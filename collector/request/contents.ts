import { settingsKeys, trait } from '../otlp/attribute-key.ts';
import { emptyAttributes } from '../otlp/attributes.ts';
import { rangeOf } from '../otlp/decoded-span.ts';
import type { Attributes, LogRecord, Span, SpanEvent } from '../telemetry.ts';
import { isContentKey } from './content-keys.ts';
import { eventContent, hasAny, readContent } from './encodings.ts';
import type { Content } from './facts.ts';
import { inferenceMessages } from './indexed-messages.ts';
import { parseJson, type Reading } from './reading.ts';

const contentInSettings = [
  'messages',
  'input',
  'prompt',
  'system',
  'instructions',
  'tools',
  'functions',
  'contents',
  'systemInstruction',
  'system_instruction',
];

/** Events that are one message each; all their attributes may be content. */
const MESSAGE_EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$|^gen_ai\.choice$/;

const messageParts = ['content', 'message', 'tool_calls'];

/** The messages a span carries, in the shape of the GenAI conventions; null when it carries none. */
export function contentOf(reading: Reading): Content | null {
  const mayHold = (reading.traits & trait.content) !== 0 || reading.events.length > 0;
  return reading.dialect === '' || !mayHold ? null : orNull(readContent(reading));
}

/** The messages a log record carries; null when it carries none. */
export function logContent(log: LogRecord): Content | null {
  if (log.eventName === 'gen_ai.client.inference.operation.details') {
    return orNull(inferenceMessages(log.attributes));
  }
  return orNull(eventContent(log.eventName, parseJson(log.body)));
}

/** The attributes without content: no prompt, answer, tool argument, tool result or search query. */
export function withoutContent(attributes: Attributes): Attributes {
  const kept = emptyAttributes();
  for (const key in attributes) if (!isContentKey(key)) kept[key] = attributes[key]!;
  for (const key of settingsKeys) if (kept[key] !== undefined) kept[key] = withoutContentInJson(kept[key]);
  return kept;
}

/** The span without content, in its attributes and its events. Describe it first: facts are read from content. */
export function stripContent(span: Span): Span {
  const range = rangeOf(span);
  const isClean = range !== null && (range.traits & (trait.content | trait.settings)) === 0;
  if (isClean && span.events.length === 0) return span;
  return {
    ...span,
    attributes: withoutContent(span.attributes),
    events: span.events.map(withoutEventContent),
  };
}

/** The log record without content, in its attributes and, where the body is a message, in its body. */
export function stripLogContent(log: LogRecord): LogRecord {
  const body = MESSAGE_EVENT.test(log.eventName) ? outcomeOnly(log.body) : log.body;
  return { ...log, attributes: withoutContent(log.attributes), body };
}

function withoutEventContent(event: SpanEvent): SpanEvent {
  const attributes = withoutContent(event.attributes);
  if (MESSAGE_EVENT.test(event.name)) for (const key of messageParts) delete attributes[key];
  return { ...event, attributes };
}

// How an answer ended is not what it said.
function outcomeOnly(body: string): string {
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null) return '';
  const kept = Object.entries(parsed).filter(([key]) => key === 'finish_reason' || key === 'index');
  return kept.length === 0 ? '' : JSON.stringify(Object.fromEntries(kept));
}

function withoutContentInJson(text: string): string {
  const parsed = parseJson(text);
  // Settings that do not parse may hide anything.
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return '';
  const kept = Object.entries(parsed).filter(([key]) => !contentInSettings.includes(key));
  return JSON.stringify(Object.fromEntries(kept));
}

function orNull(content: Content): Content | null {
  return hasAny(content) ? content : null;
}
