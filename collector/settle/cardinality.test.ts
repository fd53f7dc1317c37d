import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { keyValues } from '../../test/support/generated-spans.ts';
import { keyOfText } from '../otlp/attribute-key.ts';
import type { Call, CallCost } from '../request/call.ts';
import { type Collector, startCollector } from '../start.ts';
import { AttributeLimit, AttributeNames } from './attribute-names.ts';
import { NameLimit } from './name-limit.ts';

const warned: unknown[] = [];
const quietLog = { info() {}, warn: (...told: unknown[]) => warned.push(told), error() {} };
const dayMs = 86_400_000;
const nowMs = Date.now();

let engine: TestEngine;
let dataDir: string;
let collector: Collector | null = null;

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  for (const table of ['spans', 'logs', 'calls', 'tool_calls'])
    await engine.clickhouse.command(`TRUNCATE TABLE ${table}`);
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-names-'));
});
afterEach(async () => {
  await collector?.stop();
  collector = null;
  expect(warned.splice(0)).toEqual([]);
  rmSync(dataDir, { recursive: true, force: true });
});

/** Nano-dollars by the exact model: its digits. */
function price({ requestModel }: Call): CallCost {
  const nanos = BigInt(/\d+/.exec(requestModel)?.[0] ?? 0);
  return { nanos, lowNanos: null, highNanos: null, uncachedNanos: null, byKind: {}, priceVersion: '1' };
}

async function restart(cardinality: {
  attributes?: number;
  features?: number;
  models?: number;
}): Promise<void> {
  await collector?.stop();
  collector = await startCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    clickhouse: engine.clickhouse,
    price,
    captureContent: () => true,
    soleWriter: true,
    log: quietLog,
    settings: {
      flushMs: 10,
      patience: { quietMs: 50, longestMs: 400 },
      stopMs: 60_000,
      cardinality: { attributes: 100, features: 100, models: 100, ...cardinality },
    },
  });
}

let ids = 0;
const hex = (digits: number) => (++ids).toString(16).padStart(digits, '0');

/** A model call whose span has these attributes. */
function call(attributes: Record<string, string | number>, over: Record<string, unknown> = {}) {
  return {
    traceId: hex(32),
    spanId: hex(16),
    name: 'chat',
    kind: 3,
    startTimeUnixNano: `${BigInt(nowMs - 5_000) * 1_000_000n}`,
    endTimeUnixNano: `${BigInt(nowMs - 4_000) * 1_000_000n}`,
    attributes: keyValues({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'model-1',
      'gen_ai.usage.input_tokens': 12,
      ...attributes,
    }),
    ...over,
  };
}

async function send(...spans: object[]): Promise<void> {
  const answer = await fetch(`${collector!.httpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'acme' }, spans }] }] }),
  });
  expect(answer.status).toBe(200);
}

const rows = <T>(sql: string) => engine.clickhouse.query<T>(sql);
const soon = (assertion: () => Promise<void> | void) =>
  vi.waitFor(assertion, { timeout: 120_000, interval: 50 });

function attributesOf(spanId: string) {
  const sql = `SELECT attributes, facts FROM spans FINAL WHERE span_id = '${spanId}'`;
  return rows<{ attributes: Record<string, string>; facts: string }>(sql).then(([row]) => row);
}

/** What the calls of the ledger are counted as, in the order they were sent. */
const counted = (columns: string) =>
  rows<Record<string, unknown>>(`SELECT ${columns} FROM calls FINAL ORDER BY span_id`).then(all =>
    all.map(row => Object.values(row)),
  );

describe('attributes', () => {
  test('of names beyond the limit are together in one, and names that are read have room always', async () => {
    await restart({ attributes: 2 });
    await send(call({ a: 1, b: 'x' }));
    const late = call({
      c: 'ü"',
      a: 2,
      d: 4,
      'app.feature': 'search',
      'gen_ai.response.model': 'model-1-mini',
    });
    await send(late);
    await soon(async () => {
      const row = await attributesOf(late.spanId);
      expect(row?.attributes).toEqual({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'acme',
        'gen_ai.request.model': 'model-1',
        'gen_ai.response.model': 'model-1-mini',
        'gen_ai.usage.input_tokens': '12',
        'app.feature': 'search',
        a: '2',
        _other: '{"c":"ü\\"","d":"4"}',
      });
      // Nothing has to be read from what is not there under its name.
      expect(row?.facts).not.toBe('');
      expect(await counted('feature, input_tokens')).toEqual([
        ['', '12'],
        ['search', '12'],
      ]);
    });
  });

  test('the names of the day are known after a restart, also those of spans with content and of log records', async () => {
    await restart({ attributes: 2 });
    await send(
      call({ a: 1, 'gen_ai.input.messages': '[]', 'gen_ai.tool.definitions': '[]' }),
      call({ b: 1 }),
    );
    await soon(async () => expect(await rows('SELECT 1 FROM spans')).toHaveLength(2));
    await restart({ attributes: 2 });
    const spans = [call({ c: 1, a: 1 }), call({ c: 2, 'gen_ai.input.messages': '[{"role":"user"}]' })];
    await send(...spans);
    const resourceLogs = [
      {
        scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' }, attributes: keyValues({ b: 1, e: 2 }) }] }],
      },
    ];
    await fetch(`${collector!.httpUrl}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceLogs }),
    });
    await soon(async () => {
      expect((await attributesOf(spans[0]!.spanId))?.attributes).toMatchObject({
        a: '1',
        _other: '{"c":"1"}',
      });
      expect((await attributesOf(spans[1]!.spanId))?.attributes).toMatchObject({ _other: '{"c":"2"}' });
      expect(await rows('SELECT attributes FROM logs')).toEqual([
        { attributes: { b: '1', _other: '{"e":"2"}' } },
      ]);
    });
  });

  test('calls are derived again from the store as they were, whatever was folded', async () => {
    await restart({ attributes: 0 });
    const first = call({ made_up: 'x', 'traceloop.association.properties.feature': 'search' });
    await send(first);
    await soon(async () => expect(await counted('feature')).toEqual([['search']]));
    await restart({ attributes: 0 });
    await send(
      call({ 'gen_ai.usage.input_tokens': 30 }, { traceId: first.traceId, parentSpanId: first.spanId }),
    );
    await soon(async () =>
      expect(await counted('feature, input_tokens')).toEqual([
        ['search', '12'],
        ['search', '30'],
      ]),
    );
  });
});

