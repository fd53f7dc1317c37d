import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactionKinds } from '#contract/privacy.ts';
import { seeded } from '../../test/support/seeded.ts';
import { BadPattern } from './custom.ts';
import { madeUpValue, madeUpValues } from './made-up.ts';
import { createRedactor, type Redactor } from './redactor.ts';

const key = Buffer.from('a key of this installation');
const redactor = (custom: { name: string; pattern: string }[] = []) =>
  createRedactor({ redact: [...redactionKinds], custom }, key);
const all = redactor();

/** The text with its placeholders cut to the kind. */
const kindsIn = (text: string, by: Redactor = all) =>
  by.text(text).replace(/\[([a-z_]+) [0-9a-f]{8}\]/g, '<$1>');

// Numbers from the documentation of those who issue them.
test.each([
  ['write to Maria.Lopez+news@mail.example.co.uk.', 'write to <email>.'],
  ["'o'neil@example.com'", "'<email>'"],
  ['<jörg@büro-münchen.de>', '<<email>>'],
  ['https://example.com/?mail=ada%40example.com&page=2', 'https://example.com/?mail=<email>&page=2'],
  ['Visa 4111 1111 1111 1111, CVC 123', 'Visa <card>, CVC 123'],
  ['4012888888881881', '<card>'],
  ['amex 3782-822463-10005', 'amex <card>'],
  ['6304 0000 0000 0000', '<card>'],
  ['GB29 NWBK 6016 1331 9268 19', '<iban>'],
  ['DE89370400440532013000', '<iban>'],
  ['to ch9300762011623852957 please', 'to <iban> please'],
  ['call +1 (415) 555-2671 now', 'call <phone> now'],
  ['tel:+442079460958', 'tel:<phone>'],
  ['(415) 555-2671 or 415.555.2671', '<phone> or <phone>'],
  ['020 7946 0958', '<phone>'],
  ['030/1234567', '<phone>'],
  ['01 23 45 67 89', '<phone>'],
  ['612 345 678', '<phone>'],
  ['SSN 078-05-1120', 'SSN <national_id>'],
  ['QQ123456C AB 12 34 56 C', 'QQ123456C <national_id>'],
  ['DNI 12345678Z, NIE X1234567L', 'DNI <national_id>, NIE <national_id>'],
  ['RSSMRA85T10A562S', '<national_id>'],
  ['IdNr 86 095 742 719', 'IdNr <national_id>'],
  ['NIR 2 55 08 14 168 025 38', 'NIR <national_id>'],
  ['CPF 529.982.247-25', 'CPF <national_id>'],
  ['AHV 756.9217.0769.85', 'AHV <national_id>'],
  ['Aadhaar 2341 2341 2346', 'Aadhaar <national_id>'],
  ['personnummer 811228-9874', 'personnummer <national_id>'],
  ['AKIAIOSFODNN7EXAMPLE', '<provider_key>'],
  [
    'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'aws_secret_access_key = <provider_key>',
  ],
  ['{"SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}', '{"SecretAccessKey":"<provider_key>"}'],
  ['authorization: Bearer abcdefgh12345678', 'authorization: Bearer <provider_key>'],
  [
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
    '<jwt>',
  ],
])('%s', (text, expected) => {
  expect(kindsIn(text)).toBe(expected);
});

test.each([
  'gpt-4o-mini-2024-07-18',
  'claude-3-5-sonnet-20241022',
  'chatcmpl-AbC123dEf456GhI789jKl012MnO34',
  'resp_68a1f0e2b7d88193a5c1d2e3f4a5b6c7',
  'msg_01XFDUDYJgAACzvnptvVoYEL',
  'call_4n1ybQ2hZ0x',
  '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  '12345678-1234-4123-8123-123456789012',
  '4bf92f3577b34da6a3ce929d0e0e4736',
  '2026-11-21T10:00:00.123456789Z',
  '2026-11-21 10:00:00.123',
  '21/11/2026 10:30',
  '21.11.2026',
  '192.168.100.200',
  '10.0.0.1:8080',
  '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
  '00:1B:44:11:3A:B7',
  'order 112-7384910-2938475',
  'ORD-2026-00012345',
  '1732183200000',
  '1732183200123456789',
  '0.4111111111111111',
  '[-0.4111111111111111,0.0512345678901234]',
  '1234567890',
  '+0200',
  '1,234,567,890.12',
  'v1.2.3-rc.4+build.5678',
  '@opentelemetry/sdk-node@0.223.0',
  'user@localhost',
  'a @ b.com',
  'sk-learn-contrib-project',
  'task-management-system-v2',
  'the bearer of good news',
  'eyJhbGciOiJIUzI1NiJ9',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  '[email 3f9a2c1b]',
  '',
])('is left alone: %s', text => {
  expect(all.text(text)).toBe(text);
});

