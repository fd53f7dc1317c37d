import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readScenarios } from '../../test/support/captures.ts';
import { encodeLogs, encodeTraces } from '../../test/support/encode-otlp.ts';
import { withoutOwnAttributes } from '../forward/own-attributes.ts';
import { decodeLogs, decodeTraces, toProtobuf } from '../otlp/decode.ts';
import { jsonToProtobuf } from '../otlp/json.ts';
import { factsAttribute, scoresAttribute } from '../otlp/limits.ts';
import type { Rejection } from '../otlp/request.ts';
import { protobufToJson } from '../otlp/to-json.ts';
import { isContentKey } from '../request/content-keys.ts';
import { type Batch, describeOneLog, describeOneSpan } from '../settle/described.ts';
import { logNotes, readLogNotes, readSpanNotes, spanNotes } from '../settle/notes.ts';
import { readRecord } from '../settle/read-record.ts';
import type { Span } from '../telemetry.ts';
import type { WalRecord } from '../wal/record.ts';
import { createIntake } from './intake.ts';

const receivedAtMs = Date.UTC(2026, 10, 21, 12);
const startNs = BigInt(receivedAtMs) * 1_000_000n - 5_000_000_000n;
const retentionDays = 90;
const ctx = { projectId: 'default', receivedAtMs, retentionDays: Infinity, reencoded: true };

interface Taken {
  batch: Batch;
  record: WalRecord;
  rejected: Rejection[];
}

/** What an intake makes of a request on disk, and what the request said. */
async function take(
  signal: 'traces' | 'logs',
  body: Uint8Array,
  captureContent = false,
): Promise<Taken | null> {
  let record: WalRecord | null = null;
  const receive = createIntake({
    append: async () => ({ segment: 1, from: 0, to: 0 }),
    accept: accepted => {
      record = accepted;
    },
    room: async () => {},
    onRejected: () => {},
    readingFor: () => ({ captureContent, mapping: undefined }),
    retentionDays,
    maxItems: 20_000,
    maxBytes: 1 << 26,
    now: () => receivedAtMs,
  });
  const rejected = await receive({ signal, encoding: 'protobuf', body, projectId: 'default' });
  return record && { record, rejected, batch: described(signal, body, captureContent) };
}

/** What the sender's own bytes say, without the way over the disk. */
function described(signal: 'traces' | 'logs', body: Uint8Array, captureContent: boolean): Batch {
  const own = { projectId: 'default', receivedAtMs, retentionDays };
  const reading = { captureContent, mapping: undefined };
  const batch: Batch = { projectId: 'default', spans: [], logs: [], points: [] };
  if (signal === 'traces') {
    const { spans } = decodeTraces(body, 'protobuf', own);
    return { ...batch, spans: spans.map(one => describeOneSpan(one, reading)) };
  }
  const { logs } = decodeLogs(body, 'protobuf', own);
  return { ...batch, logs: logs.map(one => describeOneLog(one, reading)) };
}

const replayed = ({ record }: Taken, captureContent = false) =>
  readRecord(record, { captureContent, mapping: undefined }, retentionDays);

/** With its attributes, which are no property of their own where they still lie in the request. */
const plain = (span: Span) => ({ ...span, attributes: { ...span.attributes } });

/** Everything of which a row is made. */
function told({ spans, logs }: Batch) {
  return {
    spans: spans.map(({ span, facts, scores, content }) => ({ span: plain(span), facts, scores, content })),
    logs: logs.map(({ log, facts, scores, content }) => ({ log, facts, scores, content })),
  };
}

/** What is read back of a request that is written anew, every value as text. */
function encodedAnew({ spans, logs }: Batch): ReturnType<typeof told> {
  const noted = spans.map(described => ({
    ...plain(described.span),
    attributes: { ...described.span.attributes, ...spanNotes(described) },
  }));
  const notedLogs = logs.map(described => ({
    ...described.log,
    attributes: { ...described.log.attributes, ...logNotes(described) },
  }));
  return told({
    projectId: 'default',
    spans: decodeTraces(encodeTraces(noted), 'protobuf', ctx).spans.map(span => readSpanNotes(span)!),
    logs: decodeLogs(encodeLogs(notedLogs), 'protobuf', ctx).logs.map(log => readLogNotes(log)!),
    points: [],
  });
}

