import { expect, test } from 'vitest';
import { smallestParityCell } from '#contract/fairness.ts';
import { createFormat } from '../../format.ts';
import { gapText, gapTitle, smallCellsText } from './gaps.ts';

const format = createFormat('en');
const flat = (text: string) => text.replaceAll('\u00a0', ' ');
const gap = { measure: 'quality', value: 0.82, others: 0.86, gap: -0.04, low: -0.06, high: -0.02 } as const;

test('quality is told in points, shares in percentage points', () => {
  expect(flat(gapText(format, gap))).toBe('0.82 (−4 pts)');
  expect(flat(gapText(format, { ...gap, measure: 'refusal', value: 0.053, gap: 0.012 }))).toBe(
    '5.3 % (+1.2 pp)',
  );
  expect(gapText(format, { ...gap, value: null })).toBe('-');
});

test('a gap says how sure it is', () => {
  expect(flat(gapTitle(format, gap))).toBe('All others: 0.86; the gap is between −6 pts and −2 pts');
  expect(gapTitle(format, { ...gap, low: null })).toMatch(/too little data/);
});

test('small cohorts are counted, with the limits of the contract', () => {
  expect(smallCellsText(format, { cohorts: 0, calls: 0 })).toBe('');
  const text = smallCellsText(format, { cohorts: 2, calls: 31 });
  expect(text).toContain('2 smaller cohorts are not shown (31 calls)');
  expect(text).toContain(`${smallestParityCell.calls} calls or ${smallestParityCell.users} users`);
});
