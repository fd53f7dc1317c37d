import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call, TraceDetail } from '#contract/trace.ts';
import { readScenarios, type Scenario } from '../support/captures.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { asUsd, handCostNanos } from '../support/hand-price.ts';
import { send, traceIds } from '../support/otlp-requests.ts';

const captures = fileURLToPath(new URL('../../../shared/captures', import.meta.url));
const scenarios = readScenarios();

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

let driftline: Driftline;
beforeAll(async () => {
  driftline = await startDriftline();
  for (const { bodies } of scenarios) for (const body of bodies) await send(driftline.otlpHttp, body);
});
afterAll(() => driftline.stop());

/** Calls of a scenario once all of its attempts are there. */
async function callsOf({ bodies, visible }: Scenario): Promise<Call[]> {
  const ids = [...new Set(bodies.filter(({ signal }) => signal === 'traces').flatMap(traceIds))];
  const ask = async () => {
    const traces = await Promise.all(ids.map(id => driftline.get<TraceDetail>(`/api/v1/traces/${id}`)));
    return traces.flatMap(({ calls }) => calls);
  };
  const complete = (calls: Call[]) =>
    calls.reduce((sum, { attempts }) => sum + attempts, 0) === visible.model_calls;
  return eventually(ask, complete, 20);
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

test.each(scenarios)('$name: every call costs its tokens at list price', async scenario => {
  const calls = await callsOf(scenario);
  const seen = calls.map(({ span_id, cost_usd }) => ({ span_id, cost_usd }));
  expect(seen).toEqual(calls.map(call => ({ span_id: call.span_id, cost_usd: byHand(call) })));
  for (const { cost_usd, cost_by_kind } of calls) {
    if (cost_usd === null) expect(cost_by_kind).toEqual({});
    else expect(asUsd(sumNanos(Object.values(cost_by_kind)))).toBe(cost_usd);
  }
});

// Where the client reported every token, the bill must be the provider's own.
const faithful = scenarios.filter(({ name }) => {
  const { provider_calls, visible_in_payload } = sidecarOf(name);
  const lost = visible_in_payload.differs_from_provider_truth.some(line =>
    /^(input|cached|cache_write|output|embed_in):/.test(line),
  );
  return !lost && provider_calls?.some(({ usage }) => usage);
});

test('enough captures report every token', () => {
  expect(faithful.length).toBeGreaterThanOrEqual(12);
});

test.each(faithful)('$name: the total is what the provider billed', async scenario => {
  const calls = await callsOf(scenario);
  const billed = sidecarOf(scenario.name).provider_calls!.reduce((sum, call) => sum + billNanos(call), 0n);
  expect(asUsd(sumNanos(calls.flatMap(({ cost_usd }) => cost_usd ?? [])))).toBe(asUsd(billed));
});

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
