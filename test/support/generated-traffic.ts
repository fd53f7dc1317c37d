import type { CapturedBody } from './captures.ts';
import { chatSpan, type GeneratedSpan, jsonBody, otlpSpan, traceRequest } from './generated-spans.ts';
import type { Seeded } from './seeded.ts';

const FEATURES = ['support-bot', 'search', 'summary', 'code-review'];
const MODELS = ['gpt-4o-mini', 'gpt-5-mini', 'claude-sonnet-4-5'];
const SPANS_A_REQUEST = 20;

const DAY_MS = 86_400_000;

/**
 * Traces of a request span, an agent span and one to four chat calls, cut into requests so that the parts of a trace
 * arrive in different ones and mostly children first. They began in the last hour, or that hour of the `days` last days.
 */
export function generateTraffic(random: Seeded, traces: number, nowMs: number, days = 1): CapturedBody[] {
  const dayStart = () => (days === 1 ? nowMs : nowMs - random.integer(days) * DAY_MS);
  const spans = Array.from({ length: traces }, () => generateTrace(random, dayStart())).flat();
  // Neighbours change places, so a parent is up to a few requests away from its children.
  const order = spans.map((span, index) => ({ span, key: index + random.between(0, 3 * SPANS_A_REQUEST) }));
  const mixed = order.sort((one, other) => one.key - other.key).map(({ span }) => otlpSpan(span));
  const requests: CapturedBody[] = [];
  for (let from = 0; from < mixed.length; from += SPANS_A_REQUEST) {
    const part = mixed.slice(from, from + SPANS_A_REQUEST);
    requests.push(jsonBody(`generated request ${requests.length}`, traceRequest(part)));
  }
  return requests;
}

function generateTrace(random: Seeded, nowMs: number): GeneratedSpan[] {
  const traceId = random.hex(16);
  const [rootId, agentId] = [random.hex(8), random.hex(8)];
  const feature = random.pick(FEATURES);
  const startMs = nowMs - 3_600_000 + random.integer(3_000_000);
  const calls = Array.from({ length: 1 + random.integer(4) }, (_, index): GeneratedSpan => {
    const model = random.pick(MODELS);
    const input = 200 + random.integer(4_000);
    const failed = random.next() < 0.1;
    const usage = {
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.cache_read.input_tokens': random.integer(input),
      'gen_ai.usage.output_tokens': 10 + random.integer(900),
    };
    const span = chatSpan(traceId, random.hex(8), feature);
    return {
      ...span,
      name: `chat ${model}`,
      parentSpanId: agentId,
      startMs: startMs + 1_000 * index,
      durationMs: 300 + random.integer(600),
      // The feature comes from the request span: it is inherited, whenever that arrives.
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': model.startsWith('claude') ? 'anthropic' : 'openai',
        'gen_ai.request.model': model,
        ...(failed ? { 'error.type': '503' } : usage),
      },
      ...(failed && { error: 'overloaded' }),
    };
  });
  const durationMs = 1_000 * calls.length;
  const request = { 'app.feature': feature, 'user.id': `user-${random.integer(50)}`, 'tenant.id': 'acme' };
  return [
    ...calls,
    { traceId, spanId: agentId, parentSpanId: rootId, name: 'plan', startMs, durationMs },
    { traceId, spanId: rootId, name: 'POST /ask', startMs, durationMs, attributes: request },
  ];
}
