import type { Attributes, LogRecord, Span } from '../telemetry.ts';
import type { Content } from './facts.ts';

/** The messages a span carries, in the shape of the GenAI conventions; null when it carries none. */
export function spanContent(_span: Span): Content | null {
  return null;
}

/** The messages a log record carries; null when it carries none. */
export function logContent(_log: LogRecord): Content | null {
  return null;
}

/** The attributes that are not prompt, answer, tool argument, tool result or retrieval query. */
export function withoutContent(attributes: Attributes): Attributes {
  return attributes;
}

/** The span as if its sender had switched content capture off. */
export function stripContent(span: Span): Span {
  return span;
}

/** The log record as if its sender had switched content capture off. */
export function stripLogContent(log: LogRecord): LogRecord {
  return log;
}
