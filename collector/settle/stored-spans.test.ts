import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StoredSpan, spansOfTraces } from '#store/queries/trace-facts.ts';
import { readScenarios } from '../../test/support/captures.ts';
import { encodeTraces } from '../../test/support/encode-otlp.ts';
import { quietLog, startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { decodeTraces, toProtobuf } from '../otlp/decode.ts';
import { WireWriter } from '../otlp/wire-writer.ts';
import { stripContent } from '../request/contents.ts';
import { describeSpan } from '../request/describe.ts';
import { type Collector, startCollector } from '../start.ts';
import type { Span } from '../telemetry.ts';
import { factsOf } from './known-facts.ts';

let engine: TestEngine;
let collector: Collector;
let dataDir: string;

beforeAll(async () => {
  engine = await startTestEngine();
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-stored-'));
  collector = await startCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    clickhouse: engine.clickhouse,
    price: () => ({
      nanos: null,
      lowNanos: null,
      highNanos: null,
      uncachedNanos: null,
      byKind: {},
      priceVersion: '',
    }),
    captureContent: () => true,
    soleWriter: true,
    log: quietLog,
    settings: { flushMs: 10, stopMs: 5_000 },
  });
});
afterAll(async () => {
  await collector.stop();
  await engine.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Sends a request and gives its spans as they came, and as the store has them, by trace and span id. */
async function sentAndStored(
  bodies: Uint8Array[],
): Promise<{ sent: Span[]; stored: Map<string, StoredSpan> }> {
  const ctx = { projectId: 'default', receivedAtMs: Date.now(), retentionDays: 90 };
  const sent: Span[] = [];
  for (const body of bodies) {
    const { spans, rejected } = decodeTraces(body, 'protobuf', ctx);
    expect(rejected).toEqual([]);
    sent.push(...spans);
    const response = await fetch(`${collector.httpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    expect([response.status, await response.text()]).toEqual([200, '']);
  }
  await expect.poll(() => collector.status().waiting, { interval: 20 }).toBe(0);
  const times = sent.map(({ startNs }) => startNs).sort((a, b) => (a < b ? -1 : 1));
  const rows = await spansOfTraces(engine.clickhouse, {
    projectId: 'default',
    traceIds: [...new Set(sent.map(({ traceId }) => traceId))],
    fromNs: times[0]!,
    toNs: times.at(-1)!,
  });
  rows.sort((a, b) => Number(a.version) - Number(b.version));
  return { sent, stored: new Map(rows.map(row => [`${row.trace_id}/${row.span_id}`, row])) };
}

const rowOf = (stored: Map<string, StoredSpan>, { traceId, spanId }: Span) =>
  stored.get(`${traceId}/${spanId}`)!;

test('the facts of every captured span are the same when they are read again from what is stored', async () => {
  const bodies = readScenarios()
    .flatMap(scenario => scenario.bodies)
    .filter(({ signal }) => signal === 'traces')
    .map(({ signal, body, encoding }) => toProtobuf(signal, body, encoding));
  const { sent, stored } = await sentAndStored(bodies);
  for (const span of sent) expect(factsOf(rowOf(stored, span))).toEqual(describeSpan(span));
  // Once more as senders that keep their content to themselves: then facts are hardly ever stored.
  const bare = await sentAndStored([encodeTraces(sent.map(stripContent))]);
  let readAgain = 0;
  for (const span of bare.sent) {
    const row = rowOf(bare.stored, span);
    if (row.facts === '') readAgain++;
    expect(factsOf(row)).toEqual(describeSpan(span));
  }
  expect(readAgain).toBeGreaterThan(sent.length / 2);
});

type Write = (wire: WireWriter) => void;
const field = (wire: WireWriter, tag: number, write: Write) => {
  wire.varint(tag);
  const start = wire.open();
  write(wire);
  wire.close(start);
};
const raw = (wire: WireWriter, tag: number, bytes: Buffer | string) => {
  wire.varint(tag);
  wire.bytes(Buffer.from(bytes));
};
const anyValue = {
  text:
    (text: Buffer | string): Write =>
    wire =>
      raw(wire, 10, text),
  bool:
    (value: number): Write =>
    wire => {
      wire.varint(16);
      wire.varint(value);
    },
  int:
    (value: bigint): Write =>
    wire => {
      wire.varint(24);
      wire.varint64(value);
    },
  double:
    (value: number): Write =>
    wire => {
      wire.varint(33);
      wire.double(value);
    },
  array:
    (...items: Write[]): Write =>
    wire =>
      field(wire, 42, list => {
        for (const item of items) field(list, 10, item);
      }),
  map:
    (...entries: [string, Write][]): Write =>
    wire =>
      field(wire, 50, map => {
        for (const [key, value] of entries) writeEntry(map, 10, key, value);
      }),
  bytes:
    (bytes: Buffer): Write =>
    wire =>
      raw(wire, 58, bytes),
  nothing: (): Write => () => {},
};

function writeEntry(wire: WireWriter, tag: number, key: Buffer | string, value: Write | null): void {
  field(wire, tag, entry => {
    raw(entry, 10, key);
    if (value) field(entry, 18, value);
  });
}

let ids = 0;

/** A request with one span, whose attributes are those of its resource too: these are read as text at once. */
function request(entries: [Buffer | string, Write | null][]): Uint8Array {
  const wire = new WireWriter(1_000);
  field(wire, 10, resourceSpans => {
    field(resourceSpans, 10, resource => {
      for (const [key, value] of entries) writeEntry(resource, 10, key, value);
    });
    field(resourceSpans, 18, scopeSpans =>
      field(scopeSpans, 18, span => {
        raw(span, 10, Buffer.alloc(16, ++ids));
        raw(span, 18, Buffer.alloc(8, ids));
        raw(span, 42, 'everything');
        for (const tag of [57, 65]) {
          span.varint(tag);
          span.fixed64(BigInt(Date.now() - 60_000) * 1_000_000n);
        }
        for (const [key, value] of entries) writeEntry(span, 74, key, value);
      }),
    );
  });
  return new Uint8Array(wire.finish());
}

async function storedAttributes(entries: [Buffer | string, Write | null][]): Promise<Record<string, string>> {
  const { sent, stored } = await sentAndStored([request(entries)]);
  const row = rowOf(stored, sent[0]!);
  const { 'driftline.flags': _, ...attributes } = row.attributes;
  expect(attributes).toEqual(sent[0]!.attributes);
  expect(attributes).toEqual(row.resource);
  expect(factsOf(row)).toEqual(describeSpan(sent[0]!));
  return attributes;
}

test('values of every kind', async () => {
  const { text, bool, int, double, array, map, bytes, nothing } = anyValue;
  const attributes = await storedAttributes([
    ['text', text('grüße 🙂 \0 \u2028 "\\')],
    ['empty', text('')],
    ['none', null],
    ['nothing', nothing()],
    ['yes', bool(1)],
    ['no', bool(0)],
    ['small', int(-7n)],
    ['smallest', int(-(2n ** 63n))],
    ['largest', int(2n ** 63n - 1n)],
    ['half', double(0.5)],
    ['huge', double(1e300)],
    ['nan', double(Number.NaN)],
    ['negative', double(-Infinity)],
    ['list', array(text('a'), int(2n), double(Number.NaN), array(), nothing())],
    ['map', map(['b', int(1n)], ['a', text('x')], ['b', bool(1)])],
    ['bytes', bytes(Buffer.from([0, 255, 128]))],
    ['__proto__', text('a name like others')],
    ['constructor', text('another')],
    ['7', text('a number as name')],
  ]);
  expect(attributes).toMatchObject({
    none: '',
    yes: 'true',
    smallest: '-9223372036854775808',
    nan: 'NaN',
    list: '["a",2,"NaN",[],null]',
    map: '{"b":true,"a":"x"}',
    bytes: 'AP+A',
  });
});

test('names and values that are no UTF-8, repeated, long and too long', async () => {
  const { text } = anyValue;
  const broken = Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82]);
  const attributes = await storedAttributes([
    ['broken', text(broken)],
    [broken, text('x')],
    ['twice', text('first')],
    ['between', text('x')],
    ['twice', text('last')],
    ['taken back', text('first')],
    ['taken back', null],
    [`${'x'.repeat(255)}ä`, text('cut within a character')],
    ['long', text('ä🙂'.repeat(3_000))],
    ['exception.message', text('ä🙂'.repeat(4_000))],
  ]);
  expect(attributes.broken).toBe('a\ufffd\ufffd(\ufffd');
  expect(attributes).toMatchObject({
    twice: 'last',
    'taken back': '',
    ['x'.repeat(255)]: 'cut within a character',
  });
  expect(Buffer.byteLength(attributes.long!)).toBe(8_192);
  expect(Buffer.byteLength(attributes['exception.message']!)).toBe(24_000);
});

test('more names than are kept: a repeated one is still one, and the first 256 count', async () => {
  const { text } = anyValue;
  for (let part = 0; part < 40; part++) {
    const names = Array.from({ length: 250 }, (_, i) => [`n.${part}.${i}`, text('x')] as [string, Write]);
    decodeTraces(request(names), 'protobuf', { projectId: 'p', receivedAtMs: Date.now(), retentionDays: 90 });
  }
  const fresh = Array.from({ length: 300 }, (_, i) => [`fresh.${i}`, text(`${i}`)] as [string, Write]);
  const attributes = await storedAttributes([...fresh, ['fresh.3', text('again')], ...fresh.slice(5, 7)]);
  expect(Object.keys(attributes)).toHaveLength(256);
  expect(attributes).toMatchObject({ 'fresh.3': 'again', 'fresh.5': '5' });
});
