import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freeLoopbackPort } from '#store/engine/free-port.ts';
import { encodeLogs, encodeTraces } from '../../test/support/encode-otlp.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../test/support/otlp-receiver.ts';
import { aLog, aSpan } from '../../test/support/telemetry.ts';
import { signals } from '../otlp/proto.ts';
import type { WalRecord } from '../wal/record.ts';
import { segmentPath } from '../wal/segment-file.ts';
import { openWal, type Wal } from '../wal/wal.ts';
import { type Forwarder, type ForwardingOptions, openForwarder } from './forwarder.ts';

const silent = { info() {}, warn() {}, error() {} };
let dir: string;
let receiver: OtlpReceiver;
const closing: (() => Promise<void>)[] = [];
const problems = new Map<string, { severity: string; title: string; detail: string }>();

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'driftline-forward-'));
  // A port that nobody is given meanwhile: some tests close it and open it again.
  receiver = await startOtlpReceiver(await freeLoopbackPort());
  problems.clear();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await receiver.stop();
  rmSync(dir, { recursive: true, force: true });
});

const walDir = () => join(dir, 'wal');
const forwardDir = () => join(dir, 'forward');
const files = (ending: string) =>
  readdirSync(forwardDir())
    .filter(name => name.endsWith(ending))
    .sort();

interface Running {
  wal: Wal;
  forwarder: Forwarder;
  leftovers: number[];
  stop(): Promise<void>;
}

/** A write-ahead log and its forwarder, as the collector puts them together; a segment for each `items` spans or `ageMs`. */
async function open(over: Partial<ForwardingOptions> = {}, items = 1, ageMs = 50): Promise<Running> {
  const forwarder = await openForwarder({
    url: receiver.url,
    headers: {},
    limitBytes: 1024 ** 3,
    dir: forwardDir(),
    log: silent,
    random: () => 0.5,
    ...over,
    settings: { firstBackOffMs: 5, longestBackOffMs: 20, timeoutMs: 60_000, ...over.settings },
  });
  const { wal, leftovers } = await openWal({
    dir: walDir(),
    log: silent,
    crashPoint: () => {},
    limits: { items, ageMs },
    onSealed: path => forwarder.add(path),
  });
  const ids = leftovers.map(({ segment }) => segment);
  await forwarder.adopt(ids.map(id => segmentPath(walDir(), id)));
  forwarder.start((id, problem) => (problem ? problems.set(id, problem) : problems.delete(id)));
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= wal.close().then(() => forwarder.stop());
    return stopped;
  };
  closing.push(stop);
  return { wal, forwarder, leftovers: ids, stop };
}

const spanId = (n: number) => (n + 1).toString(16).padStart(16, '0');

function spans(...numbers: number[]): WalRecord {
  const payload = encodeTraces(numbers.map(n => aSpan({ spanId: spanId(n), name: 'x'.repeat(200) })));
  const items = numbers.length;
  return { kind: 'traces', projectId: 'default', receivedAtMs: 1, items, reencoded: false, payload };
}

