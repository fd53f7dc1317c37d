import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, TraceDetail } from '#contract/trace.ts';
import { type CapturedBody, readScenarios, type Scenario } from '../support/captures.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { reencoded, send, splitByItem, traceIds } from '../support/otlp-requests.ts';

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

describe.each(Object.keys(deliveries))('captures %s', delivery => {
  let driftline: Driftline;
  beforeAll(async () => {
    driftline = await startDriftline();
    for (const { bodies } of scenarios) {
      for (const body of deliveries[delivery]!(bodies)) await send(driftline.otlpHttp, body);
    }
  });
  afterAll(() => driftline.stop());

  test.each(scenarios)('$name', async scenario => {
    const expected = truth(scenario);
    const seen = await eventually(
      () => ledger(driftline, scenario),
      answer => JSON.stringify(answer) === JSON.stringify(expected),
      20,
    ).catch(() => ledger(driftline, scenario));
    expect(seen).toEqual(expected);
  });
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
  const ids = new Set(scenario.bodies.filter(({ signal }) => signal === 'traces').flatMap(traceIds));
  const traces = await Promise.all([...ids].map(id => driftline.get<TraceDetail>(`/api/v1/traces/${id}`)));
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
