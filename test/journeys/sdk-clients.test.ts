import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message, TraceDetail, TraceSummary } from '#contract/trace.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { type FakeModelServer, startFakeModelServer } from '../support/fake-model-server.ts';
import { asUsd, handCostNanos } from '../support/hand-price.ts';
import { type Figures, featureFigures } from '../support/measures.ts';
import { runApp } from '../support/run-app.ts';

let driftline: Driftline;
beforeAll(async () => {
  driftline = await startDriftline();
});
afterAll(() => driftline.stop());

const exporter = { OTEL_LOGS_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'none' };

/** The figures once they are as expected, or whatever they are after 20 s. */
async function settled(feature: string, expected: Figures): Promise<Figures | null> {
  const ask = () => featureFigures(driftline, feature, Object.keys(expected));
  const same = (seen: Figures | null) =>
    Object.entries(expected).every(([measure, value]) => seen?.[measure] === value);
  return eventually(ask, same).catch(ask);
}

async function tracesOf(feature: string): Promise<TraceDetail[]> {
  const { traces } = await driftline.get<{ traces: TraceSummary[] }>(
    `/api/v1/traces?where=feature:${feature}`,
  );
  return Promise.all(traces.map(({ trace_id }) => driftline.get<TraceDetail>(`/api/v1/traces/${trace_id}`)));
}

function textOf(messages: Message[] | undefined): string {
  return (messages ?? []).flatMap(({ parts }) => parts.map(part => part.content)).join('\n');
}

describe('OpenTelemetry SDK', () => {
  const protocols = {
    'http/protobuf': () => driftline.otlpHttp,
    'http/json': () => driftline.otlpHttp,
    grpc: () => `http://${driftline.otlpGrpc}`,
  };

  test.each(Object.entries(protocols))('over %s', async (protocol, endpoint) => {
    const feature = `checkout-help-${protocol.replace('/', '-')}`;
    const { traceId } = await runApp<{ traceId: string }>('genai-conventions.js', {
      ...exporter,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(),
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging,service.version=2.3.1',
      APP_FEATURE: feature,
    });
    const cost =
      handCostNanos({ model: 'gpt-5-mini', input: 1200, cacheRead: 1024, output: 300 }) +
      handCostNanos({ model: 'text-embedding-3-small', input: 12 });
    const expected = {
      calls: 4,
      failed_calls: 1,
      attempts: 4,
      failed_attempts: 1,
      input_tokens: 1200,
      cache_read_tokens: 1024,
      cache_write_tokens: null,
      output_tokens: 300,
      reasoning_tokens: 192,
      embedding_tokens: 12,
      cost_usd: asUsd(cost),
      tool_calls: 1,
      users: 1,
      sessions: 1,
      // The judge gave 0, which is a score; the other judgement is a label without a number.
      'score:helpfulness': 0,
      'scored:helpfulness': 1,
      'score:tone': null,
    };
    expect(await settled(feature, expected)).toMatchObject(expected);

    const trace = await driftline.get<TraceDetail>(`/api/v1/traces/${traceId}`);
    expect(trace.spans).toHaveLength(6);
    expect(trace.summary).toMatchObject({
      service: 'shop',
      environment: 'staging',
      feature,
      tenant: 'nordwind',
    });
    const streamed = trace.calls.find(call => call.response_id === `resp-${feature}-1`)!;
    expect(streamed).toMatchObject({
      ttft_ms: 250,
      streaming: true,
      user: 'u-17',
      session: 's-99',
      prompt: 'checkout-help v3',
      provider: 'openai',
      finish_reason: 'stop',
    });
    expect(textOf(trace.contents[streamed.span_id]?.input)).toBe('Où est ma commande ? 📦');
    expect(textOf(trace.contents[streamed.span_id]?.output)).toBe('Elle arrive demain.');
    const silent = trace.calls.find(call => call.response_id === `resp-${feature}-2`)!;
    expect(silent).toMatchObject({ input_tokens: null, output_tokens: null, cost_usd: null, failed: false });
    const failed = trace.calls.find(call => call.failed)!;
    expect(failed).toMatchObject({ error_type: '429', error_message: 'rate limit reached', cost_usd: null });
    expect(trace.scores.map(({ name, value, label }) => ({ name, value, label }))).toEqual(
      expect.arrayContaining([
        { name: 'helpfulness', value: 0, label: '' },
        { name: 'tone', value: null, label: 'friendly' },
      ]),
    );
  });
});