/** Appends, and lets the log delete the segment at once when nobody else needs it. */
async function append(wal: Wal, record: WalRecord, keep = false): Promise<void> {
  const { segment } = await wal.append(record);
  if (!keep) wal.release(segment);
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const soon = (assertion: () => void) => vi.waitFor(assertion, { timeout: 120_000, interval: 10 });
const arrived = (count: number) =>
  soon(() => expect([...receiver.spanIds()].sort()).toEqual(range(count).map(spanId)));

describe('sending on', () => {
  test('everything arrives, packed and with the headers, and then nothing is left on disk', async () => {
    const sent = { url: `${receiver.url}/api/`, headers: { 'api-key': 'k1' } };
    const { wal, forwarder } = await open(sent, 20, 500);
    await Promise.all(range(60).map(n => append(wal, spans(n))));
    const log = encodeLogs([aLog({ body: 'hello' })]);
    await append(wal, { ...spans(), kind: 'logs', items: 1, payload: log });
    await arrived(60);
    await soon(() => expect(receiver.taken.map(({ signal }) => signal)).toContain('logs'));
    const traces = receiver.taken.filter(({ signal }) => signal === 'traces');
    // Many requests of a segment went as one.
    expect(traces.length).toBeLessThan(10);
    expect(traces[0]!.headers).toMatchObject({ 'api-key': 'k1', 'content-encoding': 'gzip' });
    await soon(() => {
      const { waitingBytes, waitingFiles, sentItems } = forwarder.status();
      expect({ waitingBytes, waitingFiles, sentItems }).toEqual({
        waitingBytes: 0,
        waitingFiles: 0,
        sentItems: 61,
      });
    });
    await soon(() => expect(files('.wal')).toEqual([]));
  });

  test('what our encoder added is taken off, and everything else stays', async () => {
    const span = aSpan({
      flags: ['truncated'],
      attributes: { 'gen_ai.request.model': 'm', 'driftline.facts': '{"a":1}', 'driftline.scores': '[]' },
    });
    const log = aLog({ attributes: { 'driftline.score.id': 'mine' } });
    const { wal } = await open();
    await append(wal, { ...spans(), items: 1, reencoded: true, payload: encodeTraces([span, span]) });
    await append(wal, { ...spans(), kind: 'logs', items: 1, reencoded: true, payload: encodeLogs([log]) });
    await soon(() => expect(receiver.taken).toHaveLength(2));
    const text = JSON.stringify(receiver.taken.map(({ message }) => message));
    expect(text).not.toMatch(/driftline\.(facts|scores|flags|log_id)/);
    const plain = encodeTraces(
      [1, 2].map(() => ({ ...span, flags: [], attributes: { 'gen_ai.request.model': 'm' } })),
    );
    const type = signals.traces.request;
    const traces = receiver.taken.find(({ signal }) => signal === 'traces')!;
    expect(traces.message).toEqual(type.toObject(type.decode(plain), { longs: String, bytes: String }));
    // This one is the sender's.
    expect(text).toContain('driftline.score.id');
  });
});

describe('when the other side does not take it', () => {
  test('503, 429, 502, 504, silence and a closed door are waited out', async () => {
    const answers = [
      503,
      { status: 429, headers: { 'retry-after': '0.05' } },
      'hang',
      502,
      504,
      200,
    ] as const;
    let n = 0;
    receiver.answers = () => answers[Math.min(n++, answers.length - 1)]!;
    const { port } = receiver;
    const { wal, forwarder } = await open({ settings: { timeoutMs: 1_000 } });
    await append(wal, spans(0));
    await arrived(1);
    expect(n).toBe(6);

    await receiver.stop();
    // Ingest does not notice.
    for (const one of [1, 2, 3]) await append(wal, spans(one));
    await soon(() => expect(forwarder.status().lastError?.message).toMatch(/ECONNREFUSED/));
    await soon(() => expect(forwarder.status().waitingFiles).toBe(3));
    await soon(() => expect(readdirSync(walDir()).filter(name => name.endsWith('.wal'))).toEqual([]));
    const before = receiver.taken;
    receiver = await startOtlpReceiver(port);
    receiver.taken.push(...before);
    await arrived(4);
    expect(forwarder.status().dropped).toEqual({ refused: 0, limit: 0, disk: 0 });
  });

  test('400 drops the one bad request, which is counted and kept as a sample; its neighbours arrive', async () => {
    receiver.answers = ({ spanIds }) =>
      spanIds.includes(spanId(1))
        ? {
            status: 400,
            headers: { 'content-type': 'application/json' },
            body: Buffer.from('{"message":"bad"}'),
          }
        : 200;
    const { wal, forwarder } = await open({}, 4);
    await append(wal, spans(0));
    await append(wal, spans(1, 11));
    await append(wal, spans(2));
    await soon(() => expect([...receiver.spanIds()].sort()).toEqual([spanId(0), spanId(2)]));
    await soon(() =>
      expect(forwarder.status()).toMatchObject({
        sentItems: 2,
        dropped: { refused: 2 },
        lastError: { message: 'it answered 400: {"message":"bad"}' },
      }),
    );
    await soon(() => expect(existsSync(join(forwardDir(), 'refused.traces.pb'))).toBe(true));
    expect(readFileSync(join(forwardDir(), 'refused.traces.pb'))).toEqual(Buffer.from(spans(1, 11).payload));
    expect(problems.get('forward-refused')?.title).toContain('refused 2 spans');
  });

  test('items refused by a partial success are counted', async () => {
    const partialSuccess = { rejectedSpans: 1, errorMessage: 'too old' };
    const body = signals.traces.response.encode({ partialSuccess }).finish();
    receiver.answers = () => ({ status: 200, body });
    const { wal, forwarder } = await open();
    await append(wal, spans(0, 1, 2));
    await soon(() => expect(forwarder.status()).toMatchObject({ sentItems: 2, dropped: { refused: 1 } }));
    expect(forwarder.status().lastError?.message).toBe('too old');
  });

  test('an answer of 500 is tried a few times and then given up', async () => {
    receiver.answers = ({ spanIds }) => (spanIds.includes(spanId(0)) ? 500 : 200);
    const { wal, forwarder } = await open();
    await append(wal, spans(0));
    await append(wal, spans(1));
    await soon(() => expect([...receiver.spanIds()]).toEqual([spanId(1)]));
    await soon(() => expect(forwarder.status().dropped.refused).toBe(1));
    expect(receiver.refused).toHaveLength(5);
  });

  test('beyond the limit the oldest is dropped, counted and told; what is left arrives', async () => {
    receiver.answers = () => 503;
    const size = 8 + 24 + 7 + spans(0).payload.length;
    const { wal, forwarder } = await open({ limitBytes: 3 * size + 100 });
    for (const n of range(6)) await append(wal, spans(n));
    await soon(() => expect(forwarder.status().dropped.limit).toBe(3));
    expect(problems.get('forward-dropped')).toMatchObject({ severity: 'critical' });
    receiver.answers = () => 200;
    await soon(() => expect(receiver.spanIds()).toContain(spanId(5)));
    await soon(() => expect(forwarder.status().waitingFiles).toBe(0));
    expect(receiver.spanIds().size).toBe(3);
  });
});

describe('after a restart', () => {
  test('what waited is sent, what was sent and is still in the log is not, what was never linked is', async () => {
    const first = await open();
    await append(first.wal, spans(0), true);
    await arrived(1);
    await soon(() => expect(files('.done')).toHaveLength(1));
    receiver.answers = () => 503;
    await append(first.wal, spans(1));
    await append(first.wal, spans(2), true);
    await first.stop();
    expect(files('.wal')).toHaveLength(2);
    // As if the process had died between the write and the link.
    rmSync(join(forwardDir(), files('.wal')[1]!));

    receiver.answers = () => 200;
    const second = await open();
    expect(second.leftovers).toHaveLength(2);
    await arrived(3);
    expect(receiver.taken.filter(({ spanIds }) => spanIds.includes(spanId(0)))).toHaveLength(1);
    for (const id of second.leftovers) second.wal.release(id);
    await append(second.wal, spans(3));
    await arrived(4);
    await second.stop();
    expect(files('.wal')).toEqual([]);
  });

  test('a file is gone on with where it was left', async () => {
    const settings = { batchBytes: 1, lanes: 1 };
    const first = await open({ settings }, 100);
    let taken = 0;
    receiver.answers = () => (++taken > 20 ? 503 : 200);
    await Promise.all(range(40).map(n => append(first.wal, spans(n))));
    await soon(() => expect(receiver.refused.length).toBeGreaterThan(0));
    await first.stop();
    const before = receiver.taken.length;
    expect(before).toBe(20);
    receiver.answers = () => 200;
    await open({ settings });
    await arrived(40);
    expect(receiver.taken).toHaveLength(40);
  });

  test('a record that the disk has damaged is left out, counted and told; its neighbours arrive', async () => {
    // Nobody is there, who might answer a request that is still on its way when it is stopped. And until then all three are in
    // one file, however long they take.
    const first = await open({ url: 'http://127.0.0.1:1' }, 100, 600_000);
    await Promise.all(range(3).map(n => append(first.wal, spans(n))));
    await first.stop();
    const [path] = files('.wal').map(name => join(forwardDir(), name));
    const bytes = readFileSync(path!);
    bytes[bytes.indexOf(spans(1).payload) + 50]! ^= 1;
    writeFileSync(path!, bytes);
    const { forwarder } = await open();
    await soon(() => expect([...receiver.spanIds()].sort()).toEqual([spanId(0), spanId(2)]));
    expect(forwarder.status().dropped.disk).toBe(1);
    expect(problems.get('forward-unkept')).toMatchObject({ severity: 'critical' });
  });
});
