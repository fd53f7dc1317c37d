import type { PriceEntry } from '#store/prices/price-entry.ts';
import { atLeast, inputKinds } from './bill.ts';
import type { Bounds } from './bounds.ts';
import { priceOf, tablesFor } from './price-table.ts';
import type { PricedCall } from './priced-call.ts';
import type { Terms } from './terms.ts';
import type { CostKind } from './token-split.ts';
import { mostOutput, ofAttempts, type Usage } from './usage.ts';

/**
 * How far off an estimate of text may be, either way. Senders count with another model's tokenizer or divide characters by four: for
 * prose of most languages and for code that is within a half and the double.
 */
const offBy = 2;

/** Families that say all they think: what a stream shows is all that is billed. Of any other model some of it may be hidden. */
const saysAll =
  /(^|[/.:-])(gpt-3\.5|gpt-4(?!\d)|claude-(instant|2|3(-5)?-(opus|sonnet|haiku|[^7])|3-(opus|sonnet|haiku))|gemini-(pro|1|2\.0)|mistral-|mixtral|codestral|ministral|llama|command|text-embedding|titan|nova-(micro|lite|pro))/i;

/**
 * The usage of which only limits are known, where the sender estimated its tokens: at most the double, and of output that may hide thoughts as
 * much as the request or the model allows. Otherwise the usage as it is.
 */
export function widened(call: PricedCall, usage: Usage, entry: PriceEntry | null): Usage {
  if (!call.estimated) return usage;
  const { input, output, total, most } = usage;
  // A kind that nothing is billed for needs no bounds.
  const isBilled = (count: number | null) => count !== null && count > 0;
  return {
    ...usage,
    input: isBilled(input) ? null : input,
    output: isBilled(output) ? null : output,
    total: total === null ? null : total * offBy,
    most: {
      input: isBilled(input)
        ? limited(input! * offBy, input!, ofAttempts(call, entry?.maxInputTokens))
        : most.input,
      output: isBilled(output) ? mostOfEstimate(call, entry, output!) : most.output,
    },
  };
}

function mostOfEstimate(call: PricedCall, entry: PriceEntry | null, output: number): number | null {
  const limit = mostOutput(call, entry);
  const model = call.responseModel || call.requestModel;
  if (saysAll.test(entry?.model ?? model)) return limited(output * offBy, output, limit);
  return limit === null ? null : Math.max(limit, output);
}

/** A limit below the estimate is no limit. */
const limited = (most: number, estimate: number, limit: number | null) =>
  limit === null || limit < estimate ? most : Math.min(most, limit);

const outputKinds: readonly CostKind[] = ['output', 'reasoning', 'output_audio', 'output_image'];

/** The bounds of the widened usage, with at least half of the estimate at the cheapest prices that may hold. */
export function estimatedBounds(
  { serviceTier }: PricedCall,
  { usage, terms, low, high }: { usage: Usage; terms: Terms; low: bigint | null; high: bigint | null },
): Bounds {
  const { candidates, openBelow } = tablesFor(terms, serviceTier, null);
  if (low === null || openBelow) return { low, high };
  const cheapest = (kinds: readonly CostKind[], count: number | null) => {
    let least: bigint | null = null;
    const half = Math.floor((count ?? 0) / offBy);
    for (const prices of candidates) {
      for (const kind of kinds) {
        const price = priceOf(prices, kind);
        const cost = price === undefined ? null : atLeast(half, price, terms.unitsPerNano);
        if (cost !== null && (least === null || cost < least)) least = cost;
      }
    }
    return least ?? 0n;
  };
  const input = cheapest(usage.embedding ? ['embedding'] : inputKinds, usage.input);
  return { low: low + input + cheapest(outputKinds, usage.output), high };
}
