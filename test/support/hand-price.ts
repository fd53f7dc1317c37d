import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface PricedModel {
  provider: string;
  model: string;
  aliases: string[];
  usd_per_1m: Record<string, number>;
  tiers?: { when: string; threshold: number; usd_per_1m: Record<string, number> }[];
  service_tiers?: Record<string, Record<string, number>>;
}

/** What a bill is made of; input includes cache, output includes reasoning. */
export interface Usage {
  model: string;
  input: number;
  cacheRead?: number;
  cacheWrite?: number;
  output?: number;
}

const file = fileURLToPath(new URL('../../../shared/model-prices.json', import.meta.url));
const { models } = JSON.parse(readFileSync(file, 'utf8')) as { models: PricedModel[] };

/**
 * Cost in nano-dollars by the plain rule of the price list, with none of the product's code: uncached input, cache reads,
 * cache writes and output at their list prices. Throws when the model has no price, or one that needs more than this rule.
 */
export function handCostNanos({ model, input, cacheRead = 0, cacheWrite = 0, output = 0 }: Usage): bigint {
  const entry = models.find(candidate => candidate.model === model || candidate.aliases.includes(model));
  if (!entry) throw new Error(`no price for ${model}`);
  const tier = entry.tiers?.find(({ threshold }) => input > threshold);
  const price = (kind: string) => tier?.usd_per_1m[kind] ?? entry.usd_per_1m[kind];
  const parts: [number, number | undefined][] = [
    [input - cacheRead - cacheWrite, price('input')],
    [cacheRead, price('cache_read') ?? price('input')],
    [cacheWrite, price('cache_write') ?? price('input')],
    [output, price('output')],
  ];
  let picos = 0n;
  for (const [tokens, usdPerMillion] of parts) {
    if (tokens === 0) continue;
    if (usdPerMillion === undefined) throw new Error(`${model} has no price for one of its token kinds`);
    // USD per million tokens × 10^6 = pico-dollars per token; the list has at most six decimals.
    picos += BigInt(tokens) * BigInt(Math.round(usdPerMillion * 1e6));
  }
  if (picos % 1_000n !== 0n) throw new Error(`${model}: not a whole number of nano-dollars`);
  return picos / 1_000n;
}

/** `0.004100000`, as the API writes money. */
export function asUsd(nanos: bigint): string {
  const digits = nanos.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