test('numbers that stand alone are left alone, unless they can hardly be anything else', () => {
  const ordinary = [
    '86095742719',
    '1732183200123456789',
    '128000',
    '4012888888881',
    '20261121093000',
    '-30569309025904',
  ];
  for (const number of ordinary) expect(all.value(number)).toBe(number);
  expect(all.value('ada@example.com')).toBe(all.text('ada@example.com'));
  for (const card of ['4111111111111111', '378282246310005', '30569309025904', '38520000023237']) {
    expect(all.value(card)).toMatch(/^\[card [0-9a-f]{8}\]$/);
  }
  expect(all.value('255081416802538')).toMatch(/^\[national_id [0-9a-f]{8}\]$/);
});

test('times, counts and ids of one more than another keep all their digits', () => {
  const startMs = Date.UTC(2001, 8, 9);
  const numbers = Array.from({ length: 3_000 }, (_, n) => [
    startMs + n * 420_000_007,
    n * 1_000_003,
    1e10 + n * 7_919,
  ]);
  expect(numbers.flat().filter(number => all.value(String(number)) !== String(number))).toEqual([]);
});

test('equal values stay equal, however they are written, and differ by installation', () => {
  const other = createRedactor({ redact: [...redactionKinds], custom: [] }, Buffer.from('another'));
  const name = all.text('ada@example.com');
  expect(name).toMatch(/^\[email [0-9a-f]{8}\]$/);
  expect(all.text('Ada@Example.com')).toBe(name);
  expect(all.text('bob@example.com')).not.toBe(name);
  expect(other.text('ada@example.com')).not.toBe(name);
  expect(all.text('4111 1111 1111 1111')).toBe(all.text('4111-1111-1111-1111'));
});

test('JSON stays JSON, also inside of JSON, and numbers become strings', () => {
  const inner = JSON.stringify({ card: 4_111_111_111_111_111, note: 'line\nada@example.com\t"x"' });
  const text = JSON.stringify({ args: inner, cards: [4_111_111_111_111_111, 'a\\b'], n: 12 });
  const redacted = JSON.parse(all.text(text)) as { args: string; cards: string[]; n: number };
  expect(redacted.cards[0]).toMatch(/^\[card /);
  expect(redacted.n).toBe(12);
  const args = JSON.parse(redacted.args) as { card: string; note: string };
  expect(args.card).toBe(redacted.cards[0]);
  expect(args.note.replace(/ [0-9a-f]{8}\]/, ']')).toBe('line\n[email]\t"x"');
});

test('only the kinds that are on are looked for', () => {
  const cards = createRedactor({ redact: ['card'], custom: [] }, key);
  expect(kindsIn('ada@example.com 4111111111111111', cards)).toBe('ada@example.com <card>');
  const none = createRedactor({ redact: [], custom: [] }, key);
  expect(none.isOff).toBe(true);
  expect(none.text('ada@example.com')).toBe('ada@example.com');
});

test('patterns of the user: first, repeatedly, and never into what was replaced before', () => {
  const own = redactor([
    { name: 'customer', pattern: 'CUST-\\d+' },
    { name: 'hex', pattern: '[0-9a-f]{8}' },
  ]);
  const once = own.text('CUST-12 and CUST-345 wrote to ada@example.com');
  expect(once.replace(/ [0-9a-f]{8}\]/g, ']')).toBe('[customer] and [customer] wrote to [email]');
  expect(own.text(once)).toBe(once);
  expect(own.found).toEqual({ customer: 2, email: 1 });
});

