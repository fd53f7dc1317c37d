import type { PriceBook } from '#store/prices/price-book.ts';
import { decimalText } from '#store/prices/terms.ts';
import { priceOf, tablesFor } from './price-table.ts';
import type { PricedCall } from './priced-call.ts';
import { termsFor } from './terms.ts';
import type { CostKind } from './token-split.ts';

const digits = 12;
const scale = 10n ** BigInt(digits);

/**
 * Nano-dollars per unit of a kind as a decimal, after discount and exchange rate: what a call of this price version was
 * billed by. Null when the book has another price for it by now, or when units times price is not the cost.
 */
export function unitPrice(
  call: PricedCall,
  book: PriceBook,
  billed: { kind: CostKind; units: bigint; nanos: bigint; priceVersion: string },
): string | null {
  const { provider, responseModel, requestModel, startMs: atMs, projectId } = call;
  const entry = book.find({ provider, responseModel, requestModel, atMs });
  const terms = entry && termsFor(book, { projectId, provider, entry, atMs });
  if (!terms || terms === 'no_rate' || terms.priceVersion !== billed.priceVersion) return null;
  const { candidates } = tablesFor(terms, call.serviceTier, call.tokens.input ?? call.tokens.embedding);
  const price = candidates.length === 1 ? priceOf(candidates[0]!, billed.kind) : undefined;
  if (price === undefined) return null;
  const { unitsPerNano } = terms;
  const nanos = (billed.units * price + unitsPerNano / 2n) / unitsPerNano;
  return nanos === billed.nanos ? decimalText((price * scale) / unitsPerNano, digits) : null;
}
