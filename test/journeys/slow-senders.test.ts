import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { jsonToProtobuf } from '#collector/otlp/json.ts';
import { chatSpan, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { grpcSender } from '../support/raw-otlp.ts';
import { startTestReceivers, type TestReceivers } from '../support/receivers.ts';
import { seeded } from '../support/seeded.ts';

const wanted = 5000;
const slow = 50;
const random = seeded(4318);

/** Idle connections this process can hold: both ends of each are ours, and other files are open too. */
function idleConnections(): number {
  const [, limit] = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  const possible = Math.floor((Number(limit ?? 256) - 500) / 2);
  if (possible < wanted)
    console.warn(`only ${possible} idle connections: the limit of open files is ${limit}`);
  return Math.min(wanted, possible);
}

const open: { end(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.end();
});

/** A connection that the receiver is expected to close. */
function connection(port: number): { socket: Socket; closed: Promise<void>; connected: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  open.push({ end: () => socket.destroy() });
  return {
    socket,
    connected: new Promise(resolve => socket.once('connect', resolve)),
    closed: new Promise(resolve => socket.once('close', () => resolve())),
  };
}

/** Writes a byte each second until the receiver has had enough. */
async function trickle(socket: Socket, text: string): Promise<void> {
  for (const char of text) {
    if (socket.destroyed) return;
    socket.write(char);
    await sleep(1000, undefined, { ref: false });
  }
}

const headers = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n';
/** What slow senders do slowly: nothing yet, headers, a body, an HTTP/2 preface. */
const slowly = {
  headers: [{ fast: '', slow: headers }],
  body: [{ fast: `${headers}content-length: 100000\r\n\r\n`, slow: 'x'.repeat(1000) }],
  chunks: [{ fast: `${headers}transfer-encoding: chunked\r\n\r\n`, slow: '1\r\nx\r\n'.repeat(1000) }],
} as const;

const message = () => {
  const span = otlpSpan(chatSpan(random.hex(16), random.hex(8), 'steady'));
  return jsonToProtobuf('traces', Buffer.from(JSON.stringify(traceRequest([span]))));
};

function post({ httpUrl }: TestReceivers, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', headers: { 'content-type': 'application/x-protobuf' } };
    const sent = request(`${httpUrl}/v1/traces`, options, answer => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(message());
  });
}

/** One sender that keeps its connection, one that makes a new one each time, one over gRPC: a few requests each, and more `until`. */
async function steadySenders(receivers: TestReceivers, until: Promise<unknown>) {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const fresh = new Agent({ keepAlive: false });
  const grpc = grpcSender(receivers.grpcUrl);
  open.push({ end: () => kept.destroy() }, { end: () => grpc.close() });
  const senders = {
    kept: () => post(receivers, kept),
    fresh: () => post(receivers, fresh),
    grpc: async () => ((await grpc.send('traces', message())).code === 0 ? 200 : 0),
  };
  const sent = { kept: 0, fresh: 0, grpc: 0 };
  const acked = { kept: 0, fresh: 0, grpc: 0 };
  /** Of those, how many before it was over. */
  let before = acked;
  let isOver = false;
  void until.then(() => {
    before = { ...acked };
    isOver = true;
  });
  const run = async (name: keyof typeof senders) => {
    while (!isOver || sent[name] <= 10) {
      sent[name]++;
      if ((await senders[name]()) === 200) acked[name]++;
      await sleep(50);
    }
  };
  await Promise.all((Object.keys(senders) as (keyof typeof senders)[]).map(run));
  return { sent, acked, before };
}

test('thousands of idle connections and slow senders do not stop good ones, and are closed in time', async () => {
  // Long enough for a good sender on a machine that is busy with other things.
  const timeouts = { headersMs: 10_000, requestMs: 10_000, idleMs: 10_000 };
  const receivers = await startTestReceivers({ settings: { timeouts } });
  open.push({ end: () => receivers.stop() });
  const ports = [receivers.httpPort, receivers.httpPort, receivers.httpPort, receivers.grpcPort];
  const count = idleConnections();
  const idle: ReturnType<typeof connection>[] = [];
  // Not all at once: what the kernel's queue has no room for is never seen by the receiver.
  for (let i = 0; i < count; i += 100) {
    const some = Array.from({ length: 100 }, (_, k) => connection(ports[k % ports.length]!));
    await Promise.all(some.map(({ connected }) => connected));
    idle.push(...some);
  }
  const kinds = Object.values(slowly).flat();
  const trickling = Array.from({ length: slow }, (_, i) => {
    const one = connection(receivers.httpPort);
    const { fast, slow: rest } = kinds[i % kinds.length]!;
    one.socket.write(fast);
    void trickle(one.socket, rest);
    return one;
  });
  const all = [...idle, ...trickling];
  await Promise.all(all.map(({ connected }) => connected));
  const closed = Promise.all(all.map(one => one.closed));
  const { sent, acked, before } = await steadySenders(receivers, closed);
  expect(acked).toEqual(sent);
  for (const number of Object.values(acked)) expect(number).toBeGreaterThan(10);
  for (const number of Object.values(before)) expect(number).toBeGreaterThan(0);
  expect(receivers.acked()).toBe(acked.kept + acked.fresh + acked.grpc);
  // A slow sender is counted; a connection that never said anything has sent nothing that could be refused.
  expect(receivers.refused.map(({ reason }) => reason)).toEqual(Array(slow).fill('request_too_slow'));
});
