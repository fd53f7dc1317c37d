import { z } from 'zod';
import { defineEvaluator, notJudged } from './evaluator.ts';
import { misfit } from './validate-json.ts';

const fence = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i;

export const jsonSchema = defineEvaluator({
  name: 'json_schema',
  version: 1,
  kind: 'reference',
  summary: 'The answer is JSON and fits a JSON Schema',
  needs: ['output'],
  direction: 'higher',
  settings: z.object({
    schema: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('default: the schema of the case; without any, that it is JSON at all'),
    allow_fence: z.boolean().default(false).describe('accept JSON inside a ``` block'),
  }),
  score({ output, schema: own }, { schema, allow_fence }) {
    const text = (allow_fence && fence.exec(output)?.[1]) || output;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return { value: 0, label: 'not_json', explanation: error instanceof Error ? error.message : '' };
    }
    const wanted = schema ?? own;
    if (wanted === undefined) return { value: 1, label: 'json', explanation: 'no schema to compare with' };
    try {
      const why = misfit(wanted, value);
      return { value: why === null ? 1 : 0, label: why === null ? 'fits' : 'misfit', explanation: why ?? '' };
    } catch (error) {
      return notJudged(
        `the schema cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  },
});
