import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromPackageRoot } from '../package-root.ts';

/** The most tokens that a model takes, and gives in one answer; null where nobody says. */
export interface ModelLimits {
  max_input_tokens: number | null;
  max_output_tokens: number | null;
}

const limitList = z.object({
  schema: z.literal(1),
  models: z.array(
    z.strictObject({
      provider: z.string().min(1),
      model: z.string().min(1),
      max_input_tokens: z.int().positive(),
      max_output_tokens: z.int().positive(),
      source: z.string().min(1),
    }),
  ),
});

const unknown: ModelLimits = { max_input_tokens: null, max_output_tokens: null };
const keyOf = (provider: string, model: string) => `${provider}\n${model}`;
let known: ReadonlyMap<string, ModelLimits> | null = null;

/** What the price says of the limits of its model, and what it leaves open of published ones (`model-limits.json`). */
export function limitsOf({
  provider,
  model,
  max_input_tokens,
  max_output_tokens,
}: ModelLimits & { provider: string; model: string }): ModelLimits {
  known ??= readLimits();
  const published = known.get(keyOf(provider, model)) ?? unknown;
  return {
    max_input_tokens: max_input_tokens ?? published.max_input_tokens,
    max_output_tokens: max_output_tokens ?? published.max_output_tokens,
  };
}

// Limits are no prices: they change no cost, only what is possible, so they need no day from which they hold.
function readLimits(): Map<string, ModelLimits> {
  const file = fromPackageRoot('store/prices/model-limits.json');
  const { models } = limitList.parse(JSON.parse(readFileSync(file, 'utf8')));
  return new Map(models.map(one => [keyOf(one.provider, one.model), one]));
}
