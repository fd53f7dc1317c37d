import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClickHouse } from '#store/engine/client.ts';
import { quietLog, startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import type { CallCost } from '../request/call.ts';
import { type Collector, type CollectorOptions, startCollector } from '../start.ts';

const unpriced: CallCost = {
  nanos: null,
  lowNanos: null,
  highNanos: null,
  uncachedNanos: null,
  byKind: {},
  priceVersion: '',
};
/** Long enough ago that nothing is in the future. */
const startNs = BigInt(Date.now() - 600_000) * 1_000_000n;
const secondNs = 1_000_000_000n;

let engine: TestEngine;
let dataDir: string;
let collector: Collector | null = null;
/** Statements that read traces back. */
let reads: string[];

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  // The memory of the store is for all of it, so each test has it for itself.
  for (const table of ['spans', 'logs', 'calls']) await engine.clickhouse.command(`TRUNCATE TABLE ${table}`);
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-sole-'));
  reads = [];
});
afterEach(async () => {
  await collector?.stop();
  collector = null;
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(over: Partial<CollectorOptions> = {}): Promise<void> {
  await collector?.stop();
  const query: ClickHouse['query'] = (sql, params, options) => {
    if (sql.includes('{traces:Array(String)}')) reads.push(sql);
    return engine.clickhouse.query(sql, params, options);
  };
  collector = await startCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    clickhouse: { ...engine.clickhouse, query },
    price: () => unpriced,
    captureContent: () => true,
    soleWriter: true,
    log: quietLog,
    settings: { flushMs: 10, patience: { quietMs: 50, longestMs: 400 }, stopMs: 60_000 },
    ...over,
  });
}

type Json = Record<string, unknown>;
let ids = 0;
const id = (digits: 16 | 32) => (++ids).toString(16).padStart(digits, 'e');

function attributes(values: Json): Json[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: value } : { stringValue: String(value) },
  }));
}

function span(over: Json = {}, values: Json = {}): Json {
  const from = over.startTimeUnixNano ? BigInt(over.startTimeUnixNano as string) : startNs;
  return {
    traceId: id(32),
    spanId: id(16),
    name: 'answer',
    startTimeUnixNano: String(from),
    endTimeUnixNano: String(from + secondNs),
    attributes: attributes(values),
    ...over,
  };
}

const chat = (over: Json = {}, values: Json = {}) =>
  span(
    { name: 'chat gpt-4o', kind: 3, ...over },
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      ...values,
    },
  );

/** An answer told by a log record; its call is found by the id of the answer, or by its span. */
const record = (responseId: string, over: Json = {}) => ({
  timeUnixNano: String(startNs + secondNs),
  eventName: 'gen_ai.client.inference.operation.details',
  attributes: attributes({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.id': responseId,
    'gen_ai.usage.output_tokens': 33,
  }),
  ...over,
});