describe('Vercel AI SDK', () => {
  let model: FakeModelServer;
  let printed: { answer: string; streamed: string; thought: string; steps: number };
  beforeAll(async () => {
    model = await startFakeModelServer();
    printed = await runApp('vercel-ai.js', {
      ...exporter,
      MODEL_URL: model.baseUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_ENDPOINT: driftline.otlpHttp,
      OTEL_SERVICE_NAME: 'weather',
    });
  });
  afterAll(() => model?.stop());

  const from = { users: 1, sessions: 1 };

  /** Tokens and cost the model server itself logged for requests number `first` to `last`. */
  function billed(first: number, last = first): Figures {
    const calls = model.calls.slice(first, last + 1).filter(({ status }) => status === 200);
    const sum = (read: (call: (typeof calls)[number]) => number) =>
      calls.reduce((total, call) => total + read(call), 0);
    const cost = calls.reduce(
      (total, { model: name, input, cached, output }) =>
        total + handCostNanos({ model: name, input, cacheRead: cached, output }),
      0n,
    );
    return {
      input_tokens: sum(call => call.input),
      cache_read_tokens: sum(call => call.cached),
      output_tokens: sum(call => call.output),
      reasoning_tokens: sum(call => call.reasoning),
      cost_usd: asUsd(cost),
    };
  }

  test('the application got its answers', () => {
    const text = 'It is 21 °C in Oslo – sunny.';
    expect(printed).toEqual({ answer: text, streamed: text, thought: text, steps: 2 });
    expect(model.calls.map(({ status }) => status)).toEqual([500, 200, 200, 200, 200, 200, 400, 200]);
  });

  test('a retried request is one call of two attempts', async () => {
    const expected = {
      calls: 1,
      failed_calls: 0,
      attempts: 2,
      failed_attempts: 1,
      ...billed(0, 1),
      ...from,
    };
    expect(await settled('answer-question', expected)).toMatchObject(expected);
    const [trace] = await tracesOf('answer-question');
    const [call] = trace!.calls;
    expect(call).toMatchObject({
      user: 'user-4711',
      session: 'sess-1',
      tenant: 'acme-gmbh',
      feature: 'answer-question',
      model: 'gpt-4o-mini',
    });
    expect(textOf(trace!.contents[call!.span_id]?.input)).toContain('How warm is Oslo? (flaky line)');
    expect(textOf(trace!.contents[call!.span_id]?.output)).toContain('21 °C');
  });

  test.each([
    ['stream-chat', 2],
    ['stream-response', 3],
  ])('%s has its time to first token', async (feature, request) => {
    const expected = { calls: 1, failed_calls: 0, attempts: 1, ...billed(request), ...from };
    expect(await settled(feature, expected)).toMatchObject(expected);
    const [trace] = await tracesOf(feature);
    const [call] = trace!.calls;
    expect(call).toMatchObject({ streaming: true, failed: false });
    expect(call!.ttft_ms).toBeGreaterThan(0);
    expect(call!.ttft_ms).toBeLessThanOrEqual(call!.duration_ms);
    expect(textOf(trace!.contents[call!.span_id]?.output)).toContain('21 °C');
  });

  test('an agent: two steps are two calls, its tool one tool call', async () => {
    const expected = {
      calls: 2,
      failed_calls: 0,
      attempts: 2,
      tool_calls: 1,
      failed_tool_calls: 0,
      ...billed(4, 5),
      ...from,
    };
    expect(await settled('weather-agent', expected)).toMatchObject(expected);
    const [trace] = await tracesOf('weather-agent');
    const requested = trace!.calls.map(({ tool_calls_requested }) => tool_calls_requested ?? 0);
    expect(requested.reduce((one, other) => one + other, 0)).toBe(1);
    expect(trace!.spans.filter(({ role }) => role === 'tool')).toHaveLength(1);
  });

  test('a refused request is one failed call without tokens or cost', async () => {
    const expected = {
      calls: 1,
      failed_calls: 1,
      attempts: 1,
      input_tokens: null,
      output_tokens: null,
      cost_usd: null,
    };
    expect(await settled('refused-question', expected)).toMatchObject(expected);
  });

  test('an embedding', async () => {
    const { input_tokens, cost_usd } = billed(7);
    const expected = {
      calls: 1,
      failed_calls: 0,
      embedding_tokens: input_tokens!,
      input_tokens: null,
      output_tokens: null,
      cost_usd: cost_usd!,
    };
    expect(await settled('search-index', expected)).toMatchObject(expected);
  });
});

interface LangfusePrinted {
  traceId: string;
  spanId: string;
  projects: { data: { id: string }[] };
  health: { status: string };
}

test('an application of Langfuse switches by its base URL and keys', async () => {
  const feature = 'greeting';
  const { traceId, spanId, projects, health } = await runApp<LangfusePrinted>('langfuse.js', {
    LANGFUSE_BASE_URL: driftline.otlpHttp,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-anything',
    LANGFUSE_SECRET_KEY: 'sk-lf-anything',
    APP_FEATURE: feature,
  });
  expect(projects.data).toMatchObject([{ id: 'default' }]);
  expect(health.status).toBe('OK');

  const asked = ['calls', 'score:helpfulness', 'score:review', 'score:grounded', 'score:tone'];
  const figures = await eventually(
    () => featureFigures(driftline, feature, asked),
    seen => seen?.['score:review'] === 0.9 && seen['score:grounded'] === 1 && seen['score:helpfulness'] === 0,
  );
  expect(figures).toMatchObject({ calls: 1, 'score:tone': null });

  const trace = await driftline.get<TraceDetail>(`/api/v1/traces/${traceId}`);
  expect(trace.calls).toMatchObject([{ span_id: spanId, user: 'u-1', session: 's-1', input_tokens: 12 }]);
  const scores = trace.scores.map(({ name, value, label, target, span_id }) => ({
    name,
    value,
    label,
    target,
    span_id,
  }));
  expect(scores).toHaveLength(5);
  expect(scores).toEqual(
    expect.arrayContaining([
      { name: 'helpfulness', value: 0, label: '', target: 'span', span_id: spanId },
      { name: 'review', value: 0.9, label: '', target: 'span', span_id: spanId },
      { name: 'tone', value: null, label: 'friendly', target: 'trace', span_id: '' },
      { name: 'grounded', value: 1, label: 'true', target: 'trace', span_id: '' },
      { name: 'resolved', value: 1, label: '', target: 'session', span_id: '' },
    ]),
  );
  expect(trace.scores.find(({ name }) => name === 'helpfulness')!.explanation).toBe('did not help');
});
