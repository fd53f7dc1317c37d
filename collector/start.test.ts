import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openClickHouse } from '#store/engine/client.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { startFaultyProxy } from '../test/support/faulty-proxy.ts';
import type { CrashPointName } from './hooks.ts';
import { jsonToProtobuf } from './otlp/json.ts';
import { signals } from './otlp/proto.ts';
import type { CallCost } from './request/call.ts';
import { type Collector, type CollectorOptions, startCollector } from './start.ts';
import { encodeRecord, segmentMagic } from './wal/record.ts';
import { segmentPath } from './wal/segment-file.ts';

const silent = { info() {}, warn() {}, error() {} };
const unpriced: CallCost = {
  nanos: null,
  lowNanos: null,
  highNanos: null,
  uncachedNanos: null,
  byKind: {},
  priceVersion: '',
};

let engine: TestEngine;
const folders: string[] = [];
const collectors: Collector[] = [];

beforeAll(async () => {
  engine = await startTestEngine();
});
afterEach(async () => {
  await Promise.all(collectors.splice(0).map(collector => collector.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
afterAll(() => engine.stop());

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'driftline-collector-'));
  folders.push(dir);
  return dir;
}

async function start(over: Partial<CollectorOptions> = {}): Promise<Collector> {
  const collector = await startCollector({
    dataDir: folder(),
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    clickhouse: engine.clickhouse,
    price: () => unpriced,
    captureContent: () => true,
    log: silent,
    ...over,
    settings: { flushMs: 20, patience: { quietMs: 100, longestMs: 1000 }, stopMs: 2000, ...over.settings },
  });
  collectors.push(collector);
  return collector;
}

type Json = Record<string, unknown>;
const nowNs = BigInt(Date.now()) * 1_000_000n;
let nextId = 1;

function id(bytes: 8 | 16): string {
  return `${bytes === 8 ? 'b' : 'a'}${(nextId++).toString(16).padStart(bytes * 2 - 1, '0')}`;
}

function attributes(values: Json): Json[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: value } : { stringValue: String(value) },
  }));
}

function plainSpan(traceId: string, over: Json = {}, values: Json = {}): Json {
  return {
    traceId,
    spanId: id(8),
    name: 'GET /chat',
    kind: 2,
    startTimeUnixNano: String(nowNs),
    endTimeUnixNano: String(nowNs + 50_000_000n),
    attributes: attributes(values),
    ...over,
  };
}

function callSpan(traceId: string, over: Json = {}, values: Json = {}): Json {
  return plainSpan(
    traceId,
    { name: 'chat gpt-4o', kind: 3, ...over },
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      ...values,
    },
  );
}

function traces(spans: Json[], { service = 'svc', scope = 'acme.genai' } = {}): Json {
  const resource = { attributes: attributes({ 'service.name': service }) };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: scope }, spans }] }] };
}

