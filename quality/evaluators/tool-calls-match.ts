import { z } from 'zod';
import { defineEvaluator, notJudged, type ToolCall } from './evaluator.ts';

/** F1 of the calls as a multiset: the harmonic mean of how many were wanted and how many of the wanted came. */
export const toolCallsMatch = defineEvaluator({
  name: 'tool_calls_match',
  version: 1,
  kind: 'reference',
  summary: 'The model asks for the expected tools with the expected arguments, in any order (F1)',
  needs: ['output'],
  direction: 'higher',
  settings: z.object({
    arguments: z.boolean().default(true).describe('false: only the names of the tools are compared'),
  }),
  score({ toolCalls = [], expectedToolCalls }, { arguments: withArguments }) {
    if (!expectedToolCalls) return notJudged('the case does not say which tools are expected');
    const keyOf = (call: ToolCall) => (withArguments ? callText(call) : call.name);
    const extra = toolCalls.map(keyOf);
    const missing: string[] = [];
    for (const key of expectedToolCalls.map(keyOf)) {
      const at = extra.indexOf(key);
      if (at < 0) missing.push(key);
      else extra.splice(at, 1);
    }
    const all = toolCalls.length + expectedToolCalls.length;
    const value = all === 0 ? 1 : (2 * (expectedToolCalls.length - missing.length)) / all;
    const wrong = [...missing.map(one => `missing ${one}`), ...extra.map(one => `not expected ${one}`)];
    return { value, label: value === 1 ? 'same' : 'different', explanation: wrong.join('; ') };
  },
});

/** `find({"order":7})`: the same for arguments that say the same, as text or value and in whatever order. */
export function callText({ name, arguments: given }: ToolCall): string {
  return `${name}(${JSON.stringify(sorted(parsed(given)))})`;
}

function parsed(given: unknown): unknown {
  if (typeof given !== 'string') return given ?? {};
  if (given.trim() === '') return {};
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(parts.map(([name, one]) => [name, sorted(one)]));
}
