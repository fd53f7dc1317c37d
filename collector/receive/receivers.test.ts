import { connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Metadata } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { grpcSender, rawRequest } from '../../test/support/raw-otlp.ts';
import { startTestReceivers, type TestReceivers } from '../../test/support/receivers.ts';
import { jsonToProtobuf } from '../otlp/json.ts';

const started: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop();
});

async function start(options: Parameters<typeof startTestReceivers>[0] = {}): Promise<TestReceivers> {
  const receivers = await startTestReceivers(options);
  started.push(receivers);
  return receivers;
}

function grpc({ grpcUrl }: TestReceivers, options: Record<string, unknown> = {}) {
  const sender = grpcSender(grpcUrl, options);
  started.push({ stop: () => sender.close() });
  return sender;
}

const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'chat',
  startTimeUnixNano: `${Date.now()}000000`,
};
const requestOf = (spans: unknown[]) =>
  jsonToProtobuf('traces', Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })));
const good = requestOf([span]);
const padded = (bytes: number) =>
  requestOf([{ ...span, attributes: [{ key: 'pad', value: { stringValue: 'x'.repeat(bytes) } }] }]);

function post({ httpUrl }: TestReceivers, body: Uint8Array, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/x-protobuf', ...headers };
  return rawRequest(`${httpUrl}/v1/traces`, { body, headers: all });
}

const byKey = (header: string | undefined) => {
  const keyId = /^Bearer (.+)$/.exec(header ?? '')?.[1];
  return keyId === undefined ? null : { projectId: `project-${keyId}`, keyId };
};

/** Seconds in the google.rpc.RetryInfo of an answer: `Duration.seconds` is its last byte. */
function retryInfoS(metadata: Metadata): number | undefined {
  const details = metadata.get('grpc-status-details-bin')[0] as Buffer | undefined;
  expect(details === undefined || details.includes('type.googleapis.com/google.rpc.RetryInfo')).toBe(true);
  return details?.at(-1);
}

