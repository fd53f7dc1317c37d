import { priceCall } from '#ledger/price/price-call.ts';
import type { PriceBook } from '#store/prices/price-book.ts';
import type { Call, CallCost } from '../request/call.ts';

/** What a call cost at the prices of `book`. */
export function callCost(call: Call, book: PriceBook): CallCost {
  return priceCall(
    {
      provider: call.provider,
      requestModel: call.requestModel,
      responseModel: call.responseModel,
      operation: call.operation,
      serviceTier: call.serviceTier,
      startMs: Math.floor(Number(call.startNs) / 1e6),
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
}
