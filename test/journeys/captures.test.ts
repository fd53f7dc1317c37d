import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, TraceDetail } from '#contract/trace.ts';
import { type CapturedBody, readScenarios, type Scenario } from '../support/captures.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { asUsd, handCostNanos } from '../support/hand-price.ts';
import { walSegments } from '../support/ledger.ts';
import { reencoded, send, splitByItem, traceIds } from '../support/otlp-requests.ts';

const captures = fileURLToPath(new URL('../../../shared/captures', import.meta.url));
const scenarios = readScenarios();

/** Ways the same telemetry can arrive; each must lead to the same ledger. */
const deliveries: Record<string, (bodies: CapturedBody[]) => CapturedBody[]> = {
  'as captured': bodies => bodies,
  'sent twice': bodies => [...bodies, ...bodies],
  'one request per span': bodies => bodies.flatMap(splitByItem),
  'in reverse order': bodies => bodies.flatMap(splitByItem).reverse(),
  'in the other encoding': bodies => bodies.map(reencoded),
};

interface Ledger {
  attempts: number;
  failed_attempts: number;
  duplicate_spans: number;
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  embedding_tokens: number;
  tool_spans: number;
}

interface ProviderCall {
  response_model?: string;
  usage: {
    input: number;
    output: number;
    cached_read?: number;
    cache_write?: number;
    input_includes_cached?: boolean;
  } | null;
}

interface Sidecar {
  provider_calls?: ProviderCall[];
  visible_in_payload: { differs_from_provider_truth: string[] };
}

// Where the client reported every token, the bill must be the provider's own.
const faithful = scenarios.filter(({ name }) => {
  const { provider_calls, visible_in_payload } = sidecarOf(name);
  const lost = visible_in_payload.differs_from_provider_truth.some(line =>
    /^(input|cached|cache_write|output|embed_in):/.test(line),
  );
  return !lost && provider_calls?.some(({ usage }) => usage);
});

describe.each(Object.keys(deliveries))('captures %s', delivery => {
  let driftline: Driftline;
  beforeAll(async () => {
    driftline = await startDriftline();
    for (const { bodies } of scenarios) {
      for (const body of deliveries[delivery]!(bodies)) await send(driftline.otlpHttp, body);
    }
    // Then all of it is stored and settled.
    await eventually(
      async () => walSegments(driftline.dataDir),
      segments => segments.length === 0,
    );
  });
  afterAll(() => driftline.stop());

  test.each(scenarios)('$name', async scenario => {
    expect(await ledger(driftline, scenario)).toEqual(truth(scenario));
  });

  // What is in the ledger is the same for each of them, so what it costs is looked at once.
  if (delivery === 'as captured') expectCosts(() => driftline);
});

function truth({ visible }: Scenario): Ledger {
  return {
    attempts: visible.model_calls,
    failed_attempts: visible.model_calls_failed,
    duplicate_spans: visible.model_spans_that_are_duplicates,
    input_tokens: visible.input_tokens_including_cache,
    cache_read_tokens: visible.cached_read_tokens,
    cache_write_tokens: visible.cache_write_tokens,
    output_tokens: visible.output_tokens,
    reasoning_tokens: visible.reasoning_tokens,
    embedding_tokens: visible.embedding_input_tokens,
    tool_spans: visible.tool_spans,
  };
}

/** What the running product says of a scenario, through its traces. */
async function ledger(driftline: Driftline, scenario: Scenario): Promise<Ledger> {
  const traces = await tracesOf(driftline, scenario);
  const calls = traces.flatMap(trace => trace.calls);
  const sum = (read: (call: Call) => number | null) =>
    calls.reduce((total, call) => total + (read(call) ?? 0), 0);
  return {
    attempts: sum(call => call.attempts),
    failed_attempts: sum(call => call.failed_attempts),
    duplicate_spans: sum(call => call.merged_from.length),
    input_tokens: sum(call => call.input_tokens),
    cache_read_tokens: sum(call => call.cache_read_tokens),
    cache_write_tokens: sum(call => call.cache_write_tokens),
    output_tokens: sum(call => call.output_tokens),
    reasoning_tokens: sum(call => call.reasoning_tokens),
    embedding_tokens: sum(call => call.embedding_tokens),
    tool_spans: traces.flatMap(trace => trace.spans).filter(span => span.role === 'tool').length,
  };
}

function expectCosts(driftline: () => Driftline): void {
  test.each(scenarios)('$name: every call costs its tokens at list price', async scenario => {
    const calls = await callsOf(driftline(), scenario);
    const seen = calls.map(({ span_id, cost_usd }) => ({ span_id, cost_usd }));
    expect(seen).toEqual(calls.map(call => ({ span_id: call.span_id, cost_usd: byHand(call) })));
    for (const { cost_usd, cost_by_kind } of calls) {
      if (cost_usd === null) expect(cost_by_kind).toEqual({});
      else expect(asUsd(sumNanos(Object.values(cost_by_kind)))).toBe(cost_usd);
    }
  });

  test('enough captures report every token', () => {
    expect(faithful.length).toBeGreaterThanOrEqual(12);
  });

  test.each(faithful)('$name: the total is what the provider billed', async scenario => {
    const calls = await callsOf(driftline(), scenario);
    const billed = sidecarOf(scenario.name).provider_calls!.reduce((sum, call) => sum + billNanos(call), 0n);
    expect(asUsd(sumNanos(calls.flatMap(({ cost_usd }) => cost_usd ?? [])))).toBe(asUsd(billed));
  });
}

/** The traces of a scenario, as the running product shows them. */
function tracesOf(driftline: Driftline, { bodies }: Scenario): Promise<TraceDetail[]> {
  const ids = new Set(bodies.filter(({ signal }) => signal === 'traces').flatMap(traceIds));
  return Promise.all([...ids].map(id => driftline.get<TraceDetail>(`/api/v1/traces/${id}`)));
}

/** The calls of a scenario, all of whose attempts must be there. */
async function callsOf(driftline: Driftline, scenario: Scenario): Promise<Call[]> {
  const calls = (await tracesOf(driftline, scenario)).flatMap(trace => trace.calls);
  expect(calls.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(scenario.visible.model_calls);
  return calls;
}

/** What a call costs by its own tokens; null when nothing it reports can be priced. */
function byHand(call: Call): string | null {
  const input = call.input_tokens ?? call.embedding_tokens;
  if (input === null && call.output_tokens === null) return null;
  const usage = {
    model: call.response_model || call.request_model,
    input: input ?? 0,
    cacheRead: call.cache_read_tokens ?? 0,
    cacheWrite: call.cache_write_tokens ?? 0,
    output: call.output_tokens ?? 0,
  };
  return asUsd(handCostNanos(usage));
}

function billNanos({ usage, response_model: model }: ProviderCall): bigint {
  if (!usage || !model) return 0n;
  const { cached_read: cacheRead = 0, cache_write: cacheWrite = 0, output } = usage;
  const apart = usage.input_includes_cached === false ? cacheRead + cacheWrite : 0;
  return handCostNanos({ model, input: usage.input + apart, cacheRead, cacheWrite, output });
}

function sidecarOf(name: string): Sidecar {
  const [client, scenario] = name.split('/') as [string, string];
  const file = readdirSync(join(captures, client)).find(
    entry => entry.startsWith(`${scenario}.traces`) && entry.endsWith('.meta.json'),
  );
  return JSON.parse(readFileSync(join(captures, client, file!), 'utf8')) as Sidecar;
}

function sumNanos(usd: string[]): bigint {
  return usd.reduce((sum, text) => sum + BigInt(text.replace('.', '')), 0n);
}
