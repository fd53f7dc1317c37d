import '../../test/support/seed.ts';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PriceTerms } from '#contract/price.ts';
import { fromPackageRoot } from '#store/package-root.ts';
import type { PriceStatements } from '#store/prices/load.ts';
import { listedOf } from '#store/prices/terms.ts';
import type { PriceRow } from '#store/state/prices.ts';
import { exportCsv, exportJson } from './export.ts';
import { planChanges } from './plan.ts';
import { saidByFile } from './read-file.ts';

const noted = { knownFrom: '2026-11-21T12:00:00.000Z', notedBy: 'Ada', note: 'a test' };
const empty: PriceStatements = { prices: [], aliases: [], overlays: [], rates: [] };
const plan = (book: PriceStatements, text: string, name = 'prices.csv') => {
  const said = saidByFile({ name, text }, book);
  return { problems: said.problems, ...planChanges(book, said, noted) };
};
const nothing = { new: 0, changed: 0, ended: 0, alias: 0 };

const decimal = fc
  .tuple(fc.nat(100_000), fc.nat(9))
  .map(([number, places]) => String(number / 10 ** Math.min(places, 6)))
  .filter(text => !text.includes('e'));
const kinds = ['input', 'output', 'cache_read', 'cache_write', 'output_audio', 'input_batch'] as const;
const tokenPrices = fc.dictionary(fc.constantFrom(...kinds), decimal);
const words = fc.constantFrom('m-1', 'm-2', 'org/m "3", Turbo', 'a;b', '=x', ' spaced ', 'über\nmodel');
const terms: fc.Arbitrary<PriceTerms> = fc.record({
  mode: fc.constantFrom('chat', 'rerank'),
  currency: fc.constantFrom('USD', 'EUR'),
  prices: fc
    .tuple(tokenPrices, fc.dictionary(fc.constantFrom('search', 'rerank'), decimal))
    .map(([a, b]) => ({ ...a, ...b })),
  tiers: fc.uniqueArray(fc.record({ threshold: fc.integer({ min: 1, max: 1e6 }), prices: tokenPrices }), {
    maxLength: 2,
    selector: ({ threshold }) => threshold,
  }),
  service_tiers: fc.dictionary(fc.constantFrom('flex', 'priority'), tokenPrices),
  max_input_tokens: fc.option(fc.integer({ min: 1, max: 1e6 })),
  max_output_tokens: fc.option(fc.integer({ min: 1, max: 1e6 })),
  aliases: fc.uniqueArray(fc.constantFrom('alias-1', 'x/alias', 'alias, 3'), { maxLength: 2 }),
});
const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
const row = fc
  .record({
    model: words.map(word => word.trim()),
    region: fc.constantFrom('', 'eu'),
    terms,
    from: fc.option(fc.nat(300)),
    length: fc.option(fc.integer({ min: 1, max: 100 })),
    ended: fc.boolean(),
  })
  .map(({ model, region, terms: of, from, length, ended }) => ({
    provider: 'acme',
    model,
    region,
    valid_from: from === null ? '1970-01-01' : day(from),
    valid_to: length === null || from === null ? null : day(from + length),
    ended: (ended ? 1 : 0) as 0 | 1,
    source: 'a test',
    noted_by: '',
    note: '',
    book: JSON.stringify(
      listedOf({ provider: 'acme', model, region }, of, { source: 'a test', asOf: '2026-01-01' }),
    ),
  }));
const book = fc.array(row, { maxLength: 12 }).map(
  (rows): PriceStatements => ({
    ...empty,
    prices: rows.map(
      (one, at): PriceRow => ({
        ...one,
        price_id: `p${at}`,
        known_from: new Date(Date.UTC(2026, 5, 1) + at).toISOString(),
      }),
    ),
  }),
);

describe('an export read in again', () => {
  test('changes nothing, as CSV and as JSON, whatever was said', () => {
    fc.assert(
      fc.property(book, of => {
        for (const text of [exportCsv(of), exportJson(of, noted.knownFrom)]) {
          const { problems, counts, prices, aliases } = plan(of, text);
          expect({ problems, prices, aliases }).toEqual({ problems: [], prices: [], aliases: [] });
          expect(counts).toMatchObject(nothing);
        }
      }),
    );
  });

  test('makes the same book where there was none', () => {
    fc.assert(
      fc.property(book, of => {
        const text = exportCsv(of);
        const { prices, aliases, problems } = plan(empty, text);
        expect(problems).toEqual([]);
        const without = (csv: string) => csv.replaceAll(/,(a test|file prices\.csv)(?=[,\r])/g, ',');
        expect(without(exportCsv({ ...empty, prices, aliases }))).toBe(without(text));
      }),
    );
  });
});

