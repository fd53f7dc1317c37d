import { describe, expect, test } from 'vitest';
import { PriceBook } from './price-book.ts';
import { entryOfListed, type PriceEntry, type PriceOverlay } from './price-entry.ts';
import { femtoPerPiece, femtoPerToken, parseListedModel, pricesFrom } from './price-list.ts';

const day = (text: string) => Date.parse(text);

function entry(
  said: Partial<{ input: number; from: string; to: string; known: string; ended: boolean; region: string }>,
  more: object = {},
): PriceEntry {
  const { input = 1, from = '1970-01-01', to, known = '2026-01-01', ended = false, region = '' } = said;
  const listed = parseListedModel({
    provider: 'acme',
    model: 'm-1',
    mode: 'chat',
    region,
    usd_per_1m: { input },
    aliases: ['acme/m-1'],
    source: 'a test',
    as_of: '2026-01-01',
    ...more,
  });
  return entryOfListed(listed, {
    priceVersion: `m-1#${input}`,
    validFromMs: day(from),
    validToMs: to === undefined ? null : day(to),
    knownFromMs: day(known),
    ended,
  });
}

const priced = (book: PriceBook, at: string, known?: string, model = 'm-1') =>
  book.find({
    provider: 'acme',
    responseModel: model,
    requestModel: '',
    atMs: day(at),
    knownMs: known === undefined ? undefined : day(known),
  })?.priceVersion ?? null;

describe('what held then, by what was known then', () => {
  const book = new PriceBook([
    entry({ input: 2 }),
    // Announced in May for June, corrected in July, taken back in August for September on.
    entry({ input: 3, from: '2026-06-01', known: '2026-05-01' }),
    entry({ input: 4, from: '2026-06-01', to: '2026-07-01', known: '2026-07-15' }),
    entry({ input: 9, from: '2026-09-01', known: '2026-08-01', ended: true }),
  ]);

  test.each([
    // [call at, known at, price]
    ['2026-05-31', undefined, 'm-1#2'],
    ['2026-06-01', undefined, 'm-1#4'],
    ['2026-06-30', undefined, 'm-1#4'],
    ['2026-07-01', undefined, 'm-1#3'],
    ['2026-09-01', undefined, null],
    ['2026-06-15', '2026-04-30', 'm-1#2'],
    ['2026-06-15', '2026-05-01', 'm-1#3'],
    ['2026-06-15', '2026-07-14T23:59:59.999Z', 'm-1#3'],
    ['2026-06-15', '2026-07-15', 'm-1#4'],
    ['2026-09-15', '2026-07-31', 'm-1#3'],
    ['2026-09-15', '2026-08-01', null],
    ['2026-06-15', '2025-12-31', null],
  ])('a call of %s, known %s: %s', (at, known, expected) => {
    expect(priced(book, at, known)).toBe(expected);
  });
});

test('a region has its own price, until that ends', () => {
  const book = new PriceBook([
    entry({ input: 2 }),
    entry({ input: 3, region: 'eu', from: '2026-06-01' }),
    entry({ input: 4, region: 'eu', from: '2026-09-01', known: '2026-08-01', ended: true }),
  ]);
  expect(priced(book, '2026-07-01')).toBe('m-1#2');
  expect(priced(book, '2026-07-01', undefined, 'us.anthropic.m-1')).toBe('m-1#2');
  expect(priced(book, '2026-07-01', undefined, 'eu.anthropic.m-1')).toBe('m-1#3');
  expect(priced(book, '2026-05-01', undefined, 'eu.anthropic.m-1')).toBe('m-1#2');
  expect(priced(book, '2026-10-01', undefined, 'eu.anthropic.m-1')).toBe('m-1#2');
});

