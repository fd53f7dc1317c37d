import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonToProtobuf } from '#collector/otlp/json.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { ingest } from '#contract/ingest.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { withEngine } from '../support/engine-rows.ts';
import { chatSpan, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { walSegments } from '../support/ledger.ts';
import { grpcSender, type RawAnswer, rawRequest } from '../support/raw-otlp.ts';
import { seeded } from '../support/seeded.ts';

// Rows of the failure table in which a request is what fails; the others are in failure-table.test.ts.

const JSON_TYPE = 'application/json';
const MIB = 2 ** 20;
const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;

const random = seeded(20_261_121);
const newSpan = (attributes: Record<string, string | number> = {}) =>
  chatSpan(random.hex(16), random.hex(8), 'failure-table', attributes);
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const requestOf = (...spans: Record<string, unknown>[]) => bytes(traceRequest(spans));

function post(
  { otlpHttp }: Driftline,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return rawRequest(`${otlpHttp}/v1/traces`, { body, headers: { 'content-type': JSON_TYPE, ...headers } });
}

/** The spans of these traces that are stored, once nothing is under way any more. */
async function storedOf(driftline: Driftline, traceIds: readonly string[]) {
  await eventually(
    async () => walSegments(driftline.dataDir).length,
    segments => segments === 0,
  );
  return withEngine(driftline, clickhouse =>
    clickhouse.query<{ trace_id: string; flags: string; keys: number }>(
      `SELECT trace_id, attributes['driftline.flags'] AS flags, toUInt16(length(attributes)) AS keys
       FROM spans FINAL WHERE trace_id IN {traceIds:Array(String)} ORDER BY indexOf({traceIds:Array(String)}, trace_id)`,
      { traceIds },
    ),
  );
}

const idsOf = async (driftline: Driftline, traceIds: readonly string[]) =>
  (await storedOf(driftline, traceIds)).map(({ trace_id }) => trace_id);

describe('a request that fails', () => {
  let driftline: Driftline;
  let folder: string;
  let askFor: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'driftline-failing-requests-'));
    askFor = join(folder, 'ask-for');
    driftline = await startDriftline({ DRIFTLINE_TEST_CRASH_FILE: askFor });
  });
  afterAll(async () => {
    await driftline?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ingestOf = () => driftline.get<ReplyOf<typeof ingest>>('/api/v1/ingest?from=now-1h');

  test('bad span in batch', async () => {
    const [first, second] = [newSpan(), newSpan()];
    const bad = { ...otlpSpan(newSpan()), traceId: '00000000000000000000000000000000' };
    const answer = await post(driftline, requestOf(otlpSpan(first), bad, otlpSpan(second)));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('invalid_trace_id') },
    });
    const traceIds = [first.traceId, second.traceId];
    expect(await idsOf(driftline, traceIds)).toEqual(traceIds);
    const { rejects } = await eventually(ingestOf, reply => reply.rejects.length > 0);
    expect(rejects).toMatchObject([{ reason: 'invalid_trace_id', count: 1 }]);
  });

  describe('malformed body / wrong type', () => {
    test.each([
      ['malformed body', Buffer.from('{"resourceSpans": [}'), JSON_TYPE, 400],
      ['wrong type', requestOf(otlpSpan(newSpan())), 'text/plain', 415],
    ])('%s', async (_, body, contentType, status) => {
      const answer = await post(driftline, body, { 'content-type': contentType });
      expect(answer.status).toBe(status);
      // Nothing that would make a sender come back with the same.
      expect(answer.headers['retry-after']).toBeUndefined();
    });
  });

  describe('body too large (compressed or not)', () => {
    test.each([
      ['as it is', Buffer.alloc(65 * MIB, 0x20), {}],
      ['compressed', randomBytes(17 * MIB), { 'content-encoding': 'gzip' }],
    ])('%s', async (_, body, headers) => {
      const span = newSpan();
      const whole = Buffer.concat([requestOf(otlpSpan(span)), body]);
      const answer = await post(driftline, whole, headers);
      expect([answer.status, answer.headers['retry-after']]).toEqual([413, undefined]);
      expect(await idsOf(driftline, [span.traceId])).toEqual([]);
    });
  });

  test('gzip bomb', async () => {
    // 1 GiB when it is unpacked: gzip members one after the other are one gzip file.
    const bomb = Buffer.concat(Array(16).fill(gzipSync(Buffer.alloc(64 * MIB), { level: 9 })));
    const span = newSpan();
    const peak = () => peakMemoryMb(driftline.pid('collector'));
    const before = peak();
    const [refused, taken] = await Promise.all([
      post(driftline, bomb, { 'content-encoding': 'gzip' }),
      post(driftline, requestOf(otlpSpan(span))),
    ]);
    expect([refused.status, taken.status]).toEqual([413, 200]);
    if (before !== null) expect(peak()! - before).toBeLessThan(128);
    expect(await idsOf(driftline, [span.traceId])).toEqual([span.traceId]);
  });

  test('nesting / attribute explosion', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`exploding.${n}`, n]));
    const [span, neighbour] = [newSpan(many), newSpan()];
    const answer = await post(driftline, requestOf(otlpSpan(span), otlpSpan(neighbour)));
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}']);
    const [cut, whole] = await storedOf(driftline, [span.traceId, neighbour.traceId]);
    expect(cut!.flags).toBe('truncated');
    expect(cut!.keys).toBeLessThanOrEqual(257);
    expect(whole!.flags).toBe('');
    const { totals } = await eventually(ingestOf, reply => (reply.totals.truncated ?? 0) > 0);
    expect(totals.truncated).toBe(1);
    // What is nested without end is refused alone.
    const deep = { ...otlpSpan(newSpan()), attributes: [{ key: 'deep', value: nested(40) }] };
    const kept = newSpan();
    const partly = await post(driftline, requestOf(deep, otlpSpan(kept)));
    expect(JSON.parse(partly.body.toString())).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
    expect(await idsOf(driftline, [kept.traceId])).toEqual([kept.traceId]);
  });

  describe('our own bug while decoding', () => {
    /** The line of the log that tells of an error by its id. */
    const logged = (id: string) =>
      eventually(
        async () =>
          driftline
            .log()
            .split('\n')
            .find(line => line.includes(`"errorId":"${id}"`)),
        line => line !== undefined,
      );

    test('over HTTP: 503 with an id that is in the log, and the sender still has it', async () => {
      const pid = driftline.pid('collector');
      const span = newSpan();
      const body = requestOf(otlpSpan(span));
      writeFileSync(askFor, 'decoding');
      const failed = await post(driftline, body);
      expect([failed.status, failed.headers['retry-after']]).toEqual([503, '5']);
      const { message } = JSON.parse(failed.body.toString()) as { message: string };
      const id = /\(error ([0-9a-f]{8})\)/.exec(message)?.[1];
      // What went wrong is for us to know.
      expect(message).not.toContain('a bug that a test asked for');
      const line = JSON.parse((await logged(id!))!) as { error: { message: string; stack: string } };
      expect(line.error.message).toContain('a bug that a test asked for');
      expect(line.error.stack).toContain('intake');
      expect(await idsOf(driftline, [span.traceId])).toEqual([]);

      expect((await post(driftline, body)).status).toBe(200);
      expect(await idsOf(driftline, [span.traceId])).toEqual([span.traceId]);
      expect(driftline.pid('collector')).toBe(pid);
    });

    test('over gRPC: UNAVAILABLE with a time to come back', async () => {
      const sender = grpcSender(driftline.otlpGrpc);
      try {
        const body = jsonToProtobuf('traces', requestOf(otlpSpan(newSpan())));
        writeFileSync(askFor, 'decoding');
        const failed = await sender.send('traces', body);
        expect(failed.code).toBe(UNAVAILABLE);
        expect(failed.message).toMatch(/\(error [0-9a-f]{8}\)/);
        expect(failed.metadata?.get('grpc-status-details-bin')).toHaveLength(1);
        expect((await sender.send('traces', body)).code).toBe(0);
      } finally {
        sender.close();
      }
      const { totals } = await eventually(ingestOf, reply => (reply.totals.refused_requests ?? 0) > 0);
      expect(totals.refused_requests).toBeGreaterThan(0);
    });
  });
});

