import type { PriceBook } from '#store/prices/price-book.ts';
import type { Call, CallCost } from '../request/call.ts';
import { priceCall } from './price-call.ts';

/** The money columns of a call's ledger row at the prices of `book`. */
export function callCost(call: Call, book: PriceBook): CallCost {
  const cost = priceCall(
    {
      provider: call.provider,
      requestModel: call.requestModel,
      responseModel: call.responseModel,
      operation: call.operation,
      serviceTier: call.serviceTier,
      startMs: Number(call.startNs / 1_000_000n),
      failed: call.failed,
      httpStatus: call.httpStatus,
      tokens: {
        input: call.inputTokens,
        cacheRead: call.cacheReadTokens,
        cacheWrite: call.cacheWriteTokens,
        cacheWrite1h: call.cacheWrite1hTokens,
        output: call.outputTokens,
        reasoning: call.reasoningTokens,
        audioInput: call.audioInputTokens,
        audioOutput: call.audioOutputTokens,
        embedding: call.embeddingTokens,
      },
    },
    book,
  );
  return {
    cost_nanos: text(cost.nanos),
    cost_low_nanos: text(cost.lowNanos),
    cost_high_nanos: text(cost.highNanos),
    cost_by_kind: Object.fromEntries(
      Object.entries(cost.byKind).map(([kind, nanos]) => [kind, String(nanos)]),
    ),
    price_version: cost.priceVersion,
  };
}

function text(nanos: bigint | null): string | null {
  return nanos === null ? null : nanos.toString();
}