describe('the limit of a key', () => {
  const options = { authorize: byKey, settings: { keyBytesPerS: 100_000 } };

  test('429 with Retry-After for this key, everything as ever for another', async () => {
    let nowMs = Date.now();
    const receivers = await start({ ...options, now: () => nowMs });
    const a = { authorization: 'Bearer a' };
    expect((await post(receivers, padded(400_000), a)).status).toBe(200);
    const refused = await post(receivers, good, a);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '3']);
    expect((await post(receivers, good, { authorization: 'Bearer b' })).status).toBe(200);
    expect(receivers.refused).toMatchObject([
      { reason: 'key_limit', projectId: 'project-a', signal: 'traces' },
    ]);
    nowMs += 3000;
    expect((await post(receivers, good, a)).status).toBe(200);
  });

  test('what counts is what a body unpacks to', async () => {
    const receivers = await start({ ...options, now: () => 1_800_000_000_000 });
    const headers = { authorization: 'Bearer a', 'content-encoding': 'gzip' };
    expect((await post(receivers, gzipSync(padded(400_000)), headers)).status).toBe(200);
    expect((await post(receivers, gzipSync(good), headers)).status).toBe(429);
  });

  test('over gRPC RESOURCE_EXHAUSTED with RetryInfo, and HTTP and gRPC share it', async () => {
    const receivers = await start({ ...options, now: () => 1_800_000_000_000 });
    const sender = grpc(receivers);
    const as = (key: string) => {
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${key}`);
      return metadata;
    };
    const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
    expect(await sender.call(path, padded(400_000), as('a'))).toMatchObject({ code: 0 });
    const refused = await sender.call(path, good, as('a'));
    expect(refused.code).toBe(8);
    expect(retryInfoS(refused.metadata!)).toBe(3);
    expect((await sender.call(path, good, as('b'))).code).toBe(0);
    expect((await post(receivers, good, { authorization: 'Bearer a' })).status).toBe(429);
  });
});

describe('bytes in memory', () => {
  test('are one budget for HTTP and gRPC: 503 and UNAVAILABLE, with a time to come back', async () => {
    const receivers = await start({ settings: { maxInFlightBytes: 1_000_000 } });
    // Most of a body, and then nothing more for now.
    const halfway = connectTcp(receivers.httpPort, '127.0.0.1');
    halfway.write(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 900001\r\n\r\n',
    );
    await new Promise(resolve => halfway.write(Buffer.alloc(900_000), resolve));
    // As soon as it has been read; small ones have room all the while.
    const refused = await eventually(
      async () => {
        expect((await post(receivers, good)).status).toBe(200);
        return post(receivers, padded(200_000));
      },
      ({ status }) => status !== 200,
    );
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    const answer = await grpc(receivers).send('traces', padded(200_000));
    expect([answer.code, retryInfoS(answer.metadata!)]).toEqual([14, 1]);
    halfway.destroy();
    await eventually(
      () => post(receivers, padded(200_000)),
      ({ status }) => status === 200,
    );
  });
});

async function eventually<T>(ask: () => Promise<T>, accept: (answer: T) => boolean): Promise<T> {
  let last = '';
  for (let tries = 0; tries < 6_000; tries++) {
    const answer = await ask();
    if (accept(answer)) return answer;
    last = JSON.stringify(answer);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error(`it did not come to that: ${last}`);
}

describe('what is refused whole is counted', () => {
  test('under the project of its key, or under none', async () => {
    const receivers = await start({ authorize: byKey });
    const a = { authorization: 'Bearer a', 'content-type': 'application/x-protobuf' };
    await post(receivers, good);
    await rawRequest(`${receivers.httpUrl}/v1/profiles`, { body: good, headers: a });
    await rawRequest(`${receivers.httpUrl}/v1/logs`, { method: 'GET', headers: a });
    await post(receivers, Buffer.from('ffffffffff0102', 'hex'), a);
    await post(receivers, good, { ...a, 'content-encoding': 'br' });
    await grpc(receivers).send('metrics', good);
    expect(receivers.refused.map(({ reason, signal, projectId }) => [reason, signal, projectId])).toEqual([
      ['unauthorized', 'traces', null],
      ['unknown_path', null, 'project-a'],
      ['wrong_method', 'logs', 'project-a'],
      ['malformed_body', 'traces', 'project-a'],
      ['unsupported_encoding', 'traces', 'project-a'],
      ['unauthorized', 'metrics', null],
    ]);
  });

  test('bad spans count to the limit of one request', async () => {
    const receivers = await start({ maxItems: 10 });
    const bad = { ...span, traceId: '' };
    expect((await post(receivers, requestOf([...Array(9).fill(bad), span]))).status).toBe(200);
    expect((await post(receivers, requestOf([...Array(10).fill(bad), span]))).status).toBe(413);
    expect(receivers.acked()).toBe(1);
  });

  test('a mistake of ours is 503 and logged under the id that the sender is told', async () => {
    const receivers = await start({ fail: () => Promise.reject(new TypeError('a mistake')) });
    const { status, body, headers } = await post(receivers, good);
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    const errorId = /error ([0-9a-f]{8})/.exec(body.toString())?.[1];
    expect(receivers.errors).toMatchObject([{ fields: { errorId } }]);
    expect(body.toString()).not.toContain('a mistake');
    const answer = await grpc(receivers).send('traces', good);
    expect([answer.code, answer.message]).toEqual([14, expect.stringMatching(/error [0-9a-f]{8}/)]);
  });
});

describe('gRPC as it is written down', () => {
  test.each([
    ['gzip', 2],
    ['deflate', 1],
  ])('%s', async (_, algorithm) => {
    const receivers = await start();
    const sender = grpc(receivers, { 'grpc.default_compression_algorithm': algorithm });
    expect(await sender.send('traces', padded(100_000))).toMatchObject({ code: 0, body: Buffer.alloc(0) });
    expect(receivers.acked()).toBe(1);
  });

  test('many calls on one connection, and large ones', async () => {
    const receivers = await start();
    const sender = grpc(receivers);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) => sender.send('traces', padded(i % 50 === 0 ? 3_000_000 : 100))),
    );
    expect(answers.filter(({ code }) => code === 0)).toHaveLength(300);
    expect(receivers.acked()).toBe(300);
  });

  /** One call by hand; the status from headers or trailers. */
  function call(receivers: TestReceivers, headers: Record<string, string>, frames: Buffer[]) {
    return new Promise<Record<string, unknown>>((resolve, reject) => {
      const session = connectHttp2(
        receivers.httpUrl.replace(String(receivers.httpPort), String(receivers.grpcPort)),
      );
      session.on('error', reject);
      const stream = session.request({
        ':method': 'POST',
        ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      });
      let seen: Record<string, unknown> = {};
      const note = (more: Record<string, unknown>) => {
        seen = { ...seen, ...more };
      };
      stream.on('response', note).on('trailers', note).on('error', reject);
      stream.on('close', () => {
        session.close();
        resolve(seen);
      });
      for (const frame of frames) stream.write(frame);
      stream.end();
      stream.resume();
    });
  }
  const prefixed = (message: Uint8Array, flag = 0) => {
    const prefix = Buffer.from([flag, 0, 0, 0, 0]);
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]);
  };

  test.each<[string, Record<string, string>, Buffer[], object]>([
    ['a message in pieces', {}, [...prefixed(good)].map(byte => Buffer.from([byte])), { 'grpc-status': '0' }],
    ['no message', {}, [], { 'grpc-status': '3' }],
    ['half a prefix', {}, [Buffer.from([0, 0])], { 'grpc-status': '3' }],
    ['less than announced', {}, [prefixed(good).subarray(0, 40)], { 'grpc-status': '3' }],
    ['more than announced', {}, [prefixed(good), prefixed(good)], { 'grpc-status': '3' }],
    ['compressed, but not said how', {}, [prefixed(good, 1)], { 'grpc-status': '3' }],
    ['said gzip, but marked as plain', { 'grpc-encoding': 'gzip' }, [prefixed(good)], { 'grpc-status': '0' }],
    [
      'an unknown encoding',
      { 'grpc-encoding': 'snappy' },
      [prefixed(good, 1)],
      { 'grpc-status': '12', 'grpc-accept-encoding': 'identity,gzip,deflate' },
    ],
    ['too long by its prefix', {}, [Buffer.from([0, 255, 255, 255, 255])], { 'grpc-status': '8' }],
    ['an unknown method', { ':path': '/x.y.Z/W' }, [prefixed(good)], { 'grpc-status': '12' }],
    ['no gRPC', { 'content-type': 'application/json' }, [Buffer.from('{}')], { ':status': 415 }],
  ])('%s', async (_, headers, frames, expected) => {
    const receivers = await start();
    expect(await call(receivers, headers, frames)).toMatchObject(expected);
    expect((await grpc(receivers).send('traces', good)).code).toBe(0);
  });

  test('a client that pings all the time is sent away', async () => {
    const receivers = await start();
    const session = connectHttp2(`http://127.0.0.1:${receivers.grpcPort}`);
    const ended = new Promise<[number, string]>(resolve => {
      session.on('goaway', (code, _, data) => resolve([code, Buffer.from(data ?? '').toString()]));
    });
    session.on('error', () => {});
    session.on('connect', () => {
      for (let i = 0; i < 5; i++) session.ping(() => {});
    });
    expect(await ended).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM, 'too_many_pings']);
    expect((await grpc(receivers).send('traces', good)).code).toBe(0);
  });

  test('a session that breaks the protocol is let go, though nothing is read from it any more', async () => {
    const timeouts = { headersMs: 300, requestMs: 300, idleMs: 60_000 };
    const receivers = await start({ settings: { timeouts } });
    const sockets = ['', '00000001040000000082'].map(call => {
      const socket = connectTcp(receivers.grpcPort, '127.0.0.1');
      socket.on('error', () => {}).resume();
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      // SETTINGS, in one case the beginning of a call, and then a frame of 16 MiB.
      socket.write(Buffer.from(`000000040000000000${call}${'ff'.repeat(40)}`, 'hex'));
      return new Promise(resolve => socket.once('close', resolve));
    });
    await Promise.all(sockets);
    // A good one that a busy machine lets wait as long is let go as well, and comes again.
    await eventually(
      () => grpc(receivers).send('traces', good),
      ({ code }) => code === 0,
    );
  });

  test('HTTP/1 on its port does no harm', async () => {
    const receivers = await start();
    const socket = connectTcp(receivers.grpcPort, '127.0.0.1');
    const closed = new Promise(resolve => socket.once('close', resolve));
    socket.on('error', () => {}).resume();
    socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n');
    await closed;
    expect((await grpc(receivers).send('traces', good)).code).toBe(0);
  });
});
