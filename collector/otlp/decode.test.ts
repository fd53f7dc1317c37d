import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeLogs, encodeTraces } from '../../test/support/encode-otlp.ts';
import type { Span } from '../telemetry.ts';
import { decodeLogs, decodeMetrics, decodeTraces as decodeSpans } from './decode.ts';
import { jsonToProtobuf } from './json.ts';
import type { Signal } from './proto.ts';
import { protobufToJson } from './to-json.ts';

/** Attributes are an accessor of a span fresh from the wire; comparing has to see them. */
const decodeTraces: typeof decodeSpans = (...given) => {
  const { spans, rejected } = decodeSpans(...given);
  return { spans: spans.map(span => ({ ...span, attributes: { ...span.attributes } })), rejected };
};

const receivedAtMs = Date.UTC(2026, 10, 21, 12);
const startNs = BigInt(receivedAtMs) * 1_000_000n - 5_000_000_000n;
const ctx = { projectId: 'default', receivedAtMs, retentionDays: 90 };

type Json = Record<string, unknown>;

function span(over: Json = {}): Json {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: 'chat',
    kind: 3,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 1_000_000n),
    attributes: [],
    ...over,
  };
}

function request(spans: unknown[], resource: Json = { attributes: [] }): string {
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 's' }, spans }] }] });
}

function decode(text: string) {
  return decodeTraces(Buffer.from(text), 'json', ctx);
}

function onlySpan(text: string): Span {
  const { spans, rejected } = decode(text);
  expect(rejected).toEqual([]);
  expect(spans).toHaveLength(1);
  return spans[0]!;
}

function attribute(value: Json): string | undefined {
  return onlySpan(request([span({ attributes: [{ key: 'k', value }] })])).attributes.k;
}

function nested(levels: number): Json {
  let value: Json = { stringValue: 'deep' };
  for (let i = 1; i < levels; i++)
    value = i % 2 ? { arrayValue: { values: [value] } } : { kvlistValue: { values: [{ key: 'x', value }] } };
  return value;
}

/** Fields of a message as they lie in its bytes. */
const field = (tag: number, content: readonly number[]) => [tag, ...varint(content.length), ...content];

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

test('an attribute is read the same whether or not it is written as every exporter writes it', () => {
  const unknown = [0x78, 1];
  const bytes = (maxLength: number) => fc.array(fc.integer({ min: 0, max: 255 }), { maxLength });
  // Also longer than it has to be, as nobody writes it.
  const number = fc
    .array(fc.integer({ min: 128, max: 255 }), { maxLength: 9 })
    .chain(head => fc.integer({ min: 0, max: 127 }).map(last => [...head, last]));
  const scalar = fc.oneof(
    bytes(300).map(text => field(10, text)),
    fc.string({ unit: 'binary', maxLength: 60 }).map(text => field(10, [...Buffer.from(text)])),
    number.map(value => [16, ...value]),
    number.map(value => [24, ...value]),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 8, maxLength: 8 }).map(value => [33, ...value]),
    bytes(20).map(value => field(58, value)),
  );
  const list = fc.array(scalar, { maxLength: 3 }).map(items =>
    field(
      42,
      items.flatMap(item => field(10, item)),
    ),
  );
  const value = fc.array(fc.oneof(scalar, list), { maxLength: 2 }).map(parts => parts.flat());
  const textOf = (keyValue: number[]) => {
    const id = (length: number) => new Array<number>(length).fill(7);
    const started = [...Buffer.from(new BigUint64Array([startNs]).buffer)];
    const spanBytes = [field(10, id(16)), field(18, id(8)), [57, ...started], field(74, keyValue)].flat();
    const body = Buffer.from(field(10, field(18, field(18, spanBytes))));
    const { spans, rejected } = decodeTraces(body, 'protobuf', ctx);
    expect(rejected).toEqual([]);
    return spans[0]?.attributes;
  };
  fc.assert(
    fc.property(fc.constantFrom('k', 'a.list', 'gen_ai.response.finish_reasons'), value, (name, of) => {
      const key = field(10, [...Buffer.from(name)]);
      const asMany = textOf([...key, ...field(18, of)]);
      expect(asMany).toEqual(textOf([...key, ...unknown, ...field(18, of)]));
      expect(asMany).toEqual(textOf([...key, ...field(18, [...unknown, ...of])]));
      // What was remembered of it.
      expect(asMany).toEqual(textOf([...key, ...field(18, of)]));
    }),
    { numRuns: 500 },
  );
});

