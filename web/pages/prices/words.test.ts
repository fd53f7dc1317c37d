import { describe, expect, test } from 'vitest';
import type { Price } from '#contract/price.ts';
import { readPricesSearch } from './search.ts';
import { fieldName, fieldRank, holdsAt, priceText, statementText, termLines, validText } from './words.ts';

const price: Price = {
  price_id: 'm#1',
  provider: 'acme',
  model: 'm',
  region: '',
  mode: 'chat',
  currency: 'USD',
  prices: { cache_read: '0.075', input: '0.15', search: '0.01' },
  tiers: [{ threshold: 200_000, prices: { input: '0.3' } }],
  service_tiers: { flex: { input: '0.1' } },
  max_input_tokens: null,
  max_output_tokens: null,
  aliases: [],
  valid_from: '2026-11-01',
  valid_to: null,
  known_from: '2026-11-01T00:00:00.000Z',
  source: 'a test',
  own: true,
  noted_by: '',
  note: '',
};

test.each([
  ['5', 'USD', '$5.00'],
  ['0.075', 'USD', '$0.075'],
  ['1234.5', 'USD', '$1,234.50'],
  ['0.0000015', 'EUR', '0.0000015 EUR'],
])('a price of %s %s keeps all its digits', (decimal, currency, text) => {
  expect(priceText(decimal, currency)).toBe(text);
});

describe('when a price holds', () => {
  test.each([
    [null, null, 'always'],
    ['2026-11-01', null, 'from 2026-11-01'],
    [null, '2026-12-01', 'until 2026-12-01'],
    ['2026-11-01', '2026-12-01', '2026-11-01 to 2026-12-01'],
  ])('%s to %s is %j', (valid_from, valid_to, text) => {
    expect(validText({ valid_from, valid_to })).toBe(text);
  });

  test('begins with its first instant and ends before its last', () => {
    const ended = { ...price, valid_to: '2026-12-01' };
    expect(holdsAt(ended, Date.parse('2026-11-01T00:00:00Z'))).toBe(true);
    expect(holdsAt(ended, Date.parse('2026-12-01T00:00:00Z'))).toBe(false);
    expect(holdsAt(ended, Date.parse('2026-10-31T23:59:59Z'))).toBe(false);
  });
});

test('everything that decides a cost has a line, in one order', () => {
  expect(termLines(price).map(({ label, value }) => `${label} ${value}`)).toEqual([
    'Input $0.15',
    'Cache read $0.075',
    'Search, each $0.01',
    'Above 200,000 tokens: Input $0.30',
    'flex: Input $0.10',
  ]);
});

test('a field of a diff is named, the ordinary price first', () => {
  expect(['above 200000: output', 'alias', 'unheard_of'].map(fieldName)).toEqual([
    'Above 200,000 tokens: Output',
    'Name',
    'unheard_of',
  ]);
  const fields = ['flex: input', 'cache_read', 'input', 'mode'];
  expect(fields.sort((a, b) => fieldRank(a) - fieldRank(b))).toEqual([
    'input',
    'cache_read',
    'mode',
    'flex: input',
  ]);
});

test('a statement says its price or its end', () => {
  const of = (more: object) => statementText({ ...price, ended: false, ...more });
  expect(of({})).toBe('$0.15 in; above 200,000 tokens $0.30 in; flex');
  const plain = { tiers: [], service_tiers: {} };
  expect(of({ ...plain, prices: { search: '0.01' } })).toBe('$0.01 Search, each');
  expect(of({ ended: true })).toBe('No price from 2026-11-01 on');
});

test('the address keeps tab, search and model, and nothing else', () => {
  expect(readPricesSearch({ tab: 'rates', q: 'gpt', m: 'a\nb\n' })).toEqual({
    tab: 'rates',
    q: 'gpt',
    m: 'a\nb\n',
  });
  expect(readPricesSearch({ tab: 'models', q: '', m: 7 })).toEqual({});
});