type Json = { [key: string]: Json } & Json[] & string;

/** Every attribute of every item, and of its events, as JSON. */
function attributesIn(signal: 'traces' | 'logs', body: Uint8Array): string[] {
  const found: string[] = [];
  const visit = (value: Json) => {
    if (typeof value !== 'object' || value === null) return;
    if ('key' in value && 'value' in value) found.push(JSON.stringify(value));
    for (const part of Object.values(value)) visit(part as Json);
  };
  visit(protobufToJson(signal, body) as Json);
  return found;
}

const bodies = readScenarios()
  .flatMap(({ name, bodies: all }) => all.map(one => ({ ...one, name: `${name} ${one.file}` })))
  .filter(({ signal }) => signal !== 'metrics');

describe('a request whose content must not be kept', () => {
  test.each(bodies)('$name', async ({ signal, encoding, body }) => {
    const kind = signal as 'traces' | 'logs';
    const sent = toProtobuf(kind, body, encoding);
    const taken = (await take(kind, sent))!;
    const replay = replayed(taken);
    expect(told(replay)).toEqual(told(taken.batch));
    expect(told(replay)).toEqual(encodedAnew(taken.batch));

    const before = attributesIn(kind, sent);
    const written = Buffer.from(taken.record.payload);
    const after = attributesIn(kind, withoutOwnAttributes(kind, written));
    const known = new Set(before);
    const changed = after.filter(one => !known.has(one)).map(one => JSON.parse(one).key);
    expect(changed.filter(key => key !== 'llm.invocation_parameters')).toEqual([]);
    for (const one of before) {
      const { key, value } = JSON.parse(one);
      const text: string = value.stringValue ?? '';
      if (!isContentKey(key)) continue;
      expect(after).not.toContain(one);
      if (text.length > 60) expect(written.includes(text)).toBe(false);
    }
  });

  test('is the request as it came where there is none', async () => {
    const sent = request([span({ attributes: [attribute('gen_ai.request.model', 'm')] })]);
    const { record } = (await take('traces', sent))!;
    expect(record).toMatchObject({ reencoded: false, payload: sent });
  });
});

const attribute = (key: string, value: unknown) =>
  typeof value === 'string' ? { key, value: { stringValue: value } } : { key, value };

function span(over: Record<string, unknown> = {}) {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: 'chat',
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 1_000_000n),
    attributes: [] as object[],
    ...over,
  };
}

function request(...scopes: unknown[][]): Uint8Array {
  const resourceSpans = scopes.map(spans => ({
    resource: { attributes: [attribute('service.name', 's')] },
    scopeSpans: [{ scope: { name: 'acme' }, spans }],
  }));
  return jsonToProtobuf('traces', Buffer.from(JSON.stringify({ resourceSpans })));
}

function logRequest(logRecords: unknown[]): Uint8Array {
  const resourceLogs = [{ scopeLogs: [{ scope: { name: 'acme' }, logRecords }] }];
  return jsonToProtobuf('logs', Buffer.from(JSON.stringify({ resourceLogs })));
}

const secret = 'what people wrote';
const settings = JSON.stringify({ temperature: 0.5, messages: [secret] });

