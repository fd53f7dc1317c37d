import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rawRequest } from '../../test/support/raw-otlp.ts';
import { jsonToProtobuf } from '../otlp/json.ts';
import { readRecords, segmentPath } from '../wal/segment-file.ts';
import { openWal, WalFull } from '../wal/wal.ts';
import { createIntake } from './intake.ts';
import { startReceivers } from './start-receivers.ts';

const silent = { info() {}, warn() {}, error() {} };

/** A request of about 300 KB that is like no other. */
function request(number: number): Buffer {
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: (number + 1).toString(16).padStart(16, '0'),
    startTimeUnixNano: `${Date.now()}000000`,
    attributes: [
      { key: 'input.value', value: { stringValue: String.fromCharCode(97 + (number % 26)).repeat(50_000) } },
    ],
  };
  const spans = Array.from({ length: 6 }, () => span);
  const json = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  return Buffer.from(jsonToProtobuf('traces', Buffer.from(json)));
}

test('what is acknowledged, or was too late to be, is in the log as it was sent, whatever came after it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'driftline-bodies-'));
  const { wal } = await openWal({ dir, log: silent, crashPoint: () => {} });
  let open = () => {};
  const gate = new Promise<void>(resolve => {
    open = resolve;
  });
  let asked = 0;
  let appended = 0;
  const segments = new Set<number>();
  let written = 0;
  let refusals = 0;
  const receive = createIntake({
    // The first ten wait here, and of the others every tenth is refused by the log.
    room: () => (asked++ < 10 ? gate : Promise.resolve()),
    append: record => {
      const isRefused = ++appended <= 50 && appended % 10 === 0;
      if (!isRefused) return wal.append(record);
      refusals++;
      return Promise.reject(new WalFull('the log is full'));
    },
    accept: (_, { segment }) => {
      segments.add(segment);
      written++;
    },
    onRejected: () => {},
    readingFor: () => ({ captureContent: true, mapping: undefined }),
    retentionDays: 90,
    maxItems: 100,
    maxBytes: 2 ** 24,
    now: Date.now,
  });
  const receivers = await startReceivers({
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    receive,
    authorize: () => ({ projectId: 'default', keyId: null }),
    onRefused: () => {},
    settings: {
      body: {},
      connections: {},
      timeouts: {},
      keyBytesPerS: null,
      maxInFlightBytes: 2 ** 28,
      ackTimeoutMs: 100,
    },
    log: silent,
    now: Date.now,
  });
  try {
    const send = async (number: number) => {
      const body = request(number);
      const headers = { 'content-type': 'application/x-protobuf' };
      const url = `http://127.0.0.1:${receivers.httpPort}/v1/traces`;
      return { body, status: (await rawRequest(url, { body, headers })).status };
    };
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => send(from + i));
    const late = await Promise.all(range(0, 10));
    expect(late.map(({ status }) => status)).toEqual(late.map(() => 503));
    // They write over what the first ones left, if those left it too early.
    const others = await Promise.all(range(10, 60));
    const acknowledged = others.filter(({ status }) => status === 200);
    open();
    // Those that were told that it takes too long are written all the same.
    await expect.poll(() => written + refusals, { timeout: 60_000 }).toBe(late.length + others.length);
    const payloads: string[] = [];
    for (const segment of segments) {
      for await (const { record } of readRecords(segmentPath(dir, segment)))
        payloads.push(Buffer.from(record!.payload).toString('latin1'));
    }
    const sent = new Set([...late, ...others].map(({ body }) => body.toString('latin1')));
    expect(new Set(payloads).size).toBe(payloads.length);
    for (const payload of payloads) expect(sent.has(payload)).toBe(true);
    for (const { body } of [...late, ...acknowledged])
      expect(payloads.includes(body.toString('latin1'))).toBe(true);
  } finally {
    await receivers.stop();
    await wal.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