async function post(signal: 'traces' | 'logs', body: Json): Promise<void> {
  const response = await fetch(`${collector!.httpUrl}/v1/${signal}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  expect([response.status, await response.text()]).toEqual([200, '{}']);
}

const resource = { attributes: attributes({ 'service.name': 'shop' }) };

const sendSpans = (spans: Json[], scope = 'provider.sdk') =>
  post('traces', { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: scope }, spans }] }] });
const sendLogs = (logRecords: Json[]) =>
  post('logs', {
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'provider.sdk' }, logRecords }] }],
  });

async function settled(): Promise<void> {
  const segments = () => readdirSync(join(dataDir, 'wal')).filter(name => name.endsWith('.wal'));
  await expect.poll(segments, { interval: 20 }).toEqual([]);
}

const calls = () =>
  engine.clickhouse.query<Json>(
    `SELECT span_id, feature, toUInt32(input_tokens) AS input, toUInt8(length(merged_from)) AS merged
     FROM calls FINAL ORDER BY start_time, span_id`,
  );

/** As soon as the ledger says so, which is earlier than the log is empty. */
const becomes = (expected: Json[]) => expect.poll(calls, { interval: 20 }).toMatchObject(expected);

describe('a trace that is whole and certainly new', () => {
  test('is settled without reading the store, also after a restart', async () => {
    await start();
    const root = span({}, { 'app.feature': 'support' });
    const tool = span(
      { traceId: root.traceId, parentSpanId: root.spanId },
      { 'gen_ai.operation.name': 'execute_tool' },
    );
    await sendSpans([root, tool, chat({ traceId: root.traceId, parentSpanId: root.spanId })]);
    await becomes([{}]);
    await start();
    await sendSpans([chat({ startTimeUnixNano: String(startNs + 90n * secondNs) })]);
    await settled();
    expect(await calls()).toMatchObject([{ feature: 'support' }, { feature: expect.any(String) }]);
    expect(reads).toEqual([]);
  });

  test('is not one when it began before what the collector knows, or lacks a parent', async () => {
    await start();
    await sendSpans([chat()]);
    await settled();
    await start();
    await sendSpans([chat({ startTimeUnixNano: String(startNs + 59n * secondNs) })]);
    await settled();
    expect(reads.length).toBeGreaterThan(0);
    reads = [];
    await sendSpans([chat({ startTimeUnixNano: String(startNs + 90n * secondNs), parentSpanId: id(16) })]);
    await settled();
    expect(reads.length).toBeGreaterThan(0);
    expect(await calls()).toHaveLength(3);
  });
});

describe('what comes after a trace was settled', () => {
  const restarts = [
    ['in the same process', async () => {}],
    ['in the next process', () => start()],
  ] as const;

  test.each(restarts)('a parent, then a child, %s', async (_, between) => {
    await start();
    const root = span({}, { 'app.feature': 'support' });
    const outer = chat(
      { traceId: root.traceId, parentSpanId: root.spanId },
      { 'gen_ai.usage.input_tokens': 7 },
    );
    await sendSpans([outer], 'framework');
    await becomes([{ span_id: outer.spanId, input: 7 }]);
    await between();
    await sendSpans([root]);
    await becomes([{ span_id: outer.spanId, feature: 'support' }]);
    await between();
    const inner = chat({ traceId: root.traceId, parentSpanId: outer.spanId });
    await sendSpans([inner]);
    await settled();
    expect(await calls()).toMatchObject([
      { span_id: inner.spanId, feature: 'support', input: 100, merged: 1 },
    ]);
  });

  test.each(restarts)('the same once more, %s', async (_, between) => {
    await start();
    const root = span({}, { 'app.feature': 'support' });
    const both = [root, chat({ traceId: root.traceId, parentSpanId: root.spanId })];
    await sendSpans(both);
    await becomes([{}]);
    const before = await calls();
    await between();
    await sendSpans(both);
    await settled();
    expect(await calls()).toEqual(before);
  });

  test.each(restarts)(
    'the same call told by another instrumentation in a trace of its own, %s',
    async (_, between) => {
      await start();
      const answer = { 'gen_ai.response.id': id(16) };
      await sendSpans([chat({}, answer)], 'framework');
      await settled();
      expect(reads).toEqual([]);
      await between();
      await sendSpans([chat({}, answer)]);
      await settled();
      expect(await calls()).toMatchObject([{ merged: 1 }]);
    },
  );

  test.each(restarts)('a log record outside any trace, and calls after it, %s', async (_, between) => {
    await start();
    const [first, second] = [id(16), id(16)];
    await sendSpans([chat({}, { 'gen_ai.response.id': first })]);
    await becomes([{}]);
    await between();
    await sendLogs([record(first), record(second)]);
    // The second tells of a call that nobody else has told of so far.
    await becomes([{}, {}]);
    await between();
    await sendSpans([
      chat({ startTimeUnixNano: String(startNs + 120n * secondNs) }, { 'gen_ai.response.id': second }),
    ]);
    await settled();
    expect(await calls()).toHaveLength(2);
  });

  test.each(restarts)('the record of a call that took long, %s', async (_, between) => {
    await start();
    const call = chat({ endTimeUnixNano: String(startNs + 200n * secondNs) });
    await sendSpans([call]);
    await becomes([{}]);
    await between();
    const { traceId, spanId } = call;
    await sendLogs([record(id(16), { traceId, spanId, timeUnixNano: String(startNs + 200n * secondNs) })]);
    await settled();
    expect(await calls()).toMatchObject([{ span_id: spanId }]);
  });
});

test('two instrumentations at once are one call', async () => {
  await start();
  const answer = { 'gen_ai.response.id': id(16) };
  await Promise.all([sendSpans([chat({}, answer)], 'framework'), sendSpans([chat({}, answer)])]);
  await settled();
  expect(await calls()).toMatchObject([{ merged: 1 }]);
});

test('a collector that ends before it has settled is continued by the next one', async () => {
  const patience = { quietMs: 60_000, longestMs: 60_000 };
  let dies = true;
  const crashPoint = (name: string) => {
    if (dies && name === 'spans-inserted') throw new Error('the end');
  };
  await start({ crashPoint, settings: { flushMs: 10, patience, stopMs: 100 } });
  const root = span({}, { 'app.feature': 'support' });
  const [one, two] = [1, 2].map(() => chat({ traceId: root.traceId, parentSpanId: root.spanId }));
  await sendSpans([one!]);
  await expect.poll(async () => (await engine.clickhouse.query('SELECT 1 FROM spans')).length).toBe(1);
  dies = false;
  await start();
  await sendSpans([root, two!]);
  await settled();
  expect(await calls()).toMatchObject([{ feature: 'support' }, { feature: 'support' }]);
});

describe('a call that cannot be stored keeps no other out', () => {
  test('its row cannot be made', async () => {
    const price = ({ requestModel }: { requestModel: string }) =>
      requestModel === 'cursed' ? { ...unpriced, byKind: null as never } : unpriced;
    await start({ price });
    const spans = Array.from({ length: 100 }, (_, i) =>
      chat({}, i === 50 ? { 'gen_ai.request.model': 'cursed' } : {}),
    );
    await sendSpans(spans);
    await settled();
    expect(new Set((await calls()).map(call => call.span_id))).toEqual(
      new Set(spans.filter((_, i) => i !== 50).map(({ spanId }) => spanId)),
    );
  });

  test('the store refuses its row', async () => {
    await engine.clickhouse.command(
      "ALTER TABLE calls ADD CONSTRAINT cursed CHECK request_model != 'cursed'",
    );
    try {
      await start();
      const spans = Array.from({ length: 100 }, (_, i) =>
        chat({}, i % 40 === 7 ? { 'gen_ai.request.model': 'cursed' } : {}),
      );
      await sendSpans(spans);
      await settled();
      expect(await calls()).toHaveLength(97);
      const [row] = await engine.clickhouse.query<Json>('SELECT count() AS n FROM calls');
      expect(row).toEqual({ n: '97' });
    } finally {
      await engine.clickhouse.command('ALTER TABLE calls DROP CONSTRAINT cursed');
    }
  });
});
