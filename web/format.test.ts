import { describe, expect, test } from 'vitest';
import { createFormat, MISSING, signed } from './format.ts';

const en = createFormat('en');
const fr = createFormat('fr');
const de = createFormat('de');
/** Locale data writes several kinds of space; which one is not our promise. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('counts', () => {
  test.each([
    [0, '0'],
    [9_999, '9,999'],
    [10_000, '10k'],
    [12_449, '12.4k'],
    [184_200, '184k'],
    [999_499, '999k'],
    [999_600, '1M'],
    [1_200_000_000, '1.2B'],
    [null, MISSING],
    [undefined, MISSING],
    [Number.NaN, MISSING],
  ])('%s is %s', (value, text) => expect(en.count(value)).toBe(text));

  test('separators and decimals follow the locale, the letter does not', () => {
    expect(plain(fr.count(9_999))).toBe('9 999');
    expect(de.count(9_999)).toBe('9.999');
    expect(fr.count(12_449)).toBe('12,4k');
    expect(de.count(1_250_000)).toBe('1,25M');
    expect(en.full(1_234_567)).toBe('1,234,567');
  });
});

describe('money', () => {
  test.each([
    ['8214.601000000', 'table', '$8,214.60'],
    ['8214.601000000', 'chart', '$8,215'],
    ['412.8', 'chart', '$412.80'],
    ['0.004100000', 'table', '$0.0041'],
    ['0.5', 'table', '$0.50'],
    ['0.999', 'table', '$1.00'],
    ['0.000041', 'table', '<$0.0001'],
    ['0.000000000', 'table', '$0'],
    [null, 'table', MISSING],
  ] as const)('%s in a %s is %s', (value, place, text) => expect(en.usd(value, place)).toBe(text));

  test('the sign stands where the locale puts it', () => {
    expect(plain(fr.usd('8214.6'))).toBe('8 214,60 $');
    expect(plain(de.usd('0.0041'))).toBe('0,0041 $');
    expect(plain(de.usd('0.00001'))).toBe('<0,0001 $');
    expect(plain(de.usdAxis(20_000)(12_400))).toBe('12,4k $');
  });

  test('an axis has the same decimals at every tick', () => {
    const ticks = (max: number, ...values: number[]) => values.map(en.usdAxis(max));
    expect(ticks(20_000, 0, 5_000, 20_000)).toEqual(['$0', '$5k', '$20k']);
    expect(ticks(12, 0, 3, 12)).toEqual(['$0', '$3', '$12']);
    expect(ticks(2, 0, 0.5, 2)).toEqual(['$0', '$0.50', '$2.00']);
    expect(ticks(0.004, 0.001, 0.004)).toEqual(['$0.0010', '$0.0040']);
  });

  test('is never scientific', () => expect(en.usd(1e-7)).toBe('<$0.0001'));
});

describe('latency', () => {
  test.each([
    [0, '0 ms'],
    [0.4, '0.4 ms'],
    [0.01, '<0.1 ms'],
    [812, '812 ms'],
    [999.7, '1.0 s'],
    [2_400, '2.4 s'],
    [59_960, '1 min 0 s'],
    [80_000, '1 min 20 s'],
    [3_900_000, '1 h 5 min'],
    [null, MISSING],
  ])('%s ms is %s', (value, text) => expect(plain(en.latency(value))).toBe(text));

  test('decimals follow the locale', () => {
    expect(plain(fr.latency(2_400))).toBe('2,4 s');
    expect(plain(de.latency(0.4))).toBe('0,4 ms');
  });

  test('an axis has one unit', () => {
    const axis = en.latencyAxis(4_000);
    expect([0, 500, 4_000].map(ms => plain(axis(ms)))).toEqual(['0 s', '0.5 s', '4 s']);
  });
});

describe('ratios', () => {
  test('scores have two decimals', () => {
    expect(en.score(0.8249)).toBe('0.82');
    expect(fr.score(1)).toBe('1,00');
    expect(en.score(null)).toBe(MISSING);
  });

  test.each([
    [0, '0 %'],
    [0.0041, '0.41 %'],
    [0.0241, '2.4 %'],
    [0.0996, '10 %'],
    [0.41, '41 %'],
  ])('%s is %s', (value, text) => expect(plain(en.percent(value))).toBe(text));

  test('percent follows the locale', () => expect(plain(de.percent(0.0241))).toBe('2,4 %'));
});

test('a sign is a plus, a true minus, or nothing', () => {
  expect([signed('9', 9), signed('9', -9), signed('0', 0)]).toEqual(['+9', '−9', '0']);
});