test('quota exceeded', async () => {
  const [mine, yours] = ['a-key-that-sends-much', 'a-key-that-sends-little'];
  const driftline = await startDriftline({
    DRIFTLINE_INGEST_KEY: mine,
    DRIFTLINE_ADMIN_KEY: yours,
    // What overdraws it is in debt for minutes, however slow the machine.
    DRIFTLINE_KEY_LIMIT_MB: '0.01',
  });
  const sender = grpcSender(driftline.otlpGrpc);
  try {
    const by = (key: string) => ({ authorization: `Bearer ${key}` });
    const [taken, refused, other] = [newSpan({ padding: 'x'.repeat(2 * MIB) }), newSpan(), newSpan()];
    // One request may overdraw what the key has; those behind it wait for that.
    expect((await post(driftline, requestOf(otlpSpan(taken)), by(mine))).status).toBe(200);
    const answer = await post(driftline, requestOf(otlpSpan(refused)), by(mine));
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${mine}`);
    const overGrpc = await sender.call(
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      Buffer.from(jsonToProtobuf('traces', requestOf(otlpSpan(newSpan())))),
      metadata,
    );
    expect(overGrpc.code).toBe(RESOURCE_EXHAUSTED);
    expect(overGrpc.metadata?.get('grpc-status-details-bin')).toHaveLength(1);

    expect((await post(driftline, requestOf(otlpSpan(other)), by(yours))).status).toBe(200);
    expect(
      await idsOf(
        driftline,
        [taken, refused, other].map(({ traceId }) => traceId),
      ),
    ).toEqual([taken.traceId, other.traceId]);
  } finally {
    sender.close();
    await driftline.stop();
  }
});

function nested(depth: number): unknown {
  let value: unknown = { stringValue: 'bottom' };
  for (let level = 0; level < depth; level += 1) value = { arrayValue: { values: [value] } };
  return value;
}

/** Most memory a process ever had; null where the system does not say. */
function peakMemoryMb(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line ? Number(line[1]) / 1024 : null;
}
