import type { Message } from '#contract/trace.ts';
import type { CallToScore } from '#store/queries/calls-to-score.ts';
import type { CallTexts } from '#store/queries/texts-of-calls.ts';
import type { Example, Tool, ToolCall } from '../evaluators/evaluator.ts';

/** A call as evaluators see it: what is not kept is absent. */
export function exampleOf(call: Pick<CallToScore, 'finishReason'>, texts: CallTexts | undefined): Example {
  const { input, output } = texts ?? { input: null, output: null };
  const context = contextOf(texts);
  const tools = toolsOf(texts?.tools ?? null);
  const lastAsked = input?.findLast(message => message.role === 'user');
  return {
    ...(call.finishReason && { finishReason: call.finishReason }),
    ...(input && { input: textOf(lastAsked ? [lastAsked] : input) }),
    ...(output && { output: textOf(output), toolCalls: toolCallsOf(output) }),
    ...((input || output) && { messages: { input: input ?? [], output: output ?? [] } }),
    ...(context.length > 0 && { context }),
    ...(tools && { tools }),
  };
}

/** Text parts; thoughts, tool calls and pictures are none. */
export function textOf(messages: readonly Message[]): string {
  return messages
    .flatMap(({ parts }) => parts.filter(part => part.type === 'text' && typeof part.content === 'string'))
    .map(part => String(part.content))
    .join('\n');
}

/** What the model asked tools for. */
export function toolCallsOf(messages: readonly Message[]): ToolCall[] {
  return messages.flatMap(({ parts }) =>
    parts
      .filter(part => part.type === 'tool_call')
      .map(part => ({ name: String(part.name ?? ''), arguments: part.arguments ?? {} })),
  );
}

/** Passages of the retrievals of the trace; without any, the results of tools that the model was shown. */
function contextOf(texts: CallTexts | undefined): string[] {
  if (!texts) return [];
  const retrieved = texts.retrieved.flatMap(json => passagesIn(parsed(json)));
  if (retrieved.length > 0) return retrieved;
  const shown = (texts.input ?? []).flatMap(({ parts }) =>
    parts.filter(part => part.type === 'tool_call_response'),
  );
  return shown.flatMap(part => passagesIn(part.response ?? part.content));
}

const passageKeys = ['content', 'text', 'page_content', 'pageContent', 'document', 'snippet', 'passage'];
const listKeys = ['documents', 'results', 'chunks', 'nodes', 'parts', 'response'];
const deepest = 8;

/** Texts of documents in any of the usual shapes; ids and numbers are no text. */
function passagesIn(value: unknown, depth = 0): string[] {
  if (depth > deepest || value === null || value === undefined) return [];
  if (typeof value === 'string') {
    const inner = /^\s*[[{]/.test(value) ? parsed(value) : undefined;
    if (inner !== undefined && typeof inner === 'object') return passagesIn(inner, depth + 1);
    return value.trim() === '' ? [] : [value];
  }
  if (Array.isArray(value)) return value.flatMap(item => passagesIn(item, depth + 1));
  if (typeof value !== 'object') return [];
  const object = value as Record<string, unknown>;
  const key = [...listKeys, ...passageKeys].find(name => object[name] !== undefined && object[name] !== null);
  return key === undefined ? [] : passagesIn(object[key], depth + 1);
}

/** OpenAI's, Anthropic's, the AI SDK's and the conventions' ways to define a tool. */
export function toolsOf(json: string | null): Tool[] | null {
  const list = json === null ? null : parsed(json);
  if (!Array.isArray(list)) return null;
  const tools = list.map((item: unknown) => {
    const outer = asObject(typeof item === 'string' ? parsed(item) : item);
    const inner = asObject(outer.function ?? outer);
    const name = String(inner.name ?? '');
    return { name, parameters: inner.parameters ?? inner.inputSchema ?? inner.input_schema ?? null };
  });
  return tools.every(({ name }) => name !== '') ? tools : null;
}

const asObject = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
