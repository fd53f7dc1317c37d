import type { LogRecord, MetricPoint, Span } from '../telemetry.ts';
import { jsonToProtobuf } from './json.ts';
import { readLogs } from './logs.ts';
import { readMetrics } from './metrics.ts';
import type { Signal } from './proto.ts';
import { allSteps, type DecodeContext, type Rejection } from './request.ts';
import { readTraces } from './traces.ts';

export type Encoding = 'protobuf' | 'json';

/** The body as protobuf; throws MalformedBody when a JSON body does not fit the protocol. */
export function toProtobuf(signal: Signal, body: Uint8Array, encoding: Encoding): Uint8Array {
  return encoding === 'json' ? jsonToProtobuf(signal, body) : body;
}

/** Spans of an ExportTraceServiceRequest, and what was refused one by one. Throws MalformedBody for anything else. */
export function decodeTraces(
  body: Uint8Array,
  encoding: Encoding,
  ctx: DecodeContext,
): { spans: Span[]; rejected: Rejection[] } {
  const { spans, rejected } = allSteps(readTraces(toProtobuf('traces', body, encoding), ctx));
  return { spans, rejected };
}

/** Records of an ExportLogsServiceRequest; see decodeTraces. */
export function decodeLogs(
  body: Uint8Array,
  encoding: Encoding,
  ctx: DecodeContext,
): { logs: LogRecord[]; rejected: Rejection[] } {
  const { logs, rejected } = readLogs(toProtobuf('logs', body, encoding), ctx);
  return { logs, rejected };
}

/** Data points of an ExportMetricsServiceRequest; see decodeTraces. */
export function decodeMetrics(
  body: Uint8Array,
  encoding: Encoding,
  ctx: DecodeContext,
): { points: MetricPoint[]; rejected: Rejection[] } {
  return readMetrics(toProtobuf('metrics', body, encoding), ctx);
}
