import type { Dialect } from './facts.ts';

/**
 * One logical operation of the ledger: a model call, embedding or rerank with its attempts and duplicates folded in.
 * Unknown words are empty strings, unknown numbers null (absent is not zero). Times in nanoseconds.
 */
export interface Call {
  traceId: string;
  /** The span that stands for the call: of several attempts the last one, of several instrumentations the believed one. */
  spanId: string;
  /** Of the first attempt. */
  startNs: bigint;
  /** Until the end of the last attempt: as long as the application waited. */
  durationNs: bigint;
  /** `chat`, `text_completion`, `generate_content`, `embeddings` or `rerank`. */
  operation: string;
  service: string;
  environment: string;
  release: string;
  feature: string;
  tenant: string;
  /** Who pays for it inside the company. */
  team: string;
  user: string;
  session: string;
  provider: string;
  /** Response model, else request model, without date, region and vendor prefix. */
  model: string;
  requestModel: string;
  responseModel: string;
  responseId: string;
  agent: string;
  promptName: string;
  promptVersion: string;
  variant: string;
  /** `evaluation` when it judges other calls, else what the application says it is for, else empty. */
  purpose: string;
  outcome: string;
  dialect: Dialect;
  scopeName: string;
  scopeVersion: string;
  streaming: boolean | null;
  finishReason: string;
  failed: boolean;
  errorType: string;
  errorMessage: string;
  httpStatus: number | null;
  attempts: number;
  failedAttempts: number;
  ttftNs: number | null;
  /** Every input token including cache reads and writes; null for embeddings. */
  inputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  cacheWrite1hTokens: number | null;
  /** Every output token including reasoning. */
  outputTokens: number | null;
  reasoningTokens: number | null;
  audioInputTokens: number | null;
  audioOutputTokens: number | null;
  imageInputTokens: number | null;
  imageOutputTokens: number | null;
  embeddingTokens: number | null;
  /** Only when neither input nor output is known: input and output together. */
  totalTokens: number | null;
  /** The limit the request set on its output, of each attempt; only where the output is unknown. */
  maxOutputTokens: number | null;
  /** Pictures made. */
  images: number | null;
  searches: number | null;
  rerankUnits: number | null;
  toolCallsRequested: number | null;
  /** What the sender's own library thinks it cost; a hint only. */
  clientCostUsd: number | null;
  serviceTier: string;
  flags: string[];
  /** Spans (`trace_id/span_id`) that reported the same operation again; sorted. Earlier attempts are not among them. */
  mergedFrom: string[];
}

/** One execution of a tool, with what it inherits. */
export interface ToolCall {
  traceId: string;
  spanId: string;
  startNs: bigint;
  durationNs: bigint;
  name: string;
  service: string;
  environment: string;
  release: string;
  feature: string;
  tenant: string;
  user: string;
  session: string;
  agent: string;
  dialect: Dialect;
  failed: boolean;
  errorType: string;
}

/** What a call cost, in integer nano-dollars; null when unpriced. */
export interface CallCost {
  nanos: bigint | null;
  lowNanos: bigint | null;
  highNanos: bigint | null;
  /** What it would have cost without any cache; null when unpriced. */
  uncachedNanos: bigint | null;
  /** By token kind; sums to `nanos` exactly. */
  byKind: Readonly<Record<string, bigint>>;
  /** What was taken off the list price, see `ledger/price/reductions.ts`; empty at list prices. */
  reductions?: Readonly<Record<string, bigint>>;
  priceVersion: string;
}
