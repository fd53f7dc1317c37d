import type { CapturedBody } from './captures.ts';

type Value = string | number | boolean;

export interface GeneratedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startMs: number;
  durationMs: number;
  attributes?: Record<string, Value>;
  error?: string;
}

/** An OTLP/JSON span; integers as strings, as the protocol says. */
export function otlpSpan(span: GeneratedSpan): Record<string, unknown> {
  const nanos = (ms: number) => (BigInt(Math.round(ms * 1000)) * 1000n).toString();
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: 3,
    startTimeUnixNano: nanos(span.startMs),
    endTimeUnixNano: nanos(span.startMs + span.durationMs),
    attributes: keyValues(span.attributes ?? {}),
    ...(span.error && { status: { code: 2, message: span.error } }),
  };
}

export function keyValues(attributes: Record<string, Value>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Value) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** One export request of one service. */
export function traceRequest(spans: unknown[], service = 'generated'): Record<string, unknown> {
  const resource = {
    attributes: keyValues({ 'service.name': service, 'deployment.environment.name': 'production' }),
  };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'generated' }, spans }] }] };
}

export function jsonBody(file: string, request: Record<string, unknown>): CapturedBody {
  return { signal: 'traces', encoding: 'json', file, body: Buffer.from(JSON.stringify(request)) };
}

/** A chat span after the GenAI conventions with a small, fixed usage. */
export function chatSpan(
  traceId: string,
  spanId: string,
  feature: string,
  attributes: Record<string, Value> = {},
): GeneratedSpan {
  return {
    traceId,
    spanId,
    name: 'chat gpt-4o-mini',
    startMs: Date.now() - 5_000,
    durationMs: 800,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'app.feature': feature,
      ...attributes,
    },
  };
}
