/**
 * What one span or log record says in our words, read without looking at any other. Facts are stored beside the span as
 * JSON, so a trace can be derived again when a late span arrives. Absent is undefined, never 0 or ''.
 */

/** Section 1 of the mapping: G, N, T, O, V7 follow the GenAI conventions, the others have their own keys. */
export type Dialect =
  | 'gen_ai'
  | 'native'
  | 'traceloop'
  | 'openlit'
  | 'openinference'
  | 'vercel_ai'
  | 'vercel_ai_7'
  | 'langfuse'
  | '';

export type Role =
  | 'model_call'
  | 'embedding'
  | 'rerank'
  | 'retrieval'
  | 'tool'
  | 'agent'
  | 'workflow'
  | 'evaluation'
  | 'memory'
  | 'other'
  | '';

export interface TokenFacts {
  /** Including cache reads and writes. For embeddings: the embedded tokens. */
  input?: number;
  cacheRead?: number;
  cacheWrite?: number;
  cacheWrite1h?: number;
  /** Including reasoning. */
  output?: number;
  reasoning?: number;
  audioInput?: number;
  audioOutput?: number;
  imageInput?: number;
  imageOutput?: number;
  /** Only when nothing else is known. */
  total?: number;
}

export interface SpanFacts {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  startNs: bigint;
  endNs: bigint;
  name: string;
  dialect: Dialect;
  role: Role;
  scopeName: string;
  scopeVersion: string;
  service: string;
  environment: string;
  release: string;
  /** Same for all spans of one process: pairs spans across traces. */
  resourceKey: string;
  operation?: string;
  provider?: string;
  requestModel?: string;
  responseModel?: string;
  responseId?: string;
  tokens?: TokenFacts;
  /** The limit of the request on its output; only where the output is unknown. */
  maxOutput?: number;
  /** Pictures made. */
  images?: number;
  searches?: number;
  rerankUnits?: number;
  ttftNs?: number;
  streaming?: boolean;
  finishReason?: string;
  finishReasonRaw?: string;
  serviceTier?: string;
  failed?: boolean;
  errorType?: string;
  errorMessage?: string;
  httpStatus?: number;
  clientCostUsd?: number;
  toolCallsRequested?: number;
  toolName?: string;
  /** What the application itself calls the feature. */
  feature?: string;
  /** Name of the workflow the span says it is in; the outermost one of a trace stands in for the feature. */
  workflow?: string;
  /** Name of an OpenInference chain or agent span; the nearest one stands in for the feature. */
  chain?: string;
  tenant?: string;
  team?: string;
  /** What calls in or below this span are for: `evaluation` when they judge others. */
  purpose?: string;
  user?: string;
  session?: string;
  agent?: string;
  promptName?: string;
  promptVersion?: string;
  variant?: string;
  /** How it ended for the one who asked: `accepted`, `escalated`; only from a configured key. */
  outcome?: string;
  /** Which token rule was used and what contradicted itself. */
  flags?: string[];
}

export interface Message {
  role: string;
  parts: MessagePart[];
  finish_reason?: string;
}

/** GenAI convention parts: text, reasoning, tool_call, tool_call_response, blob, file, uri. */
export interface MessagePart {
  type: string;
  content?: unknown;
  [key: string]: unknown;
}

export interface Content {
  input: Message[];
  output: Message[];
}

/** A score found in telemetry; the settle step turns it into a row. */
export interface ScoreFacts {
  /** The sender's own id: another score of the same name and id replaces this one. */
  id?: string;
  timeNs: bigint;
  name: string;
  value?: number;
  label?: string;
  explanation?: string;
  errorType?: string;
  /** Chance with which its call was chosen to be scored, over 0 and up to 1. */
  probability?: number;
  /** Who or what judged. */
  rater?: 'rule' | 'judge' | 'human';
  /** What judged and in which version, `relevancy@3`. */
  evaluator?: string;
  target: 'span' | 'response' | 'trace' | 'session';
  traceId: string;
  spanId: string;
  responseId: string;
  session: string;
}

/** What a log record adds to the span it belongs to (or to a call of its own when no span exists). */
export interface LogFacts {
  logId: string;
  timeNs: bigint;
  traceId: string;
  spanId: string;
  eventName: string;
  /** Set for operation-details records: the same facts a span would carry. */
  inference?: SpanFacts;
  toolCallsRequested?: number;
  finishReason?: string;
  errorType?: string;
  errorMessage?: string;
}
