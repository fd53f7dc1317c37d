import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { type Collector, startCollector } from '../start.ts';
import { bearerKey } from './bearer-key.ts';

const key = 'sk-lf-0123456789abcdef';
const authorization = `Basic ${Buffer.from(`pk-lf-1:${key}`).toString('base64')}`;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const observationId = 'b7ad6b7169203331';

let engine: TestEngine;
let collector: Collector;
const dataDir = mkdtempSync(join(tmpdir(), 'driftline-langfuse-'));
beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    clickhouse: engine.clickhouse,
    price: () => {
      throw new Error('there are no calls here');
    },
    captureContent: () => true,
    log: { info() {}, warn() {}, error() {} },
    authorize: bearerKey([key]),
    settings: { flushMs: 20, stopMs: 2000 },
  });
});
afterAll(async () => {
  await collector.stop();
  await engine.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function send(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${collector.httpUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body: headers['content-encoding'] ? gzipSync(bytes) : bytes,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

let events = 0;
const event = (body: object, over: object = {}) => ({
  id: `event-${++events}`,
  timestamp: new Date().toISOString(),
  type: 'score-create',
  body: { traceId, ...body },
  ...over,
});
const ingest = (...batch: unknown[]) => send('/api/public/ingestion', { batch, metadata: { sdk_name: 'x' } });

/** The newest version of every score of this name, once everything acknowledged is stored. */
async function stored(name: string) {
  await expect.poll(() => collector.status().waiting, { interval: 25 }).toBe(0);
  return engine.clickhouse.query<{ value: number | null; label: string; target: string }>(
    `SELECT value, label, explanation, target, trace_id, span_id, session FROM scores FINAL
     WHERE name = {name:String} ORDER BY version DESC LIMIT 1 BY score_id`,
    { name },
  );
}

test('numbers, categories, truths and texts; 0, null and none are three things', async () => {
  const { status, body } = await ingest(
    event({ id: 's0', name: 'zero', value: 0, observationId }),
    event({ id: 's1', name: 'nothing', value: null }),
    event({ id: 's2', name: 'missing' }),
    event({ id: 's3', name: 'tone', value: 'friendly' }),
    event({ id: 's4', name: 'grounded', value: 0, dataType: 'BOOLEAN' }),
    event({ id: 's5', name: 'note', value: 'well said', dataType: 'TEXT', comment: 'by Ana' }),
    event({ id: 's6', name: 'solved', value: 1, traceId: undefined, sessionId: 'session-1' }),
  );
  expect(status).toBe(207);
  expect(body.successes).toHaveLength(6);
  expect(body.errors).toMatchObject([{ status: 400, message: 'value is missing' }]);
  expect(await stored('zero')).toMatchObject([
    { value: 0, label: '', target: 'span', trace_id: traceId, span_id: observationId },
  ]);
  expect(await stored('nothing')).toMatchObject([{ value: null, label: '', target: 'trace' }]);
  expect(await stored('missing')).toEqual([]);
  expect(await stored('tone')).toMatchObject([{ value: null, label: 'friendly' }]);
  expect(await stored('grounded')).toMatchObject([{ value: 0, label: 'false' }]);
  expect(await stored('note')).toMatchObject([
    { value: null, label: '', explanation: 'well said\n\nby Ana' },
  ]);
  expect(await stored('solved')).toMatchObject([{ value: 1, target: 'session', session: 'session-1' }]);
});

test('what is not a score is refused by itself, and the scores beside it are taken', async () => {
  const uuid = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
  const old = event({ name: 'beside', value: 3 }, { timestamp: '2020-01-01T00:00:00Z' });
  const batch = [
    event({ name: 'chat' }, { type: 'trace-create' }),
    event({ name: 'beside', value: 1 }),
    event({ name: 'chat' }, { type: 'generation-create' }),
    event({ name: 'beside', value: 'high', dataType: 'NUMERIC' }),
    event({ name: 'beside', value: 2, dataType: 'BOOLEAN' }),
    event({ name: 'beside', value: 1, traceId: uuid }),
    event({ name: 'beside', value: 1, traceId: undefined }),
    old,
    'no event',
    event({ message: 'debug' }, { type: 'sdk-log' }),
  ];
  const { status, body } = await ingest(...batch);
  expect(status).toBe(207);
  expect(body.successes).toHaveLength(2);
  const errors = body.errors as { id: string; message: string }[];
  expect(errors.map(({ message }) => message)).toEqual([
    'trace-create is not supported, send spans by OTLP to /api/public/otel/v1/traces',
    'generation-create is not supported, send spans by OTLP to /api/public/otel/v1/traces',
    'the value of a NUMERIC score must be a number',
    'the value of a BOOLEAN score must be 0 or 1',
    'traceId: must be the 32 hex digits of a span that was sent by OTLP',
    'name what is judged: traceId (with observationId) or sessionId',
    'older_than_retention',
    'not an event with id, type and body',
  ]);
  expect(errors[6]!.id).toBe(old.id);
  expect(await stored('beside')).toMatchObject([{ value: 1 }]);
  expect(collector.status().rejected.invalid_score).toBeGreaterThanOrEqual(7);
});

test('sent again it is the same score; the same id later replaces it, and an older one does not', async () => {
  const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();
  const first = event({ id: 'mine', name: 'review', value: 0.2 }, { timestamp: at(7200) });
  await ingest(first);
  await ingest(first);
  expect(await stored('review')).toMatchObject([{ value: 0.2 }]);
  await ingest(event({ id: 'mine', name: 'review', value: 0.9 }, { timestamp: at(10) }));
  await ingest(event({ id: 'mine', name: 'review', value: 0.5 }, { timestamp: at(3600) }));
  expect(await stored('review')).toMatchObject([{ value: 0.9 }]);

  const timestamp = at(5);
  await ingest(
    event({ id: 'twice', name: 'speed', value: 1 }, { timestamp }),
    event({ id: 'twice', name: 'speed', value: 2 }, { timestamp }),
  );
  expect(await stored('speed')).toMatchObject([{ value: 2 }]);
});

test('POST /api/public/scores takes one or, as the Python SDK sends them, many', async () => {
  const one = { id: 'p0', traceId, name: 'fluency', value: 0.7 };
  expect(await send('/api/public/scores', one)).toEqual({ status: 200, body: { id: 'p0' } });
  expect(await send('/api/public/scores', { ...one, value: undefined })).toMatchObject({ status: 400 });
  const many = [1, 2].map(n => ({ id: `p${n}`, traceId, name: 'fluency', value: n, timestamp: new Date() }));
  expect(await send('/api/public/scores', many, { 'content-encoding': 'gzip' })).toEqual({
    status: 202,
    body: { message: 'Accepted' },
  });
  expect(await send('/api/public/scores', [...many, { name: 'fluency', value: 1 }])).toEqual({
    status: 207,
    body: {
      accepted: 2,
      rejected: 1,
      errors: [{ message: 'name what is judged: traceId (with observationId) or sessionId' }],
    },
  });
  expect(await stored('fluency')).toHaveLength(3);
});

test('who has no key, or asks for something else, is told so', async () => {
  const basic = (secret: string) => `Basic ${Buffer.from(`pk:${secret}`).toString('base64')}`;
  const refused = await send('/api/public/ingestion', { batch: [] }, { authorization: basic('wrong') });
  expect(refused.status).toBe(401);
  const bearer = await send('/api/public/ingestion', { batch: [] }, { authorization: `Bearer ${key}` });
  expect(bearer).toEqual({ status: 207, body: { successes: [], errors: [] } });
  expect((await send('/api/public/ingestion', '{"batch":')).status).toBe(400);
  expect((await send('/api/public/ingestion', { scores: [] })).status).toBe(400);
  expect(await send('/api/public/v2/prompts', {})).toMatchObject({
    status: 404,
    body: { message: expect.stringContaining('POST /api/public/v2/prompts is not supported') },
  });
  const health = await fetch(`${collector.httpUrl}/api/public/health`);
  expect(await health.json()).toMatchObject({ status: 'OK' });
});

test('spans come to the path of Langfuse as to /v1/traces', async () => {
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId,
    spanId: observationId,
    name: 'work',
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1000n),
  };
  const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  expect(await send('/api/public/otel/v1/traces', request)).toEqual({ status: 200, body: {} });
});