describe('attribute values', () => {
  test('become canonical text', () => {
    expect(attribute({ stringValue: 'Köln 👋' })).toBe('Köln 👋');
    expect(attribute({ boolValue: true })).toBe('true');
    expect(attribute({ doubleValue: 0.35 })).toBe('0.35');
    expect(attribute({ doubleValue: 'NaN' })).toBe('NaN');
    expect(attribute({ bytesValue: 'aGk=' })).toBe('aGk=');
    expect(attribute({ arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }, {}] } })).toBe(
      '["a",1,null]',
    );
    expect(attribute({ kvlistValue: { values: [{ key: 'a', value: { boolValue: false } }] } })).toBe(
      '{"a":false}',
    );
    expect(attribute({})).toBe('');
  });

  test('int64 keeps every digit, as number or string, bare or inside an array', () => {
    const big = '9223372036854775807';
    expect(attribute({ intValue: big })).toBe(big);
    expect(attribute({ intValue: '-9223372036854775808' })).toBe('-9223372036854775808');
    expect(attribute({ arrayValue: { values: [{ intValue: big }] } })).toBe(`[${big}]`);
    const bare = request([span({ attributes: [{ key: 'k', value: { intValue: 'HERE' } }] })]).replace(
      '"HERE"',
      big,
    );
    expect(onlySpan(bare).attributes.k).toBe(big);
    const times = request([span()]).replace(`"${startNs}"`, String(startNs));
    expect(onlySpan(times).startNs).toBe(startNs);
  });

  test('long digits inside strings are left alone', () => {
    const text = '{"a":1234567890123456789, "b": "\\" [12345678901234567890"}';
    const bare = request([span({ attributes: [{ key: 'k', value: { stringValue: text } }] })]);
    expect(onlySpan(bare.replace(`"${startNs}"`, String(startNs))).attributes.k).toBe(text);
  });

  test('keys named like object internals are ordinary keys', () => {
    const keys = ['__proto__', 'constructor', 'hasOwnProperty'];
    const attributes = keys.map(key => ({ key, value: { stringValue: key } }));
    const decoded = onlySpan(request([span({ attributes })])).attributes;
    for (const key of keys) expect(decoded[key]).toBe(key);
    expect(({} as Json).polluted).toBeUndefined();
  });
});

describe('limits', () => {
  test('nesting of 32 is read, deeper rejects that span alone', () => {
    const ok = span({ spanId: '00000000000000aa', attributes: [{ key: 'k', value: nested(32) }] });
    const bad = span({ spanId: '00000000000000bb', attributes: [{ key: 'k', value: nested(33) }] });
    const worse = span({ spanId: '00000000000000cc', attributes: [{ key: 'k', value: nested(500) }] });
    const { spans, rejected } = decode(request([bad, ok, worse]));
    expect(spans.map(s => s.spanId)).toEqual(['00000000000000aa']);
    expect(rejected).toMatchObject([{ reason: 'nested_too_deep', count: 2 }]);
  });

  test('a resource nested too deep takes its spans along, not the other resources', () => {
    const deep = JSON.parse(request([span()], { attributes: [{ key: 'k', value: nested(40) }] }));
    const good = JSON.parse(request([span()]));
    const both = { resourceSpans: [...deep.resourceSpans, ...good.resourceSpans] };
    const { spans, rejected } = decode(JSON.stringify(both));
    expect(spans).toHaveLength(1);
    expect(rejected).toMatchObject([{ reason: 'nested_too_deep', count: 1 }]);
  });

  test('values are cut on a character boundary and flagged', () => {
    const decoded = onlySpan(
      request([span({ attributes: [{ key: 'k', value: { stringValue: '👋'.repeat(3000) } }] })]),
    );
    expect(decoded.attributes.k).toBe('👋'.repeat(2048));
    expect(decoded.flags).toEqual(['truncated']);
    const odd = onlySpan(
      request([span({ attributes: [{ key: 'k', value: { stringValue: `a${'👋'.repeat(3000)}` } }] })]),
    );
    expect(odd.attributes.k).toBe(`a${'👋'.repeat(2047)}`);
  });

  test('content keys may hold 64 KiB', () => {
    const value = { stringValue: 'x'.repeat(70_000) };
    const decoded = onlySpan(request([span({ attributes: [{ key: 'gen_ai.input.messages', value }] })]));
    expect(decoded.attributes['gen_ai.input.messages']).toHaveLength(65_536);
  });

  test('counts of attributes, events and links are cut; flattened prompts do not push token counts out', () => {
    const many = (n: number, prefix: string) =>
      Array.from({ length: n }, (_, i) => ({ key: `${prefix}.${i}.content`, value: { stringValue: 'v' } }));
    const tokens = { key: 'llm.token_count.prompt', value: { intValue: 12 } };
    const flat = onlySpan(request([span({ attributes: [...many(400, 'llm.input_messages'), tokens] })]));
    expect(flat.attributes['llm.token_count.prompt']).toBe('12');
    expect(flat.flags).toEqual([]);
    const events = Array.from({ length: 200 }, (_, i) => ({ name: `e${i}` }));
    const links = Array.from({ length: 200 }, () => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    }));
    const cut = onlySpan(request([span({ attributes: many(300, 'a'), events, links })]));
    expect(Object.keys(cut.attributes)).toHaveLength(256);
    expect([cut.events.length, cut.links.length, cut.flags]).toEqual([128, 128, ['truncated']]);
  });
});