function post(
  collector: Collector,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
) {
  return fetch(`${collector.httpUrl}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function send(collector: Collector, body: Json, path = '/v1/traces'): Promise<void> {
  const response = await post(collector, path, JSON.stringify(body));
  expect([response.status, await response.text()]).toEqual([200, '{}']);
}

function walFiles(dataDir: string): string[] {
  const dir = join(dataDir, 'wal');
  return existsSync(dir) ? readdirSync(dir).filter(name => name.endsWith('.wal')) : [];
}

/** Everything sent is inserted and settled: the write-ahead log is empty again. */
async function settled(dataDir: string): Promise<void> {
  await expect.poll(() => walFiles(dataDir)).toEqual([]);
}

function callsOf(traceIds: string[]): Promise<Json[]> {
  return engine.clickhouse.query<Json>(
    `SELECT trace_id, span_id, feature, input_tokens, model, merged_from FROM calls FINAL
     WHERE trace_id IN {ids:Array(String)} ORDER BY trace_id, span_id`,
    { ids: traceIds },
  );
}

async function count(table: string, traceIds: string[]): Promise<number> {
  const [row] = await engine.clickhouse.query<{ n: string }>(
    `SELECT count() AS n FROM ${table} FINAL WHERE trace_id IN {ids:Array(String)}`,
    { ids: traceIds },
  );
  return Number(row!.n);
}

describe('a span becomes a row', () => {
  test('span, call, content, log, score and metric point are stored, and the log is emptied', async () => {
    const dataDir = folder();
    const collector = await start({ dataDir });
    const traceId = id(16);
    const span = callSpan(
      traceId,
      {},
      { 'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]' },
    );
    await send(collector, traces([span]));
    const log = {
      timeUnixNano: String(nowNs),
      traceId,
      spanId: span.spanId,
      eventName: 'gen_ai.evaluation.result',
      attributes: attributes({
        'gen_ai.evaluation.name': 'relevance',
        'gen_ai.evaluation.score.label': 'good',
      }),
    };
    await send(collector, { resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] }, '/v1/logs');
    const point = { timeUnixNano: String(nowNs), asInt: '7', attributes: attributes({ test: traceId }) };
    await send(
      collector,
      { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [point] } }] }] }] },
      '/v1/metrics',
    );
    await settled(dataDir);
    expect(await callsOf([traceId])).toMatchObject([
      { span_id: span.spanId, input_tokens: '100', model: 'gpt-4o' },
    ]);
    for (const table of ['spans', 'logs', 'contents', 'scores'])
      expect([table, await count(table, [traceId])]).toEqual([table, 1]);
    const [stored] = await engine.clickhouse.query<Json>(
      'SELECT attributes, facts FROM spans WHERE trace_id = {id:String}',
      { id: traceId },
    );
    expect(JSON.stringify(stored)).not.toContain('parts');
    const metrics = await engine.clickhouse.query(
      "SELECT value FROM metrics WHERE attributes['test'] = {id:String}",
      { id: traceId },
    );
    expect(metrics).toEqual([{ value: 7 }]);
    expect(collector.status()).toMatchObject({ acked: 3, stored: 3, waiting: 0, rejected: {} });
  });

  test('with content capture off neither store nor write-ahead log ever holds the text', async () => {
    const dataDir = folder();
    const collector = await start({ dataDir, captureContent: () => false, settings: { flushMs: 60_000 } });
    const traceId = id(16);
    const answer = { id: 'resp-77', choices: [] };
    await send(
      collector,
      traces([
        callSpan(
          traceId,
          {},
          {
            'openinference.span.kind': 'LLM',
            'llm.model_name': 'gpt-4o',
            'llm.token_count.prompt': 9,
            'input.value': 'my secret question',
            'output.value': JSON.stringify(answer),
          },
        ),
      ]),
    );
    const onDisk = walFiles(dataDir)
      .map(name => readFileSync(join(dataDir, 'wal', name), 'latin1'))
      .join('');
    expect(onDisk).toContain('llm.model_name');
    expect(onDisk).not.toContain('secret');
    // A crash now: what the content said about the call must have survived without it.
    const copy = folder();
    cpSync(dataDir, copy, { recursive: true, filter: path => !path.endsWith('.sock') });
    await start({ dataDir: copy, captureContent: () => false });
    await settled(copy);
    const [call] = await engine.clickhouse.query<Json>(
      'SELECT response_id FROM calls FINAL WHERE trace_id = {id:String}',
      { id: traceId },
    );
    expect(call).toEqual({ response_id: 'resp-77' });
    expect(await count('contents', [traceId])).toBe(0);
  });

  test('good spans beside bad ones are kept, and the bad ones counted', async () => {
    const dataDir = folder();
    const collector = await start({ dataDir });
    const traceId = id(16);
    const bad = [callSpan('nonsense'), callSpan(traceId, { spanId: '12' })];
    const response = await post(
      collector,
      '/v1/traces',
      JSON.stringify(traces([bad[0]!, callSpan(traceId), bad[1]!])),
    );
    expect(await response.json()).toEqual({
      partialSuccess: { rejectedSpans: '2', errorMessage: 'invalid_trace_id (1), invalid_span_id (1)' },
    });
    await settled(dataDir);
    expect(await callsOf([traceId])).toHaveLength(1);
    expect(collector.status().rejected).toEqual({ invalid_trace_id: 1, invalid_span_id: 1 });
    await expect
      .poll(() =>
        engine.clickhouse.query(
          "SELECT reason, sum(count) AS n FROM rejects WHERE service = 'svc' GROUP BY reason ORDER BY reason",
        ),
      )
      .toEqual([
        { reason: 'invalid_span_id', n: '1' },
        { reason: 'invalid_trace_id', n: '1' },
      ]);
  });
});

describe('answers', () => {
  const body = () => JSON.stringify(traces([callSpan(id(16))]));

  test('everything accepted, in all encodings; nothing to accept is fine too', async () => {
    const collector = await start();
    const protobuf = jsonToProtobuf('traces', Buffer.from(body()));
    const x = { 'content-type': 'application/x-protobuf' };
    for (const [sent, headers] of [
      [body(), {}],
      [gzipSync(body()), { 'content-encoding': 'gzip' }],
      [protobuf, x],
      [gzipSync(protobuf), { ...x, 'content-encoding': 'gzip' }],
      ['{}', { 'content-type': 'application/json; charset=utf-8' }],
      ['', x],
    ] as const) {
      const response = await post(collector, '/v1/traces', sent, headers);
      expect(response.status).toBe(200);
      const type =
        (headers as Json)['content-type'] === x['content-type'] ? x['content-type'] : 'application/json';
      expect(response.headers.get('content-type')).toBe(type);
      expect(await response.text()).toBe(type === 'application/json' ? '{}' : '');
    }
  });

  test('refusals say why, in the content type of the request', async () => {
    const collector = await start({ settings: { maxItemsPerRequest: 2 } });
    const refused: [string, string | Uint8Array, Record<string, string>, number][] = [
      ['/v1/traces', '{', {}, 400],
      ['/v1/traces', '{"resourceSpans":7}', {}, 400],
      ['/v1/traces', Buffer.from([10, 200, 1, 1]), { 'content-type': 'application/x-protobuf' }, 400],
      ['/v1/traces', 'not gzip', { 'content-encoding': 'gzip' }, 400],
      ['/v1/traces', gzipSync(body()).subarray(0, 40), { 'content-encoding': 'gzip' }, 400],
      ['/v1/spans', body(), {}, 404],
      ['/v1/traces', body(), { 'content-type': 'text/plain' }, 415],
      ['/v1/traces', body(), { 'content-encoding': 'br' }, 415],
      ['/v1/traces', JSON.stringify(traces([1, 2, 3].map(() => callSpan(id(16))))), {}, 413],
    ];
    for (const [path, sent, headers, status] of refused) {
      const response = await post(collector, path, sent, headers);
      expect([path, headers, response.status]).toEqual([path, headers, status]);
      const isProtobuf = headers['content-type'] === 'application/x-protobuf';
      expect(response.headers.get('content-type')).toBe(
        isProtobuf ? 'application/x-protobuf' : 'application/json',
      );
      if (isProtobuf) expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(4);
      else
        expect(await response.json()).toMatchObject({
          code: expect.any(Number),
          message: expect.any(String),
        });
    }
    const wrongMethod = await fetch(`${collector.httpUrl}/v1/traces`);
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
    expect(collector.status()).toMatchObject({ acked: 0, waiting: 0 });
    const alive = await post(collector, '/v1/traces', body());
    expect(alive.status).toBe(200);
  });

  test('bodies beyond the limits: by header, by stream, and a gzip bomb', async () => {
    const collector = await start();
    const big = await post(collector, '/v1/traces', gzipSync(Buffer.alloc(300 * 1024 * 1024)), {
      'content-encoding': 'gzip',
    });
    expect(big.status).toBe(413);
    const declared = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(`${collector.httpUrl}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': String(100 * 1024 * 1024) },
      });
      request.on('response', response => resolve(response.statusCode ?? 0)).on('error', reject);
      request.flushHeaders();
    });
    expect(declared).toBe(413);
    expect((await post(collector, '/v1/traces', body())).status).toBe(200);
  });

  test('a full write-ahead log answers 503 with Retry-After and takes again later', async () => {
    const dataDir = folder();
    // Nothing is stored, and so nothing leaves the log, before it is full.
    let store = () => {};
    const stored = new Promise<void>(resolve => {
      store = resolve;
    });
    const crashPoint = (name: CrashPointName) => (name === 'spans-inserted' ? stored : undefined);
    const collector = await start({ dataDir, crashPoint, settings: { maxWalBytes: 4000 } });
    const statuses: number[] = [];
    let retryAfter: string | null = null;
    for (let i = 0; i < 20 && retryAfter === null; i++) {
      const response = await post(collector, '/v1/traces', body());
      statuses.push(response.status);
      retryAfter = response.headers.get('retry-after');
    }
    expect(statuses).toContain(200);
    expect([statuses.at(-1), retryAfter]).toEqual([503, '30']);
    store();
    await settled(dataDir);
    expect((await post(collector, '/v1/traces', body())).status).toBe(200);
  });

  test('an ingest key is asked for where one is needed, and decides the project', async () => {
    const dataDir = folder();
    const collector = await start({
      dataDir,
      authorize: header => (header === 'Bearer good' ? { projectId: 'acme', keyId: 'good' } : null),
    });
    const traceId = id(16);
    const sent = JSON.stringify(traces([callSpan(traceId)]));
    expect((await post(collector, '/v1/traces', sent)).status).toBe(401);
    expect((await post(collector, '/v1/traces', sent, { authorization: 'Bearer good' })).status).toBe(200);
    await settled(dataDir);
    const rows = await engine.clickhouse.query(
      'SELECT project_id FROM calls FINAL WHERE trace_id = {id:String}',
      { id: traceId },
    );
    expect(rows).toEqual([{ project_id: 'acme' }]);
  });

  test('gRPC: spans, logs and metrics, gzip, and errors by code', async () => {
    const dataDir = folder();
    const collector = await start({ dataDir });
    const pass = (value: Buffer) => value;
    const call = (signal: keyof typeof signals, message: Uint8Array, gzip = false) => {
      const path = `/${signals[signal].service}/Export`;
      const method = {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: pass,
        requestDeserialize: pass,
        responseSerialize: pass,
        responseDeserialize: pass,
      };
      const Client = makeGenericClientConstructor({ Export: method }, 'Collector');
      const client = new Client(
        collector.grpcUrl,
        credentials.createInsecure(),
        gzip ? { 'grpc.default_compression_algorithm': 2 } : {},
      );
      return new Promise<Buffer>((resolve, reject) => {
        client.Export!(Buffer.from(message), (error: Error | null, answer: Buffer) => {
          client.close();
          if (error) reject(error);
          else resolve(answer);
        });
      });
    };
    const traceId = id(16);
    const message = jsonToProtobuf('traces', Buffer.from(JSON.stringify(traces([callSpan(traceId)]))));
    expect(await call('traces', message)).toHaveLength(0);
    expect(await call('traces', message, true)).toHaveLength(0);
    expect(await call('logs', new Uint8Array())).toHaveLength(0);
    expect(await call('metrics', new Uint8Array())).toHaveLength(0);
    await expect(call('traces', Buffer.from([10, 200, 1, 1]))).rejects.toMatchObject({ code: 3 });
    await settled(dataDir);
    expect(await callsOf([traceId])).toHaveLength(1);
  });
});