describe('what is left of an item', () => {
  test('numbers stay numbers, and what nobody reads stays', async () => {
    const sent = request([
      span({
        traceState: 'a=1',
        flags: 257,
        attributes: [
          attribute('gen_ai.usage.input_tokens', { intValue: '12' }),
          attribute('input.value', secret),
          attribute('llm.invocation_parameters', settings),
          attribute('seed', { doubleValue: 0.25 }),
          attribute('tags', { arrayValue: { values: [{ boolValue: true }] } }),
        ],
        events: [
          {
            name: 'gen_ai.choice',
            attributes: [attribute('content', secret), attribute('index', { intValue: '0' })],
          },
        ],
      }),
    ]);
    const { record, batch } = (await take('traces', sent))!;
    expect(record.reencoded).toBe(true);
    expect(Buffer.from(record.payload).includes(secret)).toBe(false);
    expect(told(replayed({ record, batch, rejected: [] }))).toEqual(told(batch));
    expect(protobufToJson('traces', withoutOwnAttributes('traces', record.payload))).toEqual(
      protobufToJson(
        'traces',
        request([
          span({
            traceState: 'a=1',
            flags: 257,
            attributes: [
              attribute('gen_ai.usage.input_tokens', { intValue: '12' }),
              attribute('llm.invocation_parameters', '{"temperature":0.5}'),
              attribute('seed', { doubleValue: 0.25 }),
              attribute('tags', { arrayValue: { values: [{ boolValue: true }] } }),
            ],
            events: [{ name: 'gen_ai.choice', attributes: [attribute('index', { intValue: '0' })] }],
          }),
        ]),
      ),
    );
  });

  test('content beyond the limits goes as well, other attributes stay for others to read', async () => {
    const numbered = (count: number, key: (n: number) => string) =>
      Array.from({ length: count }, (_, n) => attribute(key(n), `${secret} ${n}`));
    const sent = request([
      span({
        attributes: [
          ...numbered(1100, n => `gen_ai.prompt.${n}.content`),
          ...numbered(300, n => `a${n}`).map(({ key }) => attribute(key, 'kept')),
        ],
        events: Array.from({ length: 130 }, () => ({
          name: 'gen_ai.user.message',
          attributes: [
            ...numbered(130, n => `e${n}`).map(({ key }) => attribute(key, 'x')),
            attribute('content', secret),
          ],
        })),
      }),
    ]);
    const { record, batch } = (await take('traces', sent))!;
    expect(Buffer.from(record.payload).includes(secret)).toBe(false);
    expect(attributesIn('traces', record.payload).filter(one => one.includes('kept'))).toHaveLength(300);
    expect(batch.spans[0]!.span.flags).toEqual(['truncated']);
    expect(told(replayed({ record, batch, rejected: [] }))).toEqual(told(batch));
  });

  test('attributes of a sender that look like our own notes are not taken for them', async () => {
    const forged = [
      attribute(factsAttribute, '{'),
      attribute(scoresAttribute, '[]'),
      attribute('driftline.flags', 'clock_skew'),
      attribute('driftline.log_id', 'x'),
    ];
    const bad = span({ spanId: '0000000000000000' });
    const sent = request([bad, span({ attributes: [...forged, attribute('a', 'b')] })]);
    const { record } = (await take('traces', sent, true))!;
    const { spans } = replayed({ record } as Taken, true);
    expect(spans.map(one => [one.span.attributes, one.span.flags])).toEqual([[{ a: 'b' }, []]]);

    const refused = { spanId: 'ab', attributes: [] };
    const records = [
      refused,
      { timeUnixNano: String(startNs), body: { stringValue: 'hello' }, attributes: forged },
    ];
    const logs = (await take('logs', logRequest(records), true))!;
    expect(replayed(logs).logs.map(({ log }) => [log.attributes, log.logId])).toEqual([
      [{}, logs.batch.logs[0]!.log.logId],
    ]);
  });

  test('a resource goes with its last span', async () => {
    const bad = span({ spanId: '' });
    const sent = request([bad, bad], [bad, span()], []);
    const { record, rejected } = (await take('traces', sent, true))!;
    expect(rejected).toMatchObject([{ count: 3 }]);
    expect(record).toMatchObject({ items: 1, reencoded: true });
    expect(Buffer.from(record.payload)).toEqual(Buffer.from(request([span()], [])));
  });
});

