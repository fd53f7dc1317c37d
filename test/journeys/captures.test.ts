import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCollector } from '#collector/run.ts';
import type { Collector } from '#collector/start.ts';
import type { Call, TraceDetail } from '#contract/trace.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { type CapturedBody, readScenarios, type Scenario } from '../support/captures.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { quietLog, startTestEngine, type TestEngine } from '../support/engine.ts';
import { asUsd, handCostNanos } from '../support/hand-price.ts';
import { walSegments } from '../support/ledger.ts';
import { reencoded, send, splitByItem, traceIds } from '../support/otlp-requests.ts';

const captures = fileURLToPath(new URL('../../../shared/captures', import.meta.url));
const scenarios = readScenarios();

/** Other ways the same telemetry can arrive; each must lead to the same ledger. */
const deliveries: Record<string, (bodies: CapturedBody[]) => CapturedBody[]> = {
  'sent twice': bodies => [...bodies, ...bodies],
  'one request per span': bodies => bodies.flatMap(splitByItem),
  'in reverse order': bodies => bodies.flatMap(splitByItem).reverse(),
  'in the other encoding': bodies => bodies.map(reencoded),
};

const columns = [
  'attempts',
  'failed_attempts',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'embedding_tokens',
] as const;

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

test('enough captures report every token', () => {
  expect(faithful.length).toBeGreaterThanOrEqual(12);
});

describe('captures as captured', () => {
  let driftline: Driftline;
  /** Each trace is read once: what is asked of it below is asked of the same answer. */
  const traces = new Map<string, Promise<TraceDetail[]>>();
  beforeAll(async () => {
    driftline = await startDriftline();
    for (const { bodies } of scenarios) for (const body of bodies) await send(driftline.otlpHttp, body);
    await settled(driftline.dataDir);
  });
  afterAll(() => driftline.stop());

  function tracesOf(scenario: Scenario): Promise<TraceDetail[]> {
    const read = traces.get(scenario.name) ?? readTraces(driftline, scenario);
    traces.set(scenario.name, read);
    return read;
  }

  /** The calls of a scenario, all of whose attempts must be there. */
  async function callsOf(scenario: Scenario): Promise<Call[]> {
    const calls = (await tracesOf(scenario)).flatMap(trace => trace.calls);
    expect(calls.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(scenario.visible.model_calls);
    return calls;
  }

  test.each(scenarios)('$name', async scenario => {
    expect(shown(await tracesOf(scenario))).toEqual(truth(scenario));
  });

  test.each(scenarios)('$name: every call costs its tokens at list price', async scenario => {
    const calls = await callsOf(scenario);
    const seen = calls.map(({ span_id, cost_usd }) => ({ span_id, cost_usd }));
    expect(seen).toEqual(calls.map(call => ({ span_id: call.span_id, cost_usd: byHand(call) })));
    for (const { cost_usd, cost_by_kind } of calls) {
      if (cost_usd === null) expect(cost_by_kind).toEqual({});
      else expect(asUsd(sumNanos(Object.values(cost_by_kind)))).toBe(cost_usd);
    }
  });

  test.each(faithful)('$name: the total is what the provider billed', async scenario => {
    const calls = await callsOf(scenario);
    const billed = sidecarOf(scenario.name).provider_calls!.reduce((sum, call) => sum + billNanos(call), 0n);
    expect(asUsd(sumNanos(calls.flatMap(({ cost_usd }) => cost_usd ?? [])))).toBe(asUsd(billed));
  });
});

// Collectors of their own, each with a project, over one engine: what they store is what counts.
describe('captures', () => {
  let engine: TestEngine;
  let state: StateDb;
  const folders: string[] = [];
  const folder = () => {
    folders.push(mkdtempSync(join(tmpdir(), 'driftline-captures-')));
    return folders.at(-1)!;
  };
  beforeAll(async () => {
    engine = await startTestEngine();
    state = await openState({ dataDir: folder() });
  });
  afterAll(async () => {
    await state?.destroy();
    await engine?.stop();
    for (const dataDir of folders) rmSync(dataDir, { recursive: true, force: true });
  });

  describe.each(Object.keys(deliveries))('%s', delivery => {
    let collector: Collector;
    let stored: Map<string, Ledger>;
    beforeAll(async () => {
      const dataDir = folder();
      collector = await runCollector({
        dataDir,
        host: '127.0.0.1',
        httpPort: 0,
        grpcPort: 0,
        storing: { clickhouse: engine.clickhouse },
        state,
        privacy: { captureContent: 'on', isLoopback: true },
        authorize: () => ({ projectId: delivery, keyId: null }),
        log: quietLog,
      });
      for (const { bodies } of scenarios) {
        for (const body of deliveries[delivery]!(bodies)) await send(collector.httpUrl, body);
      }
      await settled(dataDir);
      stored = await readStored(engine.clickhouse, delivery);
    });
    afterAll(() => collector?.stop());

    test.each(scenarios)('$name', scenario => {
      expect(storedOf(scenario, stored)).toEqual(truth(scenario));
    });
  });
});

/** Then all of it is stored and settled. */
async function settled(dataDir: string): Promise<void> {
  await eventually(
    async () => walSegments(dataDir),
    segments => segments.length === 0,
  );
}

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
function shown(traces: readonly TraceDetail[]): Ledger {
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

/** The traces of a scenario, as the running product shows them. */
function readTraces(driftline: Driftline, scenario: Scenario): Promise<TraceDetail[]> {
  return Promise.all(tracesIn(scenario).map(id => driftline.get<TraceDetail>(`/api/v1/traces/${id}`)));
}

const tracesIn = ({ bodies }: Scenario): string[] => [
  ...new Set(bodies.filter(({ signal }) => signal === 'traces').flatMap(traceIds)),
];

/** What a project's tables hold of each trace, as whoever reads them sees it. */
async function readStored(clickhouse: ClickHouse, projectId: string): Promise<Map<string, Ledger>> {
  const sums = columns.map(name => `sum(ifNull(${name}, 0)) AS sum_${name}`).join(', ');
  const rows = await clickhouse.query<Record<string, string>>(
    `SELECT trace_id, sum(duplicates) AS sum_duplicate_spans, sum(tools) AS sum_tool_spans, ${sums}
     FROM (
       SELECT trace_id, ${columns.join(', ')}, length(merged_from) AS duplicates, 0 AS tools
       FROM calls FINAL WHERE project_id = {project:String}
       UNION ALL
       SELECT trace_id, ${columns.map(() => '0').join(', ')}, 0, 1
       FROM spans FINAL WHERE project_id = {project:String} AND role = 'tool'
     )
     GROUP BY trace_id`,
    { project: projectId },
  );
  return new Map(
    rows.map(({ trace_id, ...row }) => [
      trace_id!,
      Object.fromEntries(
        [...columns, 'duplicate_spans', 'tool_spans'].map(name => [name, Number(row[`sum_${name}`])]),
      ) as unknown as Ledger,
    ]),
  );
}

function storedOf(scenario: Scenario, stored: Map<string, Ledger>): Ledger {
  const found = tracesIn(scenario).map(id => stored.get(id));
  const names = Object.keys(truth(scenario)) as (keyof Ledger)[];
  const sum = (name: keyof Ledger) => found.reduce((total, trace) => total + (trace?.[name] ?? 0), 0);
  return Object.fromEntries(names.map(name => [name, sum(name)])) as unknown as Ledger;
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