describe('the ledger whatever the order', () => {
  test('a parent that comes late gives its call the feature', async () => {
    const dataDir = folder();
    const collector = await start({ dataDir });
    const traceId = id(16);
    const parent = plainSpan(traceId, {}, { 'app.feature': 'support' });
    await send(collector, traces([callSpan(traceId, { parentSpanId: parent.spanId })]));
    await settled(dataDir);
    expect(await callsOf([traceId])).toMatchObject([{ feature: expect.not.stringMatching('support') }]);
    await send(collector, traces([parent]));
    await settled(dataDir);
    expect(await callsOf([traceId])).toMatchObject([{ feature: 'support' }]);
  });

  test('an inner span that comes late takes the place of the outer one', async () => {
    const dataDir = folder();
    const collector = await start({ dataDir });
    const traceId = id(16);
    const outer = callSpan(traceId);
    const inner = callSpan(traceId, {
      parentSpanId: outer.spanId,
      endTimeUnixNano: String(nowNs + 40_000_000n),
    });
    await send(collector, traces([outer], { service: 'late', scope: 'framework' }));
    await settled(dataDir);
    expect(await callsOf([traceId])).toMatchObject([{ span_id: outer.spanId }]);
    await send(collector, traces([inner], { service: 'late', scope: 'provider.sdk' }));
    await settled(dataDir);
    expect(await callsOf([traceId])).toMatchObject([{ span_id: inner.spanId }]);
  });

  test('a twin in another trace is one call, whichever comes first and however late', async () => {
    const dataDir = folder();
    const collector = await start({ dataDir });
    const [a, b] = [id(16), id(16)];
    const response = { 'gen_ai.response.id': `resp-${a}` };
    await send(collector, traces([callSpan(a, {}, response)], { service: 'twins', scope: 'framework' }));
    await settled(dataDir);
    expect(await callsOf([a, b])).toHaveLength(1);
    const inner = callSpan(
      b,
      { endTimeUnixNano: String(nowNs + 40_000_000n) },
      { ...response, 'gen_ai.usage.output_tokens': 21 },
    );
    await send(collector, traces([inner], { service: 'twins', scope: 'provider.sdk' }));
    await settled(dataDir);
    const calls = await callsOf([a, b]);
    expect(calls).toHaveLength(1);
    expect(calls[0]!.merged_from).toHaveLength(1);
  });

  test('sent twice, even to two collectors, everything is there once', async () => {
    const [one, two] = [folder(), folder()];
    const [first, second] = [await start({ dataDir: one }), await start({ dataDir: two })];
    const traceIds = Array.from({ length: 20 }, () => id(16));
    const body = traces(
      traceIds.flatMap(traceId => {
        const root = plainSpan(traceId, {}, { 'app.feature': 'f' });
        return [root, callSpan(traceId, { parentSpanId: root.spanId })];
      }),
    );
    await Promise.all([send(first, body), send(second, body)]);
    await Promise.all([settled(one), settled(two)]);
    const before = await callsOf(traceIds);
    expect(before).toHaveLength(20);
    await send(second, body);
    await settled(two);
    expect(await callsOf(traceIds)).toEqual(before);
    expect(await count('spans', traceIds)).toBe(40);
  });

  test('the halves of a trace at two collectors meet', async () => {
    const [one, two] = [folder(), folder()];
    const [first, second] = [await start({ dataDir: one }), await start({ dataDir: two })];
    const traceId = id(16);
    const root = plainSpan(traceId, {}, { 'app.feature': 'halves' });
    await Promise.all([
      send(first, traces([callSpan(traceId, { parentSpanId: root.spanId })])),
      send(second, traces([root])),
    ]);
    await Promise.all([settled(one), settled(two)]);
    expect(await callsOf([traceId])).toMatchObject([{ feature: 'halves' }]);
  });
});