const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom(
    'x'.repeat(70_000),
    'é'.repeat(5000),
    settings,
    '[]',
    '{"finish_reason":"stop","content":"y"}',
  ),
);
const key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'content',
    'message',
    'input.value',
    'output.value',
    'gen_ai.prompt.0.content',
    `gen_ai.prompt.0.${'c'.repeat(300)}`,
    'gen_ai.input.messages',
    'llm.invocation_parameters',
    'langfuse.observation.model.parameters',
    'gen_ai.request.model',
    'gen_ai.usage.input_tokens',
    'event.name',
    'exception.message',
  ),
);
const { value: anyValue } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    text.map(stringValue => ({ stringValue })),
    fc.boolean().map(boolValue => ({ boolValue })),
    fc.maxSafeInteger().map(n => ({ intValue: String(n) })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(doubleValue => ({ doubleValue })),
    fc.constant({}),
    fc.array(tie('value'), { maxLength: 3 }).map(values => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key, value: tie('value') }), { maxLength: 3 })
      .map(values => ({ kvlistValue: { values } })),
  ),
}));
const few = fc.array(fc.record({ key, value: anyValue }), { maxLength: 8 });
const many = fc
  .record({ count: fc.constantFrom(200, 600), every: fc.integer({ min: 2, max: 4 }), others: few })
  .map(({ count, every, others }) => [
    ...Array.from({ length: count }, (_, n) =>
      attribute(n % every === 0 ? `gen_ai.completion.${n}.content` : `k${n}`, 'v'),
    ),
    ...others,
  ]);
const keyValues = fc.oneof({ weight: 9, arbitrary: few }, { weight: 1, arbitrary: many });
const eventName = fc.constantFrom('', 'gen_ai.user.message', 'gen_ai.choice', 'exception', 'x');
const hex = (digits: number) =>
  fc.constantFrom('ab'.repeat(digits / 2), 'c1'.repeat(digits / 2), '', '00'.repeat(digits / 2));
const nanos = fc
  .constantFrom(-1n << 62n, -1000n, 0n, 1n, 7_200_000_000_000n)
  .map(offset => String(startNs + offset > 0n ? startNs + offset : 1n));
const anySpan = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: hex(16),
  name: text,
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes: keyValues,
  events: fc.array(fc.record({ name: eventName, attributes: keyValues }), { maxLength: 3 }),
  links: fc.array(fc.record({ traceId: hex(32), attributes: few }), { maxLength: 2 }),
});
const anyLog = fc.record({
  timeUnixNano: nanos,
  traceId: hex(32),
  spanId: hex(16),
  eventName,
  body: anyValue,
  attributes: keyValues,
});

describe('any request', () => {
  const check = async (signal: 'traces' | 'logs', sent: Uint8Array, captureContent: boolean) => {
    const taken = await take(signal, sent, captureContent);
    if (!taken) return;
    const replay = replayed(taken, captureContent);
    expect(told(replay)).toEqual(told(taken.batch));
    // The time a record from the future told is one attribute more than there is room for.
    const items = [...taken.batch.spans.map(({ span }) => span), ...taken.batch.logs.map(({ log }) => log)];
    const isFull = items.some(({ attributes }) => Object.keys(attributes).length > 256);
    if (!captureContent && !isFull) expect(told(replay)).toEqual(encodedAnew(taken.batch));
    expect(taken.record.items).toBe(taken.batch.spans.length + taken.batch.logs.length);
  };

  test('of spans is read back from disk as it was taken', async () => {
    const scopes = fc.array(fc.array(anySpan, { maxLength: 4 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(scopes, fc.boolean(), (spans, capture) => check('traces', request(...spans), capture)),
      { numRuns: 300 },
    );
  });

  test('of log records is read back from disk as it was taken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLog, { maxLength: 5 }), fc.boolean(), (logs, capture) =>
        check('logs', logRequest(logs), capture),
      ),
      { numRuns: 300 },
    );
  });
});
