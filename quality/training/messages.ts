import type { Message } from '#contract/trace.ts';

/** A message in the words of fine-tuning files. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

const roles: Record<string, ChatMessage['role']> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  model: 'assistant',
  ai: 'assistant',
  tool: 'tool',
  function: 'tool',
};

/** Null when something in them is neither text nor a call of a tool, or nothing is said: a file cannot hold that. */
export function chatMessages(messages: readonly Message[]): ChatMessage[] | null {
  const all = messages.map(chatMessage);
  return all.some(one => one === null) ? null : (all as ChatMessage[][]).flat();
}

function chatMessage({ role: given, parts }: Message): ChatMessage[] | null {
  const role = roles[given.toLowerCase()];
  if (!role) return null;
  const texts: string[] = [];
  const calls: NonNullable<ChatMessage['tool_calls']> = [];
  const results: ChatMessage[] = [];
  for (const part of parts) {
    if (part.type === 'text') texts.push(asText(part.content));
    else if (part.type === 'tool_call') {
      const { id, name, arguments: given } = part as Record<string, unknown>;
      const call = { name: asText(name), arguments: asText(given) };
      calls.push({ id: asText(id), type: 'function', function: call });
    } else if (part.type === 'tool_call_response') {
      const { id, response, result } = part as Record<string, unknown>;
      const content = asText(response ?? result ?? part.content);
      results.push({ role: 'tool', content, tool_call_id: asText(id) });
    } else if (part.type !== 'reasoning' && part.type !== 'thinking') return null;
  }
  const content = texts.join('\n');
  const own: ChatMessage[] =
    calls.length > 0
      ? [{ role, content: content || null, tool_calls: calls }]
      : content !== ''
        ? [{ role, content }]
        : [];
  return own.length + results.length > 0 ? [...results, ...own] : null;
}

const asText = (value: unknown) =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);

/** What a learner sees of them, without instructions: those are the same in many conversations that are not. */
export function spokenText(messages: readonly ChatMessage[]): string {
  return messages
    .filter(({ role }) => role !== 'system')
    .map(({ role, content, tool_calls }) =>
      [
        role,
        content ?? '',
        ...(tool_calls ?? []).map(call => `${call.function.name} ${call.function.arguments}`),
      ].join(' '),
    )
    .join('\n');
}

/** With every text changed, those inside of tool calls too. */
export function changeTexts(
  messages: readonly ChatMessage[],
  change: (text: string) => string,
): ChatMessage[] {
  return messages.map(({ content, tool_calls, ...rest }) => ({
    ...rest,
    content: content === null ? null : change(content),
    ...(tool_calls && {
      tool_calls: tool_calls.map(call => ({
        ...call,
        function: { ...call.function, arguments: change(call.function.arguments) },
      })),
    }),
  }));
}