describe('features and models', () => {
  test('beyond the limit count as other, at the price of their own model', async () => {
    await restart({ features: 2, models: 2 });
    for (const n of [1, 2, 3])
      await send(call({ 'app.feature': `f${n}`, 'gen_ai.request.model': `model-${n}` }));
    await soon(async () => expect(await rows('SELECT 1 FROM calls')).toHaveLength(3));
    // Settled in any order, one of the three was the last.
    const told = await counted('feature, model, request_model, toInt32(cost_nanos)');
    expect(told.map(([, , , nanos]) => nanos)).toEqual([1, 2, 3]);
    expect(told.map(([, , model]) => model)).toEqual(['model-1', 'model-2', 'model-3']);
    expect(told.filter(([feature]) => feature === 'other')).toHaveLength(1);
    expect(told.filter(([, model]) => model === 'other')).toHaveLength(1);

    await restart({ features: 2, models: 2 });
    await send(
      call({ 'app.feature': 'f9', 'gen_ai.request.model': 'model-9' }),
      call({ 'app.feature': 'f1' }),
    );
    await soon(async () => expect(await rows('SELECT 1 FROM calls')).toHaveLength(5));
    const [ninth, again] = (await counted('feature, model')).slice(3);
    expect(ninth).toEqual(['other', 'other']);
    expect(again).toEqual(told.find(([, , model]) => model === 'model-1')!.slice(0, 2));
  });

  test('a person is told, with examples', async () => {
    await restart({ attributes: 1, features: 1, models: 1 });
    for (const n of [1, 2]) {
      await send(call({ [`key_${n}`]: 1, 'app.feature': `user-${n}`, 'gen_ai.request.model': `model-${n}` }));
      await soon(async () => expect(await rows('SELECT 1 FROM calls')).toHaveLength(n));
    }
    await soon(() => {
      const problems = collector!.status().report.problems.filter(({ id }) => id !== 'disk-low');
      expect(problems.map(({ id, severity }) => [id, severity]).sort()).toEqual([
        ['attribute-keys', 'warning'],
        ['features', 'warning'],
        ['models', 'warning'],
      ]);
      const detail = problems.map(problem => problem.detail).join(' ');
      for (const name of ['key_2', 'user-2', 'model-2']) expect(detail).toContain(name);
    });
  });
});

describe('limits', () => {
  test('names begin anew each day, and every project has its own', () => {
    const limit = new AttributeLimit(1);
    const fold = (projectId: string, atMs: number, name: string) =>
      limit.namesOf(projectId, atMs).fold({ [name]: 'v' });
    expect(fold('p', 0, 'a')).toEqual({ a: 'v' });
    expect(fold('p', 1, 'b')).toEqual({ _other: '{"b":"v"}' });
    expect(fold('q', 1, 'b')).toEqual({ b: 'v' });
    expect(limit.exceeded(2)).toEqual([{ projectId: 'p', folded: 1, examples: ['b'] }]);
    expect(fold('p', dayMs, 'b')).toEqual({ b: 'v' });
    expect(limit.exceeded(dayMs)).toEqual([]);
    // A replay of the day before.
    expect(fold('p', 2, 'c')).toEqual({ _other: '{"c":"v"}' });
  });

  test('a key is admitted as its name is', () => {
    const names = new AttributeNames(1);
    const others = new AttributeNames(1);
    expect(names.admits(keyOfText('one'))).toBe(true);
    expect(others.admits(keyOfText('two'))).toBe(true);
    expect([names, others].map(each => each.admits(keyOfText('one')))).toEqual([true, false]);
    expect([names, others].map(each => each.admits(keyOfText('two')))).toEqual([false, true]);
    expect(names.admits(keyOfText('gen_ai.request.model'))).toBe(true);
  });

  test('what does not fit into one value is left out', () => {
    const names = new AttributeNames(0);
    const folded = names.fold({ a: 'x'.repeat(5_000), b: 'y'.repeat(5_000) });
    expect(folded).toEqual({ _other: JSON.stringify({ a: 'x'.repeat(5_000) }) });
    expect(names.folded).toBe(2);
  });

  test('a feature that is not used for a week makes room', () => {
    const limit = new NameLimit(2);
    const on = (day: number, name: string) => limit.fold('p', name, day * dayMs);
    expect([on(0, 'a'), on(0, 'b'), on(0, 'c'), on(0, 'c'), on(0, '')]).toEqual([
      'a',
      'b',
      'other',
      'other',
      '',
    ]);
    expect(limit.exceeded(5)).toEqual([{ projectId: 'p', folded: 2, examples: ['c'] }]);
    expect(on(6, 'a')).toBe('a');
    expect(on(7, 'c')).toBe('other');
    expect(on(8, 'c')).toBe('c');
    expect(on(8, 'b')).toBe('other');
    expect(on(8, 'a')).toBe('a');
  });
});