test('no value that a sender may write can hold up the ledger', async () => {
  const dataDir = folder();
  const warnings: string[] = [];
  const log = {
    ...silent,
    warn: (fields: object) => void warnings.push(String((fields as { error?: unknown }).error)),
  };
  const collector = await start({ dataDir, log });
  const strange = [
    '1e300',
    '-1',
    '-5.5',
    'NaN',
    'Infinity',
    '9223372036854775807',
    '99999999999999999999',
    '0.1',
    'abc',
    '',
    '[]',
    '{}',
    '\u0000',
    '\ud800',
    'x'.repeat(9000),
    'true',
    '["a"]',
    '1795215182180000000',
  ];
  const keys = [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.audio.input_tokens',
    'gen_ai.usage.cost',
    'gen_ai.response.time_to_first_chunk',
    'gen_ai.request.stream',
    'gen_ai.response.finish_reasons',
    'gen_ai.response.model',
    'gen_ai.response.id',
    'gen_ai.output.messages',
    'http.response.status_code',
    'error.type',
    'user.id',
    'app.feature',
    'gen_ai.evaluation.score.value',
    'evaluations.0.evaluation.name',
    'evaluations.0.evaluation.score',
    'langfuse.observation.usage_details',
    'openai.response.service_tier',
  ];
  const traceIds: string[] = [];
  const spans = keys.flatMap(key =>
    strange.map(value => {
      traceIds.push(id(16));
      return callSpan(traceIds.at(-1)!, {}, { [key]: value });
    }),
  );
  const doubles = [1e300, -1, 0.5, 2 ** 60].flatMap(doubleValue =>
    keys.map(key => {
      traceIds.push(id(16));
      const span = callSpan(traceIds.at(-1)!);
      return { ...span, attributes: [...(span.attributes as Json[]), { key, value: { doubleValue } }] };
    }),
  );
  await send(collector, traces([...spans, ...doubles]));
  await settled(dataDir);
  expect(warnings).toEqual([]);
  const dataPoints = [Number.NaN, Infinity, 1e300].map((value, i) => ({
    timeUnixNano: String(nowNs + BigInt(i)),
    count: '18446744073709551615',
    sum: String(value),
    bucketCounts: ['1', '18446744073709551615'],
    explicitBounds: [String(value)],
  }));
  const metrics = [{ name: 'odd', histogram: { dataPoints } }];
  await send(collector, { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }, '/v1/metrics');
  await settled(dataDir);
  expect(warnings).toEqual([]);
  expect(await callsOf(traceIds)).toHaveLength(traceIds.length);
});

