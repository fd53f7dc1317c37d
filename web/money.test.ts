import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeOf, exactUsd, minusUsd, nanosOf, shareOf, signedUsd, sumUsd, usdOf } from './money.ts';

test('a decimal string and its nano-dollars are the same amount', () => {
  expect(nanosOf('8214.6')).toBe(8_214_600_000_000n);
  expect(nanosOf('-0.000000001')).toBe(-1n);
  expect(usdOf(-1n)).toBe('-0.000000001');
  fc.assert(fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), n => nanosOf(usdOf(n)) === n));
});

test('sums and differences keep every place, far beyond what a number holds', () => {
  expect(sumUsd(['9007199254740993.000000001', '0.000000002'])).toBe('9007199254740993.000000003');
  expect(minusUsd('0.1', '0.3')).toBe('-0.200000000');
  expect(sumUsd([])).toBe('0.000000000');
});

test('a share or a change of nothing is unknown', () => {
  expect(shareOf('1', '0')).toBeNull();
  expect(shareOf('1', '4')).toBe(0.25);
  expect(changeOf('3', '2')).toBe(0.5);
  expect(changeOf('3', '0.000000000')).toBeNull();
});

test('written with its sign, and with every place', () => {
  expect(exactUsd('8214.604999999')).toBe('$8,214.604999999');
  expect(exactUsd('-1.5')).toBe('−$1.500000000');
  expect(signedUsd('812.4')).toBe('+$812.40');
  expect(signedUsd('-240.1')).toBe('−$240.10');
  expect(signedUsd('0.000000000')).toBe('$0');
});
