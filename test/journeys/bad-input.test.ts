import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonToProtobuf } from '#collector/otlp/json.ts';
import { messageType, signals } from '#collector/otlp/proto.ts';
import type { TraceDetail } from '#contract/trace.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { chatSpan, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { grpcSender, type RawAnswer, rawRequest } from '../support/raw-otlp.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const MIB = 2 ** 20;

interface Health {
  status: string;
  problems: string[];
  ingest: { rejected: Record<string, number> };
}

let driftline: Driftline;
let traces: string;
beforeAll(async () => {
  driftline = await startDriftline();
  traces = `${driftline.otlpHttp}/v1/traces`;
});
afterAll(() => driftline.stop());

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const goodSpan = (traceId: string) => otlpSpan(chatSpan(traceId, hex(8), 'bad-input'));
const goodRequest = (traceId = hex(16)) => traceRequest([goodSpan(traceId)]);

function post(body: Uint8Array, contentType: string, headers: Record<string, string> = {}) {
  return rawRequest(traces, { body, headers: { 'content-type': contentType, ...headers } });
}

/** google.rpc.Status in the content type of the question. */
function statusOf(answer: RawAnswer): { code: number; message: string } {
  const type = answer.headers['content-type'] ?? '';
  if (type.startsWith(JSON_TYPE))
    return JSON.parse(answer.body.toString()) as { code: number; message: string };
  expect(type).toBe(PROTOBUF);
  return messageType('RpcStatus').decode(answer.body) as unknown as { code: number; message: string };
}

function partialSuccess(answer: RawAnswer): { rejected: number; message: string } {
  const { partialSuccess: partial } = JSON.parse(answer.body.toString()) as {
    partialSuccess?: { rejectedSpans: string; errorMessage: string };
  };
  return { rejected: Number(partial?.rejectedSpans ?? 0), message: partial?.errorMessage ?? '' };
}

/** Traces of the good spans that were sent beside bad things, looked up at the end: settling takes its time. */
const kept: string[] = [];
const refusedSpans: string[] = [];

function keptTrace(): string {
  const traceId = hex(16);
  kept.push(traceId);
  return traceId;
}

/** Waits until the trace is stored and its call is settled. */
function stored(traceId: string): Promise<TraceDetail> {
  const ask = () => driftline.get<TraceDetail>(`/api/v1/traces/${traceId}`);
  return eventually(ask, ({ calls }) => calls.length > 0);
}

describe('a request that cannot be read', () => {
  test.each<[string, Uint8Array, string, Record<string, string>, number]>([
    ['bytes that are no protobuf', Buffer.from('ffffffffff0102', 'hex'), PROTOBUF, {}, 400],
    ['protobuf cut off', jsonToProtobuf('traces', bytes(goodRequest())).subarray(0, 60), PROTOBUF, {}, 400],
    ['text that is no JSON', Buffer.from('{"resourceSpans": [}'), JSON_TYPE, {}, 400],
    ['JSON of another shape', bytes({ resourceSpans: { spans: 1 } }), JSON_TYPE, {}, 400],
    ['JSON nested without end', Buffer.from(`{"resourceSpans":${'['.repeat(200_000)}`), JSON_TYPE, {}, 400],
    ['text that is no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), JSON_TYPE, {}, 400],
    ['gzip that is none', Buffer.from('not gzip'), JSON_TYPE, { 'content-encoding': 'gzip' }, 400],
    [
      'gzip cut off',
      gzipSync(bytes(goodRequest())).subarray(0, 40),
      JSON_TYPE,
      { 'content-encoding': 'gzip' },
      400,
    ],
    ['an unknown encoding', bytes(goodRequest()), JSON_TYPE, { 'content-encoding': 'br' }, 415],
    ['more than 64 MiB', Buffer.alloc(65 * MIB, 0x20), JSON_TYPE, {}, 413],
    ['more than 16 MiB compressed', randomBytes(17 * MIB), JSON_TYPE, { 'content-encoding': 'gzip' }, 413],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(200 * MIB, 0x20), { level: 9 }),
      JSON_TYPE,
      { 'content-encoding': 'gzip' },
      413,
    ],
    [
      'a small gzip bomb',
      gzipSync(Buffer.alloc(4 * MIB, 0x20), { level: 9 }),
      PROTOBUF,
      { 'content-encoding': 'gzip' },
      413,
    ],
    ['too many spans', bytes(traceRequest(Array(20_001).fill(goodSpan(hex(16))))), JSON_TYPE, {}, 413],
  ])('%s', async (_, body, contentType, headers, status) => {
    const answer = await post(body, contentType, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain(contentType);
    expect(statusOf(answer).message).not.toBe('');
  });

  test.each(['text/plain', 'multipart/form-data; boundary=x', ''])('content type "%s"', async contentType => {
    const headers: Record<string, string> = contentType ? { 'content-type': contentType } : {};
    const answer = await rawRequest(traces, { body: bytes(goodRequest()), headers });
    expect(answer.status).toBe(415);
  });

  test.each(['GET', 'PUT', 'DELETE'])('method %s', async method => {
    const answer = await rawRequest(traces, { method, headers: { 'content-type': JSON_TYPE } });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toContain('POST');
  });

  test('an unknown path', async () => {
    const answer = await rawRequest(`${driftline.otlpHttp}/v1/profiles`, {
      body: bytes({}),
      headers: { 'content-type': JSON_TYPE },
    });
    expect(answer.status).toBe(404);
  });

  test.each(['logs', 'metrics'])('malformed %s', async signal => {
    const answer = await rawRequest(`${driftline.otlpHttp}/v1/${signal}`, {
      body: Buffer.from('ffffffffff0102', 'hex'),
      headers: { 'content-type': PROTOBUF },
    });
    expect(answer.status).toBe(400);
  });

  test('does not hinder another sender', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MIB), { level: 9 });
    const traceId = keptTrace();
    const [refused, taken] = await Promise.all([
      post(bomb, JSON_TYPE, { 'content-encoding': 'gzip' }),
      post(bytes(goodRequest(traceId)), JSON_TYPE),
    ]);
    expect([refused.status, taken.status]).toEqual([413, 200]);
  });
});

