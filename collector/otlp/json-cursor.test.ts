import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonCursor } from './json-cursor.ts';

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function skipAll(text: string): void {
  const cursor = new JsonCursor(Buffer.from(text));
  for (const _ of cursor.skipping());
  cursor.end();
}

/** JSON, and JSON with a few characters that are wrong or missing. */
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(fc.tuple(fc.nat(200), fc.constantFrom('', ...'{}[],:"\\0-+.eEtnu \n\t\u0001')), {
      maxLength: 2,
    }),
  )
  .map(([json, edits]) =>
    edits.reduce((text, [at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + (put === '' ? 1 : 0));
    }, json),
  );

test('accepts what JSON.parse accepts, and nothing else', () => {
  fc.assert(
    fc.property(nearlyJson, text => {
      expect(accepts(() => skipAll(text))).toBe(accepts(() => JSON.parse(text)));
    }),
    { numRuns: 3000 },
  );
});

test.each([
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '+1',
  '1e+',
  'nul',
  'truth',
  '"\\x"',
  '"\\u12g4"',
  '"\u0000"',
  '',
  ' ',
])('refuses %j as JSON.parse does', text => {
  expect(accepts(() => JSON.parse(text))).toBe(false);
  expect(accepts(() => skipAll(text))).toBe(false);
});

test('strings are read as JSON.parse reads them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (value, ascii) => {
      const asciiOnly = (text: string) =>
        text.replace(/[^ -~]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
      const json = ascii ? asciiOnly(JSON.stringify(value)) : JSON.stringify(value);
      const cursor = new JsonCursor(Buffer.from(json));
      cursor.string();
      expect(cursor.text()).toBe(JSON.parse(json));
      cursor.end();
    }),
  );
});

test('numbers keep every digit', () => {
  const cursor = new JsonCursor(Buffer.from('18446744073709551615'));
  expect(cursor.smallNumber()).toBeNull();
  expect(cursor.number()).toBe('18446744073709551615');
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
      const json = JSON.stringify(value);
      const read = new JsonCursor(Buffer.from(json));
      expect(read.smallNumber() ?? Number(read.number())).toBe(JSON.parse(json));
      read.end();
    }),
  );
});

test('says where it stopped and never what it read', () => {
  const secret = 'my salary is 3 €';
  expect(() => skipAll(`{"prompt":"${secret}"]`)).toThrow(/^the body is not JSON: no comma at byte \d+$/);
});
