import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ClickHouse } from '#store/engine/client.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { chatSpan, otlpSpan, traceRequest } from '../../test/support/generated-spans.ts';
import { seeded } from '../../test/support/seeded.ts';
import type { CallCost } from '../request/call.ts';
import { type Collector, type CollectorOptions, startCollector } from '../start.ts';

const random = seeded(20_261_121);
const cost = (nanos: bigint): CallCost => ({
  nanos,
  lowNanos: nanos,
  highNanos: nanos,
  uncachedNanos: nanos,
  byKind: { input: nanos },
  priceVersion: 'test',
});

let engine: TestEngine;
let dataDir: string;
let collector: Collector;
let logged: { fields: Record<string, unknown>; message: string }[];
/** Traces whose reading may have next to no memory. */
let starved: Set<string>;

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-set-aside-'));
  logged = [];
  starved = new Set();
});
afterEach(async () => {
  await collector.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(over: Partial<CollectorOptions> = {}): Promise<void> {
  const query: ClickHouse['query'] = (sql, params, options) => {
    const isStarved = ((params?.traces ?? []) as string[]).some(traceId => starved.has(traceId));
    const settings = {
      ...options?.settings,
      ...(isStarved && { max_memory_usage: '1', max_untracked_memory: '1' }),
    };
    return engine.clickhouse.query(sql, params, { ...options, settings });
  };
  collector = await startCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    clickhouse: { ...engine.clickhouse, query },
    price: () => cost(5n),
    captureContent: () => false,
    log: {
      info() {},
      warn() {},
      error: (fields, message) => logged.push({ fields: fields as Record<string, unknown>, message }),
    },
    settings: { flushMs: 10, patience: { quietMs: 50, longestMs: 400 }, stopMs: 60_000 },
    ...over,
  });
}

const newSpan = (over: Partial<ReturnType<typeof chatSpan>> = {}) => ({
  ...chatSpan(random.hex(16), random.hex(8), 'set-aside'),
  ...over,
});

async function send(spans: readonly ReturnType<typeof newSpan>[]): Promise<void> {
  const response = await fetch(`${collector.httpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(traceRequest(spans.map(otlpSpan))),
  });
  expect([response.status, await response.text()]).toEqual([200, '{}']);
}

/** All is stored, and settled or set aside, when the log holds nothing back any more. */
const settled = () =>
  expect.poll(() => readdirSync(join(dataDir, 'wal')).filter(name => name.endsWith('.wal'))).toEqual([]);

const callsOf = (traceIds: readonly string[]) =>
  engine.clickhouse.query<{ trace_id: string; cost: string | null; flags: string[] }>(
    `SELECT trace_id, toString(cost_nanos) AS cost, flags FROM calls FINAL WHERE trace_id IN {traceIds:Array(String)}`,
    { traceIds },
  );

test('a trace for which the store has not the memory is set aside, and the others go on', async () => {
  await start();
  const spans = Array.from({ length: 9 }, () => newSpan());
  const hungry = spans[4]!;
  const others = spans.filter(span => span !== hungry).map(({ traceId }) => traceId);
  starved.add(hungry.traceId);
  await send(spans);
  await settled();
  const settledTraces = (await callsOf(spans.map(({ traceId }) => traceId))).map(({ trace_id }) => trace_id);
  expect(settledTraces.sort()).toEqual(others.sort());
  const stored = await engine.clickhouse.query('SELECT 1 FROM spans WHERE trace_id = {traceId:String}', {
    traceId: hungry.traceId,
  });
  expect(stored).toHaveLength(1);

  const lines = readFileSync(join(dataDir, 'wal', 'quarantine', 'unsettled.jsonl'), 'utf8')
    .trim()
    .split('\n');
  expect(lines.map(line => JSON.parse(line))).toEqual([
    {
      projectId: 'default',
      traceId: hungry.traceId,
      logIds: [],
      reason: expect.stringMatching(/memory limit exceeded/),
      spans: [hungry.spanId],
    },
  ]);
  const problems = () => collector.status().report.problems;
  await expect
    .poll(problems)
    .toMatchObject([
      { id: 'unsettled', severity: 'critical', title: 'The calls of 1 trace are not in the ledger' },
    ]);

  // It has news, and the store has memory again.
  starved.clear();
  await send([newSpan({ traceId: hungry.traceId, parentSpanId: hungry.spanId })]);
  await settled();
  expect((await callsOf([hungry.traceId])).length).toBeGreaterThan(0);
});

test('a call that cannot be priced has no cost and says so; its trace and the others are whole', async () => {
  const broken = newSpan();
  const sibling = newSpan({ traceId: broken.traceId });
  const other = newSpan();
  const mistake = new RangeError('the price of a test is no price');
  await start({
    price: ({ spanId }) => {
      if (spanId === broken.spanId) throw mistake;
      return cost(5n);
    },
  });
  await send([broken, sibling, other]);
  await settled();
  // It is derived once more, and fails once more.
  await send([newSpan({ traceId: broken.traceId })]);
  await settled();
  const calls = await callsOf([broken.traceId, other.traceId]);
  expect(calls.map(({ cost: nanos }) => nanos).sort()).toEqual(['5', '5', '5', null]);
  expect(calls.filter(({ cost: nanos }) => nanos === null)).toMatchObject([{ flags: ['pricing_failed'] }]);
  expect(calls.filter(({ flags }) => flags.includes('pricing_failed'))).toHaveLength(1);
  expect(logged).toMatchObject([{ fields: { error: mistake, spanId: broken.spanId } }]);
});
