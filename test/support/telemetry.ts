import type { SpanFacts } from '#collector/request/facts.ts';
import type { LogRecord, Span } from '#collector/telemetry.ts';

const resource = {
  attributes: { 'service.name': 'support-bot' },
  service: 'support-bot',
  environment: 'production',
  release: '2.3.1',
};

/** A decoded span of one second, with only what a test is about. */
export function aSpan(over: Partial<Span> = {}): Span {
  return {
    projectId: 'default',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: '',
    name: 'chat gpt-4o-mini',
    kind: 'client',
    startNs: 1_000_000_000n,
    endNs: 2_000_000_000n,
    status: 'unset',
    statusMessage: '',
    attributes: {},
    events: [],
    links: [],
    resource,
    scope: { name: 'acme', version: '1.0.0' },
    receivedAtMs: 3_000,
    flags: [],
    ...over,
  };
}

/** A decoded log record, with only what a test is about. */
export function aLog(over: Partial<LogRecord> = {}): LogRecord {
  return {
    projectId: 'default',
    logId: 'log-1',
    timeNs: 2_000_000_000n,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    eventName: '',
    severity: '',
    body: '',
    attributes: {},
    resource,
    scope: { name: 'acme', version: '1.0.0' },
    receivedAtMs: 3_000,
    ...over,
  };
}

/** Facts of a successful model call of one second; `from` and `to` are seconds and win over startNs and endNs. */
export function someFacts(over: Partial<SpanFacts> & { from?: number; to?: number } = {}): SpanFacts {
  const { from, to, ...rest } = over;
  const startNs = from === undefined ? (rest.startNs ?? 1_000_000_000n) : nanos(from);
  const isCall = rest.role === undefined || rest.role === 'model_call';
  return {
    traceId: 'trace-1',
    spanId: 'span-1',
    parentSpanId: '',
    name: 'chat',
    dialect: 'gen_ai',
    role: 'model_call',
    scopeName: 'acme',
    scopeVersion: '1.0.0',
    service: 'support-bot',
    environment: 'production',
    release: '2.3.1',
    resourceKey: 'process-1',
    ...(isCall ? { operation: 'chat', requestModel: 'gpt-4o-mini' } : {}),
    ...rest,
    startNs,
    endNs: to === undefined ? (from === undefined && rest.endNs) || startNs + 1_000_000_000n : nanos(to),
  };
}

function nanos(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1000)) * 1_000_000n;
}
