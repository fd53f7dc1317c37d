import type { CallPieces, CallTokens } from './token-split.ts';

/** What has to be known of a call to price it. */
export interface PricedCall {
  /** Empty: discounts of single projects do not hold. */
  projectId: string;
  provider: string;
  requestModel: string;
  responseModel: string;
  operation: string;
  tokens: CallTokens;
  pieces: CallPieces;
  /** The limit the request set on its output, of each attempt; null when it set none. */
  maxOutputTokens: number | null;
  attempts: number;
  serviceTier: string;
  startMs: number;
  failed: boolean;
  httpStatus: number | null;
  /** The request asked for more than one answer: the model's limit holds for each. Default: one. */
  severalAnswers?: boolean;
  /** The sender did not count the tokens, but estimated them. Default: counted. */
  estimated?: boolean;
}

/** The columns of `calls` that decide what a call costs; counts may come as decimal text. */
export interface PricedRow {
  project_id: string;
  provider: string;
  request_model: string;
  response_model: string;
  operation: string;
  service_tier: string;
  failed: number | boolean;
  http_status: number | null;
  attempts: number;
  input_tokens: number | string | null;
  cache_read_tokens: number | string | null;
  cache_write_tokens: number | string | null;
  cache_write_1h_tokens: number | string | null;
  output_tokens: number | string | null;
  reasoning_tokens: number | string | null;
  audio_input_tokens: number | string | null;
  audio_output_tokens: number | string | null;
  image_input_tokens: number | string | null;
  image_output_tokens: number | string | null;
  embedding_tokens: number | string | null;
  total_tokens: number | string | null;
  max_output_tokens: number | string | null;
  images: number | string | null;
  searches: number | string | null;
  rerank_units: number | string | null;
  /** `estimated_tokens` says that the sender estimated them, `several_answers` that more than one was asked for. */
  flags: readonly string[];
}

/** The names of PricedRow's columns, to select them by. */
export const pricedColumns = [
  'project_id',
  'provider',
  'request_model',
  'response_model',
  'operation',
  'service_tier',
  'failed',
  'http_status',
  'attempts',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
  'image_input_tokens',
  'image_output_tokens',
  'embedding_tokens',
  'total_tokens',
  'max_output_tokens',
  'images',
  'searches',
  'rerank_units',
  'flags',
] as const satisfies readonly (keyof PricedRow)[];

const count = (value: number | string | null) => (value === null ? null : Number(value));

/** A call as it stands in the store; it costs what it cost when the collector priced it with the same book. */
export function pricedCallOfRow(row: PricedRow, startMs: number): PricedCall {
  return {
    projectId: row.project_id,
    provider: row.provider,
    requestModel: row.request_model,
    responseModel: row.response_model,
    operation: row.operation,
    serviceTier: row.service_tier,
    startMs,
    failed: Boolean(row.failed),
    httpStatus: row.http_status,
    estimated: row.flags.includes('estimated_tokens'),
    severalAnswers: row.flags.includes('several_answers'),
    attempts: row.attempts,
    maxOutputTokens: count(row.max_output_tokens),
    tokens: {
      input: count(row.input_tokens),
      cacheRead: count(row.cache_read_tokens),
      cacheWrite: count(row.cache_write_tokens),
      cacheWrite1h: count(row.cache_write_1h_tokens),
      output: count(row.output_tokens),
      reasoning: count(row.reasoning_tokens),
      audioInput: count(row.audio_input_tokens),
      audioOutput: count(row.audio_output_tokens),
      imageInput: count(row.image_input_tokens),
      imageOutput: count(row.image_output_tokens),
      embedding: count(row.embedding_tokens),
      total: count(row.total_tokens),
    },
    pieces: {
      images: count(row.images),
      searches: count(row.searches),
      rerankUnits: count(row.rerank_units),
    },
  };
}
