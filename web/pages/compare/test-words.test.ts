import { expect, test } from 'vitest';
import type { WindowTestRow } from '#contract/compare-tests.ts';
import { createFormat } from '../../format.ts';
import { readArmsSearch } from './search.ts';
import { betweenText, effectText, measureName, pText, relativeText, shapeText } from './test-words.ts';
import { controlWindow, fieldOf, rangeOfFields } from './windows.ts';

const format = createFormat('en');
const row: WindowTestRow = {
  measure: 'latency_ms',
  test: 'welch',
  unit: 'ms',
  control: { n: 100, value: 600, text: null },
  candidate: { n: 100, value: 720, text: null },
  effect: 120,
  low: -10,
  high: 250,
  relative: 0.2,
  strength: 0.5,
  p: 0.03,
  p_adjusted: 0.06,
  differs: true,
  shape: null,
  note: '',
};
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('an effect is read in the unit of its row', () => {
  expect(plain(effectText(format, row))).toBe('+120 ms');
  expect(plain(betweenText(format, row))).toBe('−10 ms … +250 ms');
  expect(plain(relativeText(format, row))).toBe('+20 %');
  const rate = { ...row, test: 'two_proportion_z', unit: 'share', effect: -0.031 } as const;
  expect(plain(effectText(format, rate))).toBe('−3.1 pp');
  expect(relativeText(format, rate)).toBe('');
  expect(plain(effectText(format, { ...row, test: 'mann_whitney', effect: 0.11 }))).toBe('B higher in 61 %');
  expect(plain(effectText(format, { ...row, test: 'chi_square', effect: 0.127 }))).toBe('V = 0.13');
  expect(effectText(format, { ...row, effect: null })).toBe('-');
  expect([measureName('score:tone'), measureName('refused')]).toEqual(['tone', 'Refused answers']);
  expect([0.00001, 0.0312, 0.5].map(p => plain(pText(p)))).toEqual(['< 0.001', '0.031', '0.50']);
  expect(shapeText({ ...row, shape: { psi: 0.3, jensen_shannon: 0.1, wasserstein_per_sd: null } })).toBe(
    'PSI 0.30, JS 0.10: large change of shape',
  );
});

test('a window to compare with is as long as the shown one, or has times of its own', () => {
  const view = { from: 'now-24h', to: 'now' };
  expect(controlWindow(view, { w: 'before' }, 0)).toEqual({ from: 'now-2d', to: 'now-1d' });
  expect(controlWindow(view, { w: 'week' }, 0)).toEqual({ from: 'now-8d', to: 'now-7d' });
  const own = { wf: '2026-11-01T00:00:00Z', wt: '2026-11-02T00:00:00Z' };
  expect(controlWindow(view, { w: 'own', ...own }, 0)).toEqual({ from: own.wf, to: own.wt });
  expect(readArmsSearch({ w: 'own', ...own })).toEqual({ w: 'own', ...own });
  expect(readArmsSearch({ w: 'nonsense', ...own })).toEqual({});
  const [from, to] = [fieldOf(Date.parse(own.wf)), fieldOf(Date.parse(own.wt))];
  expect(rangeOfFields(from, to)).toEqual({ from: own.wf, to: own.wt });
  expect(rangeOfFields(to, from)).toBeNull();
});