describe('ids and times', () => {
  test('ids of any case; a bad one rejects its span alone', () => {
    const upper = span({ traceId: '0AF7651916CD43DD8448EB211C80319C' });
    const bad = [
      span({ traceId: 'xyz' }),
      span({ traceId: '0'.repeat(32) }),
      span({ spanId: 'ab' }),
      span({ parentSpanId: 'abcd' }),
    ];
    const { spans, rejected } = decode(request([upper, ...bad, span({ parentSpanId: '0000000000000000' })]));
    expect(spans.map(s => s.traceId)).toEqual(Array(2).fill('0af7651916cd43dd8448eb211c80319c'));
    expect(spans[1]?.parentSpanId).toBe('');
    expect(rejected.map(r => [r.reason, r.count])).toEqual([
      ['invalid_trace_id', 2],
      ['invalid_span_id', 1],
      ['invalid_parent_span_id', 1],
    ]);
  });

  test('clock skew: the future is clamped, the distant past refused, end before start has no duration', () => {
    const hour = 3_600_000_000_000n;
    const future = onlySpan(
      request([
        span({ startTimeUnixNano: String(startNs + hour), endTimeUnixNano: String(startNs + hour + 7n) }),
      ]),
    );
    expect(future.startNs).toBe(BigInt(receivedAtMs) * 1_000_000n);
    expect(future.endNs - future.startNs).toBe(7n);
    expect(future.attributes['driftline.original_start_time_unix_nano']).toBe(String(startNs + hour));
    expect(future.flags).toEqual(['clock_skew']);
    const backwards = onlySpan(request([span({ endTimeUnixNano: String(startNs - 1n) })]));
    expect([backwards.endNs, backwards.flags]).toEqual([startNs, ['negative_duration']]);
    const old = decode(
      request([
        span({ startTimeUnixNano: String(startNs - 91n * 24n * hour) }),
        span({ startTimeUnixNano: '0' }),
      ]),
    );
    expect(old.rejected.map(r => r.reason)).toEqual(['older_than_retention', 'missing_start_time']);
  });

  test('enums as numbers or names, unknown fields ignored', () => {
    const decoded = onlySpan(
      request([
        span({
          kind: 'SPAN_KIND_SERVER',
          status: { code: 'STATUS_CODE_ERROR', message: 'no' },
          fooBar: { deep: [1] },
        }),
      ]),
    );
    expect([decoded.kind, decoded.status, decoded.statusMessage]).toEqual(['server', 'error', 'no']);
  });
});

describe('bodies that are not OTLP', () => {
  test.each([
    ['{', /not JSON/],
    ['['.repeat(1_000_000), /not JSON/],
    [`{"other":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)},"resourceSpans":7}`, /expected an array/],
    ['[]', /the body: expected an object/],
    ['{"resourceSpans":{}}', /resourceSpans: expected an array/],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}', /spans\[0\].name: expected a string/],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"soon"}]}]}]}', /expected an integer/],
  ])('%#', (text, message) => {
    expect(() => decode(text)).toThrow(message);
  });

  test('random and truncated protobuf never does anything but decode or say MalformedBody', () => {
    const good = jsonToProtobuf(
      'traces',
      Buffer.from(request([span({ attributes: [{ key: 'k', value: nested(5) }] })])),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(good.length), (noise, cut) => {
        for (const body of [noise, good.subarray(0, cut), Buffer.concat([good.subarray(0, cut), noise])]) {
          try {
            decodeTraces(body, 'protobuf', ctx);
          } catch (error) {
            expect((error as Error).name).toBe('MalformedBody');
          }
        }
      }),
    );
  });
});

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const anyValue = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text.map(stringValue => ({ stringValue })),
    fc.boolean().map(boolValue => ({ boolValue })),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(n => ({ intValue: String(n) })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(doubleValue => ({ doubleValue })),
    fc.array(tie('value'), { maxLength: 3 }).map(values => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 })
      .map(values => ({ kvlistValue: { values } })),
  ),
})).value;
const keyValues = fc.array(fc.record({ key: text, value: anyValue }), { maxLength: 5 });
const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .filter(b => b.some(x => x > 0))
    .map(b => Buffer.from(b).toString('hex'));
