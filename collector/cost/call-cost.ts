import { type PricedCall, priceCall } from '#ledger/price/price-call.ts';
import type { PriceBook } from '#store/prices/price-book.ts';
import type { Call, CallCost } from '../request/call.ts';

/** What a call of a project cost at the prices of `book`. */
export function callCost(call: Call, projectId: string, book: PriceBook): CallCost {
  return priceCall(callToPrice(call, projectId), book);
}

/** What of a call decides its price. */
export function callToPrice(call: Call, projectId: string): PricedCall {
  return {
    projectId,
    provider: call.provider,
    requestModel: call.requestModel,
    responseModel: call.responseModel,
    operation: call.operation,
    serviceTier: call.serviceTier,
    startMs: Math.floor(Number(call.startNs) / 1e6),
    failed: call.failed,
    httpStatus: call.httpStatus,
    estimated: call.flags.includes('estimated_tokens'),
    severalAnswers: call.flags.includes('several_answers'),
    attempts: call.attempts,
    maxOutputTokens: call.maxOutputTokens,
    tokens: {
      input: call.inputTokens,
      cacheRead: call.cacheReadTokens,
      cacheWrite: call.cacheWriteTokens,
      cacheWrite1h: call.cacheWrite1hTokens,
      output: call.outputTokens,
      reasoning: call.reasoningTokens,
      audioInput: call.audioInputTokens,
      audioOutput: call.audioOutputTokens,
      imageInput: call.imageInputTokens,
      imageOutput: call.imageOutputTokens,
      embedding: call.embeddingTokens,
      total: call.totalTokens,
    },
    pieces: { images: call.images, searches: call.searches, rerankUnits: call.rerankUnits },
  };
}
