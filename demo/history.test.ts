import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeLogs, decodeTraces } from '#collector/otlp/decode.ts';
import type { LogRecord, Span } from '#collector/telemetry.ts';
import { type DemoOptions, runDemo } from './start.ts';

const nowMs = Date.UTC(2026, 10, 21, 2, 7);
const DAY_MS = 86_400_000;
const context = { projectId: 'default', receivedAtMs: nowMs, retentionDays: 90 };

/** What an OTLP receiver was sent, decoded by the product's own decoder. */
class Receiver {
  spans: Span[] = [];
  logs: LogRecord[] = [];
  requests = 0;
  keys = new Set<string | undefined>();
  /** Answers the n-th request with this status. */
  answer: (request: number) => number = () => 200;
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests += 1;
      const status = this.answer(this.requests);
      this.keys.add(request.headers.authorization);
      if (status === 200) this.#take(String(request.url), Buffer.concat(chunks));
      response.writeHead(status, { 'content-type': 'application/x-protobuf', 'retry-after': '1' }).end();
    });
  });

  #take(path: string, body: Buffer): void {
    if (path === '/v1/traces') this.spans.push(...decodeTraces(body, 'protobuf', context).spans);
    if (path === '/v1/logs') this.logs.push(...decodeLogs(body, 'protobuf', context).logs);
  }

  async start(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

async function receive(options: Partial<DemoOptions> = {}, receiver = new Receiver()) {
  const otlpHttpUrl = await receiver.start();
  const progress: number[] = [];
  try {
    const result = await runDemo({
      otlpHttpUrl,
      plant: true,
      historyDays: 3,
      seed: 'test',
      nowMs,
      tracesPerSecond: 0,
      log: () => {},
      onProgress: fraction => progress.push(fraction),
      signal: new AbortController().signal,
      ...options,
    });
    return { receiver, result, progress };
  } finally {
    receiver.stop();
  }
}

let planted: Awaited<ReturnType<typeof receive>>;
let unplanted: Awaited<ReturnType<typeof receive>>;

beforeAll(async () => {
  planted = await receive({ key: 'ingest-key' });
  unplanted = await receive({ plant: false });
});
afterAll(() => planted?.receiver.stop());

const essence = ({ traceId, spanId, parentSpanId, name, startNs, endNs, attributes }: Span) =>
  JSON.stringify([traceId, spanId, parentSpanId, name, String(startNs), String(endNs), attributes]);
const sorted = (list: string[]) => [...list].sort();
const rootsOf = (spans: Span[]) => spans.filter(span => span.parentSpanId === '');
const chats = (spans: Span[]) => spans.filter(span => span.attributes['gen_ai.operation.name'] === 'chat');
const promptOf = (span: Span) => span.attributes['gen_ai.prompt.version'];
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('all of it arrives, once, with progress up to the end', () => {
  const { receiver, result, progress } = planted;
  expect(receiver.spans).toHaveLength(result.spans);
  expect(receiver.logs).toHaveLength(result.scores);
  expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(result.spans);
  expect(rootsOf(receiver.spans)).toHaveLength(result.traces);
  expect(result.traces).toBeGreaterThan(1000);
  expect(progress.at(-1)).toBe(1);
  expect(sorted(progress.map(String))).toEqual(progress.map(String).sort());
  expect([...receiver.keys]).toEqual(['Bearer ingest-key']);
});

test('the same seed and moment give the same spans; another seed does not', async () => {
  const again = await receive();
  expect(sorted(again.receiver.spans.map(essence))).toEqual(sorted(planted.receiver.spans.map(essence)));
  const other = await receive({ seed: 'other', historyDays: 1 });
  const known = new Set(planted.receiver.spans.map(({ traceId }) => traceId));
  expect(other.receiver.spans.some(({ traceId }) => known.has(traceId))).toBe(false);
});

test('everything is labelled as demo traffic', () => {
  for (const { resource } of [...planted.receiver.spans, ...planted.receiver.logs]) {
    expect(resource.service).toMatch(/^demo-/);
    expect(resource.attributes['driftline.demo']).toBe('true');
    expect(['production', 'staging']).toContain(resource.environment);
    expect(resource.release).not.toBe('');
  }
});

test('time is that of the history: nothing outside it, children inside their parents', () => {
  const { spans, logs } = planted.receiver;
  const byId = new Map(spans.map(span => [span.spanId, span]));
  for (const span of spans) {
    expect(span.startNs).toBeGreaterThanOrEqual(BigInt(nowMs - 3 * DAY_MS) * 1_000_000n);
    expect(span.endNs).toBeLessThan(BigInt(nowMs) * 1_000_000n);
    const parent = byId.get(span.parentSpanId);
    if (!parent) continue;
    expect(span.traceId).toBe(parent.traceId);
    expect(span.startNs).toBeGreaterThanOrEqual(parent.startNs);
    expect(span.endNs).toBeLessThanOrEqual(parent.endNs);
  }
  for (const { timeNs, spanId } of logs) expect(timeNs).toBeGreaterThan(byId.get(spanId)!.endNs - 1_000n);
});

test('a trace is an agent or workflow with retrieval, calls and tools below it', () => {
  const spans = planted.receiver.spans;
  const operations = new Set(spans.map(span => span.attributes['gen_ai.operation.name']));
  expect(sorted([...operations] as string[])).toEqual([
    'chat',
    'embeddings',
    'execute_tool',
    'invoke_agent',
    'invoke_workflow',
    'retrieval',
  ]);
  const features = new Set(rootsOf(spans).map(span => span.attributes['app.feature']));
  expect(sorted([...features] as string[])).toEqual([
    'code-review',
    'search-rag',
    'summariser',
    'support-bot',
  ]);
  for (const root of rootsOf(spans)) {
    expect(root.attributes['user.id']).toBeTruthy();
    expect(root.attributes['tenant.id']).toBeTruthy();
    expect(root.attributes['gen_ai.conversation.id']).toBeTruthy();
  }
});

test('a model call carries usage with its subsets, the time to the first chunk and messages; a failed one an error', () => {
  const calls = chats(planted.receiver.spans);
  const failed = calls.filter(call => call.status === 'error');
  expect(failed.length / calls.length).toBeGreaterThan(0.004);
  expect(failed.length / calls.length).toBeLessThan(0.03);
  for (const { attributes } of failed) expect(attributes['error.type']).toBeTruthy();
  for (const { attributes, status } of calls) {
    if (status === 'error') continue;
    const number = (name: string) => Number(attributes[name] ?? 0);
    const cached =
      number('gen_ai.usage.cache_read.input_tokens') + number('gen_ai.usage.cache_write.input_tokens');
    expect(number('gen_ai.usage.input_tokens')).toBeGreaterThan(cached);
    expect(number('gen_ai.usage.output_tokens')).toBeGreaterThan(
      number('gen_ai.usage.reasoning.output_tokens'),
    );
    expect(number('gen_ai.response.time_to_first_chunk')).toBeGreaterThan(0);
    expect(JSON.parse(attributes['gen_ai.input.messages'] ?? '')[0].role).toBe('user');
    expect(JSON.parse(attributes['gen_ai.output.messages'] ?? '')[0].role).toBe('assistant');
  }
});

test('a few calls go to a model nobody has a price for', () => {
  const calls = chats(planted.receiver.spans);
  const unpriced = calls.filter(call => call.attributes['gen_ai.request.model'] === 'house-summary-8b');
  expect(unpriced.length).toBeGreaterThan(0);
  expect(unpriced.length / calls.length).toBeLessThan(0.03);
});

/** Quality scores of the support bot by the version of the prompt that gave the answer. */
function qualityByPrompt({ spans, logs }: Receiver): Map<string, number[]> {
  const byId = new Map(spans.map(span => [span.spanId, span]));
  const scores = new Map<string, number[]>();
  for (const { spanId, attributes, resource } of logs) {
    if (attributes['gen_ai.evaluation.name'] !== 'answer_quality') continue;
    if (resource.service !== 'demo-support-bot') continue;
    const version = promptOf(byId.get(spanId)!)!;
    const value = Number(attributes['gen_ai.evaluation.score.value']);
    scores.set(version, [...(scores.get(version) ?? []), value]);
  }
  return scores;
}

test('prompt v14 lowers quality by about nine points, and only when it is planted', () => {
  const worse = qualityByPrompt(planted.receiver);
  expect(sorted([...worse.keys()])).toEqual(['v13', 'v14']);
  const drop = mean(worse.get('v13')!) - mean(worse.get('v14')!);
  expect(drop).toBeGreaterThan(0.07);
  expect(drop).toBeLessThan(0.11);
  const same = qualityByPrompt(unplanted.receiver);
  expect(Math.abs(mean(same.get('v13')!) - mean(same.get('v14')!))).toBeLessThan(0.015);
});

test('with and without the plant, nothing but answers and scores differs', () => {
  const numbers = (span: Span) => {
    const { 'gen_ai.output.messages': _, ...attributes } = span.attributes;
    return essence({ ...span, attributes });
  };
  const times = ({ timeNs, spanId }: LogRecord) => `${timeNs} ${spanId}`;
  expect(sorted(planted.receiver.spans.map(numbers))).toEqual(sorted(unplanted.receiver.spans.map(numbers)));
  expect(sorted(planted.receiver.logs.map(times))).toEqual(sorted(unplanted.receiver.logs.map(times)));
});

test('a receiver that holds back gets everything in the end', async () => {
  const busy = new Receiver();
  busy.answer = request => (request <= 2 ? 503 : 200);
  const { result } = await receive({ historyDays: 1 }, busy);
  expect(busy.spans).toHaveLength(result.spans);
});

test('a receiver that refuses ends the demo with its reason', async () => {
  const strict = new Receiver();
  strict.answer = () => 401;
  await expect(receive({ historyDays: 1 }, strict)).rejects.toThrow(/did not take the demo's telemetry/);
});

test('stopped in the middle, it stops', async () => {
  const stop = new AbortController();
  const ended = receive({ signal: stop.signal, historyDays: 56, onProgress: () => stop.abort() });
  await expect(ended).rejects.toThrow(/abort/i);
});