describe('what was agreed', () => {
  const overlay = (overlayId: string, more: Partial<PriceOverlay> = {}): PriceOverlay => ({
    overlayId,
    version: 1,
    projectId: '',
    provider: '',
    model: '',
    percentOff: '10',
    prices: {},
    currency: 'USD',
    validFromMs: 0,
    validToMs: null,
    knownFromMs: day('2026-01-01'),
    withdrawn: false,
    ...more,
  });
  const found = (overlays: PriceOverlay[], more: { provider?: string; at?: string; known?: string } = {}) => {
    const { provider = 'acme', at = '2026-06-01', known } = more;
    const knownMs = known === undefined ? undefined : day(known);
    const book = new PriceBook([], { overlays });
    const it = book.overlay({ projectId: 'shop', provider, entry: entry({}), atMs: day(at), knownMs });
    return it && `${it.overlayId}.${it.version}`;
  };

  test('the overlay that speaks of a call most closely holds, in any order', () => {
    const rising = [
      overlay('all'),
      overlay('later', { knownFromMs: day('2026-02-01') }),
      overlay('provider', { provider: 'acme' }),
      overlay('pattern', { model: 'm*' }),
      overlay('longer-pattern', { model: 'm-*' }),
      overlay('model', { model: 'M-1' }),
      overlay('project', { projectId: 'shop' }),
    ];
    for (let some = 1; some <= rising.length; some += 1) {
      const known = rising.slice(0, some);
      expect(found(known)).toBe(`${rising[some - 1]!.overlayId}.1`);
      expect(found(known.toReversed())).toBe(`${rising[some - 1]!.overlayId}.1`);
    }
  });

  test.each<[string, Partial<PriceOverlay>, string | null]>([
    ['another project', { projectId: 'other' }, null],
    ['another model', { model: 'm-2' }, null],
    ['a pattern is no regular expression', { model: 'm.1' }, null],
    ['another provider', { provider: 'openai' }, null],
    ['over by then', { validToMs: day('2026-06-01') }, null],
    ['not begun', { validFromMs: day('2026-06-01T00:00:00.001Z') }, null],
    ['withdrawn', { withdrawn: true }, null],
    ['all of it', {}, 'one.1'],
  ])('%s', (_why, more, expected) => {
    expect(found([overlay('one', more)])).toBe(expected);
  });

  test('a version holds until the next one is known, also when that withdraws it', () => {
    const versions = [
      overlay('one'),
      overlay('one', { version: 2, knownFromMs: day('2026-03-01') }),
      overlay('one', { version: 3, knownFromMs: day('2026-05-01'), withdrawn: true }),
    ];
    expect(found(versions, { known: '2026-02-01' })).toBe('one.1');
    expect(found(versions, { known: '2026-04-01' })).toBe('one.2');
    expect(found(versions)).toBeNull();
    expect(found(versions, { known: '2025-01-01' })).toBeNull();
  });

  test('with the maker holds at gateways, not at clouds that sell it', () => {
    const made = [overlay('one', { provider: 'acme' })];
    expect(found(made, { provider: 'litellm' })).toBe('one.1');
    expect(found(made, { provider: 'aws.bedrock' })).toBeNull();
    expect(found([overlay('one', { provider: 'aws.bedrock' })], { provider: 'aws.bedrock' })).toBe('one.1');
  });
});

test('a rate holds from its day until the next, the one known last', () => {
  const rate = (dayOf: string, usdPerUnit: string, known: string) => ({
    currency: 'EUR',
    dayMs: day(dayOf),
    usdPerUnit,
    knownFromMs: day(known),
  });
  const book = new PriceBook([], {
    rates: [
      rate('2026-10-30', '1.08', '2026-10-30'),
      rate('2026-11-02', '1.09', '2026-11-02'),
      rate('2026-10-30', '1.07', '2026-11-05'),
    ],
  });
  const at = (text: string, known?: string) =>
    book.rate('EUR', day(text), known === undefined ? undefined : day(known))?.usdPerUnit ?? null;
  expect(at('2026-10-29')).toBeNull();
  expect(at('2026-11-01')).toBe('1.07');
  expect(at('2026-11-01', '2026-11-04')).toBe('1.08');
  expect(at('2026-11-02')).toBe('1.09');
  expect(book.rate('GBP', day('2026-11-02'))).toBeNull();
});

describe('prices by the piece', () => {
  test('are exact', () => {
    expect(femtoPerPiece('0.039')).toBe(39_000_000_000_000n);
    expect(pricesFrom({ input: '0.075', search: '0.01' })).toEqual({
      input: femtoPerToken('0.075'),
      search: femtoPerPiece('0.01'),
    });
    expect(() => pricesFrom({ inptu: '1' })).toThrow('inptu');
    expect(() => femtoPerPiece('1e-16')).toThrow('too many decimals');
  });

  test('come from a list by the thousand', () => {
    const { prices } = entry({}, { usd_per_1k_searches: 10, usd_per_1k_rerank_units: 2 });
    expect([prices.search, prices.rerank]).toEqual([femtoPerPiece('0.01'), femtoPerPiece('0.002')]);
  });

  test('a picture is not charged twice where its tokens are', () => {
    const perImage = { usd_per_image: { output: 0.039 } };
    expect(
      entry({}, { ...perImage, usd_per_1m: { input: 1, output_image: 30 } }).prices.image,
    ).toBeUndefined();
    expect(entry({}, { ...perImage, usd_per_1m: { input: 1, output: 12 } }).prices.image).toBeUndefined();
    expect(entry({}, { ...perImage, usd_per_1m: {} }).prices.image).toBe(femtoPerPiece('0.039'));
  });
});