test.each([
  ['a**(', 'cannot be read'],
  ['(?=a)', 'cannot be read'],
  ['(a)\\1', 'cannot be read'],
  ['a*', 'an empty text'],
  ['', 'an empty text'],
])('the pattern %s is refused', (pattern, reason) => {
  expect(() => redactor([{ name: 'own', pattern }])).toThrow(BadPattern);
  expect(() => redactor([{ name: 'own', pattern }])).toThrow(reason);
});

test('a pattern finds values everywhere in a long text, and one that looks far for little comes to an end', () => {
  const own = redactor([{ name: 'own', pattern: 'CUST-[a-z]+' }]);
  const text = `${'x '.repeat(300)}CUST-abc ${'y'.repeat(509)}CUST-def${'z'.repeat(100)} ${'- '.repeat(900)}CUST-q`;
  expect(own.text(text).match(/\[own [0-9a-f]{8}\]/g)).toHaveLength(3);
  expect(own.text(text)).not.toMatch(/CUST|def|zzz/);
  const far = redactor([{ name: 'far', pattern: 'a(.*b)?' }]);
  const hostile = `${'a'.repeat(20_000)} secret`;
  const redacted = far.text(hostile);
  expect(redacted).not.toContain('secret');
  expect(far.text(redacted)).toBe(redacted);
});

test('every made-up value is found whole, in a sentence, a URL, JSON and JSON in JSON', () => {
  for (const { kind, value } of madeUpValues(1400, seeded(7).integer)) {
    const [json, sentence] = [JSON.stringify({ text: `see\n${value}\n` }), `My number: ${value}, thanks`];
    const url = `https://example.com/?q=${encodeURIComponent(value)}&page=1`;
    for (const text of [value, sentence, json, JSON.stringify([json]), url]) {
      const redacted = all.text(text);
      expect(redacted, text).not.toContain(value);
      expect(redacted, text).toContain(`[${kind} `);
      expect(all.text(redacted)).toBe(redacted);
      if (text === json) expect(() => JSON.parse(redacted), redacted).not.toThrow();
    }
  }
});

/** Pieces that make borders, escapes and overlaps. */
const pieces = fc.oneof(
  fc.constantFrom(
    ...' ,.-+/()@\\"[]{}:%\n_=',
    '\\n',
    '\\u0040',
    '%40',
    '\\\\',
    'eyJ',
    'sk-',
    '4111',
    '[email 0123abcd]',
  ),
  fc.string({ maxLength: 6 }),
  fc
    .tuple(fc.constantFrom(...redactionKinds), fc.integer({ min: 0 }))
    .map(([kind, seed]) => madeUpValue(kind, seeded(seed).integer)),
);
const texts = fc.array(pieces, { maxLength: 12 }).map(parts => parts.join(''));

test('redacting twice changes nothing more', () => {
  const own = redactor([{ name: 'own', pattern: '\\d{3}|[a-f]{2}' }]);
  fc.assert(
    fc.property(texts, text => {
      const once = all.text(text);
      expect(all.text(once)).toBe(once);
      const twice = own.text(text);
      expect(own.text(twice)).toBe(twice);
    }),
  );
});

test('JSON texts can still be parsed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), texts, (value, text) => {
      const redacted = all.text(JSON.stringify({ value, text, deep: JSON.stringify([text]) }));
      expect(() => JSON.parse(redacted), redacted).not.toThrow();
    }),
  );
});

test('hostile texts of 64 KiB are done with', () => {
  const parts = [
    '1-',
    '1 ',
    '01 23 ',
    'a@',
    '@a.',
    'a.',
    'eyJ',
    'eyJa.',
    'sk-',
    'DE89 3704 ',
    '4111 ',
    '+1',
    '(0123) ',
  ];
  parts.push(
    '4111111111111112,',
    '-----BEGIN PRIVATE KEY-----"',
    'secret key ',
    'Bearer ',
    '\\',
    '%20',
    'a@b.co',
  );
  for (const part of parts) {
    const text = part.repeat(Math.ceil(65_536 / part.length));
    const redacted = all.text(text);
    expect(all.text(redacted)).toBe(redacted);
  }
});
