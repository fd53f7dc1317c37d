import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inTurns } from '../event-loop.ts';
import { convertJson, jsonToProtobuf } from './json.ts';
import { bytesPerStep, JsonCursor } from './json-cursor.ts';
import { signals } from './proto.ts';
import { allSteps } from './request.ts';
import { MalformedBody } from './wire.ts';

type Json = Record<string, unknown>;

const spansOf = (spans: unknown[]): Json => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** The name of the only span. */
function nameAfter(protobuf: Uint8Array): string {
  const decoded = signals.traces.request.decode(protobuf).toJSON() as {
    resourceSpans: { scopeSpans: { spans: { name?: string }[] }[] }[];
  };
  return decoded.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name ?? '';
}

function steps(body: Uint8Array): number {
  const work = convertJson('traces', body);
  let count = 0;
  while (!work.next().done) count++;
  return count;
}

describe('a text longer than one step', () => {
  const pieces = fc.constantFrom(
    'x',
    'ü',
    '€',
    '😀',
    '\n',
    '"',
    '\\',
    '\u0001',
    '\ud83d',
    '\ude00',
    '\u2028',
  );
  const around = fc.tuple(
    fc.integer({ min: -12, max: 12 }),
    fc.array(pieces, { minLength: 12, maxLength: 40 }),
  );

  test.each([
    ['as it is', (text: string) => JSON.stringify(text)],
    ['with every character escaped', escaped],
  ])('keeps its characters where it is cut, %s', (_, written) => {
    fc.assert(
      fc.property(around, ([offset, characters]) => {
        const name = 'a'.repeat(bytesPerStep + offset) + characters.join('');
        const body = bytes(
          `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":${cutting(name, written)}}]}]}]}`,
        );
        // Half a pair of surrogates has no bytes.
        expect(nameAfter(jsonToProtobuf('traces', body))).toBe(Buffer.from(name).toString());
      }),
      { numRuns: 40 },
    );
  });

  /** Only the end is written in the other way, so that the cut is among its characters. */
  function cutting(name: string, written: (text: string) => string): string {
    const plain = name.slice(0, bytesPerStep - 40);
    return `"${plain}${written(name.slice(plain.length)).slice(1, -1)}"`;
  }

  function escaped(text: string): string {
    const units = Array.from(
      { length: text.length },
      (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
    );
    return `"${units.join('')}"`;
  }

  test('without end is no JSON', () => {
    const body = bytes(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"${'x'.repeat(3 * bytesPerStep)}`);
    expect(() => jsonToProtobuf('traces', body)).toThrow(/not JSON: a string without end/);
  });
});

describe('whatever takes long is done in steps', () => {
  const megabyte = 'y'.repeat(2 ** 20);
  const perMegabyte = 2 ** 20 / bytesPerStep;

  test.each<[string, Json | string, number]>([
    ['many spans', spansOf(Array(2_000).fill({ name: 'chat', attributes: [] })), 2_000 / 256],
    ['many attributes of one span', spansOf([{ attributes: Array(2_000).fill({ key: 'k' }) }]), 2_000 / 256],
    ['one long text', spansOf([{ name: megabyte }]), perMegabyte - 1],
    ['one long text with escapes', spansOf([{ name: `"${megabyte}"` }]), perMegabyte - 1],
    ['a long text nobody reads', { unknown: megabyte }, perMegabyte - 1],
    ['objects nobody reads', { unknown: Array(50_000).fill({ a: ['b', 1, null] }) }, perMegabyte / 2],
    ['brackets nobody reads', `{"unknown":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, perMegabyte / 4],
    ['nesting beyond the limit', nestedBeyond(megabyte), perMegabyte - 1],
  ])('%s', (_, body, atLeast) => {
    expect(steps(bytes(body))).toBeGreaterThanOrEqual(Math.floor(atLeast));
  });

  test('also looking whether what does not fit is JSON at all', () => {
    const misfit = convertJson('traces', bytes({ resourceSpans: { of: megabyte } }));
    let count = 0;
    expect(() => {
      for (; !misfit.next().done; count++);
    }).toThrow(new MalformedBody('resourceSpans: expected an array'));
    expect(count).toBeGreaterThanOrEqual(perMegabyte - 1);
    const broken = bytes(`{"resourceSpans":{"of":"${megabyte}`);
    expect(() => jsonToProtobuf('traces', broken)).toThrow(/not JSON/);
  });

  test('and others have their turn in between', async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const spans = Array.from({ length: 40_000 }, (_, n) => ({
      name: `chat ${n}`,
      attributes: [{ key: 'k' }],
    }));
    const body = bytes(spansOf(spans));
    const turned = await inTurns(convertJson('traces', body));
    isDone = true;
    expect(turns).toBeGreaterThan(1);
    expect(Buffer.compare(turned, allSteps(convertJson('traces', body)))).toBe(0);
  });

  /** An array in an array … in an attribute, with something long at the bottom. */
  function nestedBeyond(bottom: string): Json {
    let value: Json = { stringValue: bottom };
    for (let level = 0; level < 40; level++) value = { arrayValue: { values: [value] } };
    return spansOf([{ attributes: [{ key: 'deep', value }] }]);
  }
});

test('long bytes keep each of them', () => {
  const value = Buffer.from(Array.from({ length: 100_001 }, (_, n) => n % 251));
  const written = value.toString('base64').replace(/(.{77})/g, '$1\n');
  const body = spansOf([
    { traceId: 'a'.repeat(2 * bytesPerStep), attributes: [{ key: 'k', value: { bytesValue: written } }] },
  ]);
  const [span] = signals.traces.request.decode(jsonToProtobuf('traces', bytes(body))).toJSON()
    .resourceSpans[0].scopeSpans[0].spans;
  expect(span.traceId ?? '').toBe('');
  expect(Buffer.compare(Buffer.from(span.attributes[0].value.bytesValue, 'base64'), value)).toBe(0);
});

test.each([
  ['white space', `${' '.repeat(2 ** 21)}{}`],
  ['digits', `{"a":${'1'.repeat(5_000)}}`],
  [
    'digits of a time',
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":${'1'.repeat(5_000)}}]}]}]}`,
  ],
  ['a key', `{"${'k'.repeat(70_000)}":1}`],
])('%s of absurd length is refused before it takes long', (_, body) => {
  expect(() => jsonToProtobuf('traces', bytes(body))).toThrow(MalformedBody);
});

test('a mistake is named by its place', () => {
  const body = spansOf([{ name: 'a' }, { attributes: [{ key: 'a' }, { key: 7 }] }]);
  expect(() => jsonToProtobuf('traces', bytes(body))).toThrow(
    'resourceSpans[0].scopeSpans[0].spans[1].attributes[1].key: expected a string',
  );
});

test('a cursor reads a long text whole as well', () => {
  const cursor = new JsonCursor(bytes(JSON.stringify('ü"'.repeat(bytesPerStep))));
  cursor.string();
  expect(cursor.text()).toBe('ü"'.repeat(bytesPerStep));
});
