import type { Attributes } from '../telemetry.ts';
import type { Content, Message } from './facts.ts';
import { message, textMessage, toMessages, toParts } from './message.ts';
import { parseJson } from './reading.ts';

/** A sender-chosen index above this is no message list. */
const MAX_INDEX = 10_000;

/** Encodings 1 and 2: the attributes of the conventions, as JSON text or once structured. */
export function inferenceMessages(attributes: Attributes): Content {
  const input = fromAttribute(attributes['gen_ai.input.messages'], 'user');
  const instructions = fromAttribute(attributes['gen_ai.system_instructions'], 'system');
  // OpenLIT sends the instructions twice: as such and as the first message.
  const isRepeated = input.some(({ role }) => role === 'system');
  return {
    input: isRepeated ? input : [...instructions, ...input],
    output: fromAttribute(attributes['gen_ai.output.messages'], 'assistant'),
  };
}

/** Encoding 5: `<prefix>N.<what>` keys, with `.message.` between in OpenInference. In order of N. */
export function indexedMessages(attributes: Attributes, prefix: string, role: string): Message[] {
  const byIndex = new Map<number, Map<string, string>>();
  for (const key in attributes) {
    if (!key.startsWith(prefix)) continue;
    const match = /^(\d{1,5})\.(?:message\.)?(.+)$/.exec(key.slice(prefix.length));
    if (!match || Number(match[1]) > MAX_INDEX) continue;
    const fields = byIndex.get(Number(match[1])) ?? new Map<string, string>();
    fields.set(match[2]!, attributes[key]!);
    byIndex.set(Number(match[1]), fields);
  }
  const ordered = [...byIndex.entries()].sort(([a], [b]) => a - b);
  return ordered.map(([, fields]) => fromFields(fields, role)).filter(({ parts }) => parts.length > 0);
}

function fromFields(fields: ReadonlyMap<string, string>, role: string): Message {
  const own = fields.get('role') || role;
  const content = fields.get('content');
  const answered = fields.get('tool_call_id');
  const said =
    answered === undefined
      ? [...toParts(contentValue(content)), ...contentParts(fields)]
      : toParts({ type: 'tool_call_response', id: answered, response: content });
  return message(
    answered === undefined ? own : 'tool',
    [...said, ...callParts(fields)],
    fields.get('finish_reason'),
  );
}

// Older T puts Anthropic's and multimodal contents into one JSON string.
function contentValue(content: string | undefined): unknown {
  return content?.startsWith('[{') ? (parseJson(content) ?? content) : content;
}

function contentParts(fields: ReadonlyMap<string, string>) {
  return numbered(fields, /^contents\.(\d{1,5})\.message_content\.(.+)$/).flatMap(part => {
    const text = part.get('text');
    if (text !== undefined) return toParts({ type: part.get('type') ?? 'text', text });
    const url = part.get('image.image.url');
    return url === undefined ? [] : [{ type: 'uri', modality: 'image', uri: url }];
  });
}

function callParts(fields: ReadonlyMap<string, string>) {
  return numbered(fields, /^tool_calls\.(\d{1,5})\.(?:tool_call\.)?(.+)$/).flatMap(call =>
    toParts({
      type: 'tool_call',
      id: call.get('id'),
      name: call.get('function.name') ?? call.get('name'),
      arguments: call.get('function.arguments') ?? call.get('arguments'),
    }),
  );
}

function numbered(fields: ReadonlyMap<string, string>, pattern: RegExp): Map<string, string>[] {
  const found = new Map<number, Map<string, string>>();
  for (const [field, value] of fields) {
    const match = pattern.exec(field);
    if (!match) continue;
    const inner = found.get(Number(match[1])) ?? new Map<string, string>();
    inner.set(match[2]!, value);
    found.set(Number(match[1]), inner);
  }
  return [...found.entries()].sort(([a], [b]) => a - b).map(([, inner]) => inner);
}

function fromAttribute(text: string | undefined, role: string): Message[] {
  if (!text) return [];
  const parsed = parseJson(text);
  return typeof parsed === 'object' && parsed !== null ? toMessages(parsed, role) : [textMessage(role, text)];
}