const anySpan = fc.record({
  traceId: hex(16),
  spanId: hex(8),
  parentSpanId: fc.option(hex(8), { nil: '' }),
  name: text,
  kind: fc.integer({ min: 0, max: 5 }),
  startTimeUnixNano: fc.bigInt({ min: startNs, max: startNs + 3_600_000_000_000n }).map(String),
  endTimeUnixNano: fc.bigInt({ min: startNs - 1000n, max: startNs + 3_600_000_000_000n }).map(String),
  attributes: keyValues,
  events: fc.array(fc.record({ timeUnixNano: fc.nat().map(String), name: text, attributes: keyValues }), {
    maxLength: 2,
  }),
  links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), attributes: keyValues }), { maxLength: 2 }),
  status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }),
});

describe('encodings agree', () => {
  test('JSON → protobuf → JSON decodes to the same spans, and so does an encoding of nothing but those', () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 4 }), keyValues, (spans, attributes) => {
        const json = Buffer.from(request(spans, { attributes }));
        const decoded = decodeTraces(json, 'json', ctx);
        const protobuf = jsonToProtobuf('traces', json);
        expect(decodeTraces(protobuf, 'protobuf', ctx)).toEqual(decoded);
        const again = Buffer.from(JSON.stringify(protobufToJson('traces', protobuf)));
        expect(decodeTraces(again, 'json', ctx)).toEqual(decoded);
        const reencoded = decodeTraces(encodeTraces(decoded.spans), 'protobuf', { ...ctx, reencoded: true });
        expect(reencoded).toEqual({ spans: decoded.spans, rejected: [] });
      }),
      { numRuns: 200 },
    );
  });

  const captures = '../shared/captures';
  const files = readdirSync(captures, { recursive: true, encoding: 'utf8' }).filter(
    f => /\.(json|pb)(\.gz)?$/.test(f) && !f.includes('.meta.'),
  );
  test.each(files)('%s', file => {
    const raw = readFileSync(join(captures, file));
    const body = file.endsWith('.gz') ? gunzipSync(raw) : raw;
    const encoding = file.includes('.json') ? 'json' : 'protobuf';
    const signal = file.split('/')[1]!.split('.')[1] as Signal;
    const protobuf = encoding === 'json' ? jsonToProtobuf(signal, body) : body;
    const json = Buffer.from(JSON.stringify(protobufToJson(signal, protobuf)));
    if (signal === 'traces') {
      const decoded = decodeTraces(body, encoding, ctx);
      expect(decoded.rejected).toEqual([]);
      expect(decoded.spans.length).toBeGreaterThan(0);
      expect(decodeTraces(json, 'json', ctx)).toEqual(decoded);
      expect(decodeTraces(protobuf, 'protobuf', ctx)).toEqual(decoded);
      expect(decodeTraces(encodeTraces(decoded.spans), 'protobuf', { ...ctx, reencoded: true })).toEqual(
        decoded,
      );
    } else if (signal === 'logs') {
      const decoded = decodeLogs(body, encoding, ctx);
      expect(decoded.rejected).toEqual([]);
      expect(decoded.logs.length).toBeGreaterThan(0);
      expect(decodeLogs(json, 'json', ctx)).toEqual(decoded);
      expect(decodeLogs(encodeLogs(decoded.logs), 'protobuf', { ...ctx, reencoded: true })).toEqual(decoded);
    } else {
      const decoded = decodeMetrics(body, encoding, ctx);
      expect(decoded.rejected).toEqual([]);
      expect(decoded.points.length).toBeGreaterThan(0);
      expect(decodeMetrics(json, 'json', ctx)).toEqual(decoded);
    }
  });
});