describe('the shipped list', () => {
  let list: string;
  beforeAll(async () => {
    list = await readFile(fromPackageRoot('store/prices/model-prices.json'), 'utf8');
  });

  test('is a file that can be read in, once', () => {
    const first = plan(empty, list, 'model-prices.json');
    expect(first.problems).toEqual([]);
    expect(first.counts.new).toBe(JSON.parse(list).models.length);
    const known = { ...empty, prices: first.prices, aliases: first.aliases };
    expect(plan(known, list, 'model-prices.json').counts).toMatchObject(nothing);
    // What a list said may be succeeded by a list.
    expect(first.prices.every(({ source }) => source.startsWith('price list: '))).toBe(true);
  });

  test('begins on its date where there is a price, and leaves own prices alone', () => {
    const of = (input: number, asOf: string, model: string) => ({
      provider: 'acme',
      model,
      mode: 'chat',
      usd_per_1m: { input },
      aliases: [],
      source: 'vendor',
      as_of: asOf,
    });
    const file = (...models: object[]) => JSON.stringify({ schema: 1, models });
    const first = plan(empty, file(of(1, '2026-01-01', 'a'), of(1, '2026-01-01', 'b')));
    const own = first.prices.map(one => (one.model === 'b' ? { ...one, source: 'contract' } : one));
    const next = plan({ ...empty, prices: own }, file(of(2, '2026-09-01', 'a'), of(2, '2026-09-01', 'b')));
    expect(next.counts).toMatchObject({ changed: 1, kept: 1 });
    expect(next.differences).toEqual([
      {
        kind: 'changed',
        provider: 'acme',
        model: 'a',
        region: '',
        valid_from: '2026-09-01',
        valid_to: null,
        own: false,
        fields: [{ field: 'input', before: '1', after: '2' }],
      },
    ]);
  });
});

describe('a file of prices', () => {
  const csv = (...lines: string[]) =>
    ['provider,model,valid_from,valid_to,input,output', ...lines].join('\n');
  const before = plan(empty, csv('acme,a,,,1,2', 'acme,b,,,1,2'));
  const known = { ...empty, prices: before.prices };

  test('may end a price, correct one, and bring a new one; the others stay', () => {
    const { counts, differences, prices, past } = plan(
      known,
      csv('acme,a,,2026-10-01,1,2', 'acme,b,2026-09-01,,1.50,2', 'acme,c,2027-01-01,,9,9'),
    );
    expect(counts).toEqual({ new: 1, changed: 1, ended: 1, alias: 0, unchanged: 1, kept: 0 });
    expect(
      differences.map(({ kind, model, valid_from, fields }) => [kind, model, valid_from, fields[0]]),
    ).toEqual([
      ['ended', 'a', '2026-10-01', { field: 'input', before: '1', after: null }],
      ['changed', 'b', '2026-09-01', { field: 'input', before: '1', after: '1.5' }],
      ['new', 'c', '2027-01-01', { field: 'input', before: null, after: '9' }],
    ]);
    expect(
      prices.map(({ model, ended, noted_by, known_from }) => [model, ended, noted_by, known_from]),
    ).toEqual([
      ['a', 1, 'Ada', noted.knownFrom],
      ['b', 0, 'Ada', noted.knownFrom],
      ['c', 0, 'Ada', noted.knownFrom],
    ]);
    expect(past).toEqual({ fromMs: Date.parse('2026-09-01'), toMs: Date.parse(noted.knownFrom) });
  });

  test('loses only the models with a bad row, and says on which line', () => {
    const { problems, differences } = plan(
      known,
      csv(
        'acme,a,,,3,2',
        'acme,b,,,free,2',
        'acme,c,2026-02-30,,1,1',
        ',d,,,1,1',
        'acme,e,,,1,1',
        'acme,e,,,2,1',
      ),
    );
    expect(differences.map(({ model }) => model)).toEqual(['a']);
    expect(problems.map(({ line }) => line)).toEqual([3, 4, 5, 7]);
    expect(problems[0]?.what).toContain('b: input: "free" is not a price');
    expect(problems[1]?.what).toContain('c: valid_from: "2026-02-30" is not a day');
    expect(problems[2]?.what).toContain('provider');
    expect(problems[3]?.what).toContain('e: the same price stands on line 6 too');
  });

  test.each([
    ['', 'the file is empty', null],
    ['provider,model,surcharge\nacme,a,1', 'nobody knows the column surcharge', 1],
    ['model,input\na,1', 'there is no column provider', 1],
    ['provider,model,input\nacme,"a,1', 'a quote is not closed', 2],
    ['{"schema": 1,\n "models": [\n{]}', 'not JSON', 3],
    ['{"schema": 2, "models": []}', 'not a price file', null],
    ['{"schema": 1, "models": [{"x": [1]},\n\n {"provider": "p", "model": "m"}]}', 'mode', 1],
  ])('that cannot be read is refused: %j', (text, what, line) => {
    const { problems, prices } = plan(known, text);
    expect(prices).toEqual([]);
    expect(problems[0]?.what).toContain(what);
    expect(problems[0]?.line).toBe(line);
  });
});
