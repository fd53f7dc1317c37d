/**
 * What the decoders produce and everything after them reads: OTLP with the wire format taken off. Attribute values are
 * strings from here on (numbers as decimal text, booleans as true/false, arrays and maps as JSON), so that a span read
 * back from the store and a span just received are the same thing to the mapping.
 */

export type Attributes = Record<string, string>;

export interface Resource {
  attributes: Attributes;
  /** service.name, deployment.environment(.name), service.version; empty when absent. */
  service: string;
  environment: string;
  release: string;
}

export interface Scope {
  name: string;
  version: string;
}

export interface SpanEvent {
  timeNs: bigint;
  name: string;
  attributes: Attributes;
}

export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

export interface Span {
  projectId: string;
  /** Lower-case hex, 32 digits. */
  traceId: string;
  /** Lower-case hex, 16 digits. */
  spanId: string;
  /** Empty for a root. */
  parentSpanId: string;
  name: string;
  /** `internal`, `server`, `client`, `producer`, `consumer` or `unspecified`. */
  kind: string;
  startNs: bigint;
  /** Never below startNs. */
  endNs: bigint;
  status: 'unset' | 'ok' | 'error';
  statusMessage: string;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  resource: Resource;
  scope: Scope;
  receivedAtMs: number;
  /** Reading notes of the decoder: `truncated`, `clock_skew`, `negative_duration`. */
  flags: string[];
}

export interface LogRecord {
  projectId: string;
  /** Hash of time, ids, event name, body and attributes: logs carry no id of their own. */
  logId: string;
  timeNs: bigint;
  /** Empty when the record belongs to no trace. */
  traceId: string;
  spanId: string;
  /** `eventName`, else attribute `event.name`, else empty. */
  eventName: string;
  severity: string;
  /** A string body as is, anything else as JSON, absent as empty. */
  body: string;
  attributes: Attributes;
  resource: Resource;
  scope: Scope;
  receivedAtMs: number;
}

export interface MetricPoint {
  projectId: string;
  name: string;
  unit: string;
  kind: 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';
  temporality: 'delta' | 'cumulative' | '';
  monotonic: boolean;
  timeNs: bigint;
  startNs: bigint;
  attributes: Attributes;
  resource: Resource;
  value: number | null;
  count: bigint | null;
  sum: number | null;
  min: number | null;
  max: number | null;
  bounds: number[];
  bucketCounts: bigint[];
}
