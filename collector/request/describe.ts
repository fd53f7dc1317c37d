import type { LogRecord, Span } from '../telemetry.ts';
import type { LogFacts, SpanFacts } from './facts.ts';

/** What one span says in our words, read without looking at any other. */
export function describeSpan(span: Span): SpanFacts {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    startNs: span.startNs,
    endNs: span.endNs,
    name: span.name,
    dialect: '',
    role: '',
    scopeName: span.scope.name,
    scopeVersion: span.scope.version,
    service: span.resource.service,
    environment: span.resource.environment,
    release: span.resource.release,
    resourceKey: '',
  };
}

/** What a log record adds to a span, or null when it has nothing to do with GenAI. */
export function describeLog(log: LogRecord): LogFacts | null {
  if (!log.eventName.startsWith('gen_ai.')) return null;
  return {
    logId: log.logId,
    timeNs: log.timeNs,
    traceId: log.traceId,
    spanId: log.spanId,
    eventName: log.eventName,
  };
}
