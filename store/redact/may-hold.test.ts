import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactionKinds } from '#contract/privacy.ts';
import { seeded } from '../../test/support/seeded.ts';
import { madeUpValue, madeUpValues } from './made-up.ts';
import { mayHold, mayHoldBytes } from './may-hold.ts';
import { createRedactor } from './redactor.ts';

const redactor = createRedactor({ redact: [...redactionKinds], custom: [] }, Buffer.from('key'));

/** A protobuf string field, whose tag and length may be letters or digits. */
const field = (tag: number, text: string) => {
  const bytes = Buffer.from(text);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([tag, ...length]), bytes, Buffer.from([0x4a, 0x05])]);
};

test('every value makes it true: plain, escaped, and between the bytes of a message', () => {
  for (const { kind, value } of madeUpValues(2800, seeded(11).integer)) {
    const json = JSON.stringify(`said\n${value}\n`);
    const ascii = json.replace(/[^ -~]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
    for (const text of [value, json, JSON.stringify(json), ascii, encodeURIComponent(value)]) {
      expect(mayHold(text), `${kind} ${text}`).toBe(true);
      for (const tag of [0x0a, 0x12, 0x32, 0x41]) {
        const bytes = field(tag, text);
        expect(mayHoldBytes(bytes, 0, bytes.length), `${kind} ${text}`).toBe(true);
      }
    }
  }
});

test('what the detectors change is never said to hold nothing', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom(...' +-.@/()0123456789', 'sk-', 'ey', 'DE', 'AB', '\\u0040', '\\n', '%2B', 'key '),
    fc.stringMatching(/^[0-9A-Za-z ]{1,12}$/),
    fc
      .tuple(fc.constantFrom(...redactionKinds), fc.integer({ min: 0 }), fc.nat(20), fc.nat(30))
      .map(([kind, seed, from, length]) =>
        madeUpValue(kind, seeded(seed).integer).slice(from, from + length + 8),
      ),
  );
  // Another name for every text: custom patterns switch the question off, so this one asks the detectors themselves.
  const always = createRedactor(
    { redact: [...redactionKinds], custom: [{ name: 'never', pattern: '\\x00\\x01never' }] },
    Buffer.from('key'),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), parts => {
      const text = parts.join('');
      if (always.text(text) !== text) expect(mayHold(text), text).toBe(true);
      expect(redactor.text(text)).toBe(always.text(text));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  'gpt-4o-mini-2024-07-18',
  'gen_ai.usage.input_tokens',
  'https://api.openai.com/v1/chat/completions',
  'chatcmpl-AbC123dEf456',
  '2026-11-21T10:00:00Z',
  'text/html; charset=utf-8',
  'The answer is \\u003cb\\u003e42\\u003c/b\\u003e and 3 more.',
  'first_test_of_all',
])('is not even looked into: %s', text => {
  expect(mayHold(text)).toBe(false);
});