describe('nothing acknowledged is lost', () => {
  const points: CrashPointName[] = ['wal-after-fsync', 'spans-inserted', 'calls-inserted', 'segment-deleted'];
  test.each(points)('a collector that dies at %s is continued by the next one', async point => {
    const dataDir = folder();
    let hasCrashed = false;
    // Hanging for ever at a point is, seen from the disk and the store, the same as dying there.
    const crashPoint = (name: CrashPointName) => {
      if (name === point) hasCrashed = true;
      return hasCrashed ? new Promise<void>(() => {}) : undefined;
    };
    const doomed = await startCollector({
      dataDir,
      host: '127.0.0.1',
      httpPort: 0,
      grpcPort: 0,
      clickhouse: engine.clickhouse,
      price: () => unpriced,
      captureContent: () => true,
      log: silent,
      crashPoint,
      settings: { flushMs: 20, patience: { quietMs: 50, longestMs: 500 }, ackTimeoutMs: 200 },
    });
    const acknowledged: string[] = [];
    const sent: string[] = [];
    for (let i = 0; i < 200 && !(hasCrashed && i > 10); i++) {
      const traceId = id(16);
      sent.push(traceId);
      const response = await post(
        doomed,
        '/v1/traces',
        JSON.stringify(traces([callSpan(traceId), plainSpan(traceId)])),
      );
      if (response.ok) acknowledged.push(traceId);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    await expect.poll(() => hasCrashed).toBe(true);
    const copy = folder();
    cpSync(dataDir, copy, { recursive: true, filter: path => !path.endsWith('.sock') });
    const next = await start({ dataDir: copy });
    await settled(copy);
    expect(await callsOf(acknowledged)).toHaveLength(acknowledged.length);
    expect(await count('spans', acknowledged)).toBe(acknowledged.length * 2);
    const all = await callsOf(sent);
    expect(new Set(all.map(call => call.trace_id)).size).toBe(all.length);
    expect(next.status().waiting).toBe(0);
  });

  test('the store may be away, and memory small: everything is stored when it is back', async () => {
    const door = await startFaultyProxy(engine.url);
    const { user, password } = engine;
    const clickhouse = openClickHouse({ url: door.url, user, password });
    try {
      const dataDir = folder();
      const settings = { maxItemsInMemory: 30, flushRows: 20 };
      const collector = await start({ dataDir, clickhouse, settings });
      door.become('refuse');
      const traceIds = Array.from({ length: 150 }, () => id(16));
      for (const traceId of traceIds) await send(collector, traces([callSpan(traceId), plainSpan(traceId)]));
      expect(collector.status()).toMatchObject({ acked: 300, stored: 0, waiting: 300 });
      door.become('none');
      await settled(dataDir);
      expect(await count('calls', traceIds)).toBe(150);
      expect(await count('spans', traceIds)).toBe(300);
      expect(collector.status()).toMatchObject({ acked: 300, stored: 300, waiting: 0 });
      await collector.stop();
      collectors.splice(collectors.indexOf(collector), 1);
    } finally {
      await clickhouse.close();
      await door.stop();
    }
  });

  test('what cannot be read back is set aside whole and told, and its neighbours are stored', async () => {
    const dataDir = folder();
    const good = [id(16), id(16)];
    const payloads = [
      jsonToProtobuf('traces', Buffer.from(JSON.stringify(traces([callSpan(good[0]!)])))),
      // Nothing that is acknowledged is like this, unless the door and the reader disagree.
      Buffer.from('no protobuf at all'),
      jsonToProtobuf('traces', Buffer.from(JSON.stringify(traces([callSpan(id(16))])))),
      jsonToProtobuf('traces', Buffer.from(JSON.stringify(traces([callSpan(good[1]!)])))),
    ];
    const records = payloads.map(payload =>
      Buffer.concat(
        encodeRecord({
          kind: 'traces',
          projectId: 'default',
          receivedAtMs: Date.now(),
          items: 1,
          reencoded: false,
          payload,
        }),
      ),
    );
    // And the disk changes the third.
    records[2]!.writeUInt8(records[2]!.at(-1)! ^ 1, records[2]!.length - 1);
    mkdirSync(join(dataDir, 'wal'));
    writeFileSync(segmentPath(join(dataDir, 'wal'), 7), Buffer.concat([segmentMagic, ...records]));
    const collector = await start({ dataDir });
    await settled(dataDir);
    expect(await count('calls', good)).toBe(2);
    expect(collector.status()).toMatchObject({ acked: 4, stored: 2, waiting: 0, report: { quarantined: 2 } });
    const aside = join(dataDir, 'wal', 'quarantine');
    const kept = readdirSync(aside).find(name => name.startsWith('unreadable-'))!;
    expect(readFileSync(join(aside, kept))).toEqual(payloads[1]);
    expect(readdirSync(aside)).toContain('0000000000000007.wal');
    await collector.stop();
    collectors.splice(collectors.indexOf(collector), 1);
  });

  test('a second collector on the same folder is refused', async () => {
    const dataDir = folder();
    await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow('already running');
  });
});
