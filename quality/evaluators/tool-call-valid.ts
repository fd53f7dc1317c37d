import { z } from 'zod';
import { defineEvaluator, notJudged, type Tool, type ToolCall } from './evaluator.ts';
import { misfit } from './validate-json.ts';

export const toolCallValid = defineEvaluator({
  name: 'tool_call_valid',
  version: 1,
  kind: 'rule',
  summary: 'Every tool the model asked for exists, and its arguments are JSON that fits its schema',
  needs: ['output'],
  direction: 'higher',
  settings: z.object({}),
  score({ toolCalls, tools }) {
    if (!toolCalls?.length) return notJudged('no tool was asked for');
    const wrong = toolCalls.map(call => whyWrong(call, tools)).filter(why => why !== null);
    const label = wrong.length === 0 ? 'valid' : 'invalid';
    return { value: wrong.length === 0 ? 1 : 0, label, explanation: wrong.join('; ') };
  },
});

/** Null when nothing speaks against it. */
function whyWrong(call: ToolCall, tools: readonly Tool[] | undefined): string | null {
  let given = call.arguments;
  if (typeof given === 'string') {
    try {
      given = given.trim() === '' ? {} : JSON.parse(given);
    } catch {
      return `${call.name}: the arguments are not JSON`;
    }
  }
  if (tools === undefined) return null;
  const tool = tools.find(({ name }) => name === call.name);
  if (!tool) return `${call.name}: there is no such tool`;
  if (tool.parameters === null || tool.parameters === undefined) return null;
  try {
    const why = misfit(tool.parameters, given ?? {});
    return why === null ? null : `${call.name}: ${why}`;
  } catch {
    // The application's own schema is broken; that is not the model's fault.
    return null;
  }
}