describe('a request that is taken', () => {
  test('empty, as protobuf and as JSON', async () => {
    const protobuf = await post(new Uint8Array(), PROTOBUF);
    expect([protobuf.status, protobuf.headers['content-type'], protobuf.body.length]).toEqual([
      200,
      PROTOBUF,
      0,
    ]);
    const json = await post(bytes({}), JSON_TYPE);
    expect([json.status, json.body.toString()]).toEqual([200, '{}']);
  });

  test('unknown fields are ignored in JSON', async () => {
    const traceId = keptTrace();
    const request = traceRequest([{ ...goodSpan(traceId), novelty: { deep: [1] } }]);
    const answer = await post(bytes({ ...request, future: true }), `${JSON_TYPE}; charset=utf-8`);
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}']);
  });

  test('unknown fields are ignored in protobuf', async () => {
    const traceId = keptTrace();
    // Field 999, length-delimited, at the top of the request.
    const unknown = Buffer.from([0xba, 0x3e, 0x03, 1, 2, 3]);
    const known = jsonToProtobuf('traces', bytes(goodRequest(traceId)));
    const answer = await post(Buffer.concat([unknown, known, unknown]), PROTOBUF);
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
  });

  test.each(['gzip', 'deflate'])('compressed with %s', async encoding => {
    const traceId = keptTrace();
    const compress = encoding === 'gzip' ? gzipSync : deflateSync;
    const answer = await post(compress(bytes(goodRequest(traceId))), JSON_TYPE, {
      'content-encoding': encoding,
    });
    expect(answer.status).toBe(200);
  });

  test('keys that JavaScript minds are keys like any other', async () => {
    const traceId = keptTrace();
    const span = otlpSpan(chatSpan(traceId, hex(8), 'bad-input', { constructor: 'y', toString: 'z' }));
    // An object literal would have swallowed it.
    (span.attributes as unknown[]).push({ key: '__proto__', value: { stringValue: 'polluted' } });
    const answer = await post(bytes(traceRequest([span])), JSON_TYPE);
    expect(answer.status).toBe(200);
    const [row] = (await stored(traceId)).spans;
    expect(row!.attributes).toMatchObject({ constructor: 'y', toString: 'z' });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

/** An attribute whose value is an array in an array … `depth` levels down. */
function nested(depth: number): unknown {
  let value: unknown = { stringValue: 'bottom' };
  for (let level = 0; level < depth; level += 1) value = { arrayValue: { values: [value] } };
  return { key: 'deep', value };
}

const flawed: Record<string, (span: Record<string, unknown>) => Record<string, unknown>> = {
  nested_too_deep: span => ({ ...span, attributes: [nested(40)] }),
  invalid_trace_id: span => ({ ...span, traceId: '00000000000000000000000000000000' }),
  invalid_span_id: span => ({ ...span, spanId: 'not-hex-at-all!!' }),
  invalid_parent_span_id: span => ({ ...span, parentSpanId: 'abcd' }),
  missing_start_time: span => ({ ...span, startTimeUnixNano: '0' }),
  older_than_retention: span => ({ ...span, startTimeUnixNano: '1500000000000000000' }),
};

describe('good spans beside bad ones', () => {
  test.each(Object.keys(flawed))('%s', async reason => {
    const [first, second] = [keptTrace(), keptTrace()];
    const bad = flawed[reason]!(goodSpan(hex(16)));
    const answer = await post(bytes(traceRequest([goodSpan(first), bad, goodSpan(second)])), JSON_TYPE);
    expect(answer.status).toBe(200);
    expect(partialSuccess(answer)).toEqual({ rejected: 1, message: expect.stringContaining(reason) });
    refusedSpans.push(reason);
  });
});

describe('over gRPC', () => {
  const OK = 0;
  const INVALID_ARGUMENT = 3;
  const RESOURCE_EXHAUSTED = 8;
  const UNIMPLEMENTED = 12;
  let sender: ReturnType<typeof grpcSender>;
  beforeAll(() => {
    sender = grpcSender(driftline.otlpGrpc);
  });
  afterAll(() => sender.close());

  test.each(['traces', 'logs', 'metrics'] as const)('malformed %s', async signal => {
    const { code, message } = await sender.send(signal, Buffer.from('ffffffffff0102', 'hex'));
    expect(code).toBe(INVALID_ARGUMENT);
    expect(message).not.toBe('');
  });

  test('an empty request', async () => {
    expect(await sender.send('traces', new Uint8Array())).toMatchObject({ code: OK, body: Buffer.alloc(0) });
  });

  test('an unknown method', async () => {
    const { code } = await sender.call(
      '/opentelemetry.proto.collector.trace.v1.TraceService/Import',
      Buffer.alloc(0),
    );
    expect(code).toBe(UNIMPLEMENTED);
  });

  test('a message of more than 64 MiB', async () => {
    const { code } = await sender.send('traces', Buffer.alloc(65 * MIB));
    expect(code).toBe(RESOURCE_EXHAUSTED);
  });

  test('a gzip bomb', async () => {
    const gzip = grpcSender(driftline.otlpGrpc, { 'grpc.default_compression_algorithm': 2 });
    try {
      const { code } = await gzip.send('traces', Buffer.alloc(100 * MIB));
      expect(code).toBe(RESOURCE_EXHAUSTED);
    } finally {
      gzip.close();
    }
  });

  test('a good span beside a bad one', async () => {
    const traceId = keptTrace();
    const bad = flawed.nested_too_deep!(goodSpan(hex(16)));
    refusedSpans.push('nested_too_deep');
    const body = jsonToProtobuf('traces', bytes(traceRequest([bad, goodSpan(traceId)])));
    const answer = await sender.send('traces', body);
    expect(answer.code).toBe(OK);
    const decoded = signals.traces.response.decode(answer.body!).toJSON();
    expect(decoded).toMatchObject({
      partialSuccess: { errorMessage: expect.stringContaining('nested_too_deep') },
    });
    expect(Number(decoded.partialSuccess.rejectedSpans)).toBe(1);
  });
});

test('every good span beside them is stored, each with its call', async () => {
  expect(kept.length).toBeGreaterThan(15);
  for (const traceId of kept) expect((await stored(traceId)).calls).toHaveLength(1);
});

test('every refused span is counted by its reason', async () => {
  const expected = Object.fromEntries(
    Object.keys(flawed).map(reason => [reason, refusedSpans.filter(other => other === reason).length]),
  );
  // The collector reports what it counted once a second.
  const { ingest } = await eventually(
    () => driftline.get<Health>('/api/v1/health'),
    seen => Object.entries(expected).every(([reason, count]) => (seen.ingest.rejected[reason] ?? 0) >= count),
  );
  expect(ingest.rejected).toMatchObject(expected);
});

test('the refusal is shown where a newcomer looks', async () => {
  await post(bytes(traceRequest([flawed.invalid_span_id!(goodSpan(hex(16)))])), JSON_TYPE);
  const ask = () => driftline.get<{ last_reject: { reason: string } | null }>('/api/v1/onboarding');
  await eventually(ask, ({ last_reject }) => last_reject?.reason === 'invalid_span_id');
});

test('afterwards everything still works, in the same processes', async () => {
  const { problems } = await eventually(
    () => driftline.get<Health>('/api/v1/health'),
    ({ status }) => status === 'ok',
  );
  expect(problems).toEqual([]);
  expect(driftline.log()).not.toMatch(/starting it again/);
});
