import { describe, expect, test } from 'vitest';
import type { CompareCheck } from '#contract/compare.ts';
import { createFormat } from '../../format.ts';
import { barOf, reachOf } from './plot.ts';
import { armOf, presetMargins, readArmsSearch } from './search.ts';
import { suggested } from './suggest.ts';
import { betweenText, differenceText, marginText, neededText, valueText } from './words.ts';

const format = createFormat('en');
const flat = (text: string) => text.replaceAll('\u00a0', ' ');

test('each metric is told in its own unit', () => {
  expect(flat(differenceText(format, 'quality', -0.031))).toBe('−3 pts');
  expect(flat(differenceText(format, 'latency', 0.024))).toBe('+2.4 pp');
  expect(flat(differenceText(format, 'cost', 0.12))).toBe('+12 %');
  expect(differenceText(format, 'errors', null)).toBe('-');
  expect(valueText(format, 'cost', 0.0021)).toBe('$0.0021');
  expect(flat(valueText(format, 'errors', 0.013))).toBe('1.3 %');
  expect(flat(marginText(format, { metric: 'quality', margin: 0.02 }))).toBe('2 pts');
  expect(flat(betweenText(format, { metric: 'quality', low: -0.05, high: -0.01 }))).toBe('−5 pts … −1 pts');
  expect(betweenText(format, { metric: 'quality', low: null, high: null })).toBe('');
});

test('what is still needed is told in calls and time', () => {
  expect(neededText(format, null)).toBe('');
  expect(flat(neededText(format, { verdict: 'ship', calls: 1200, hours: 7.8 }))).toBe(
    'About 1,200 further calls, 8 h at this pace, until it may ship, if things stay as they are.',
  );
  expect(flat(neededText(format, { verdict: 'roll_back', calls: 9, hours: 0.2 }))).toContain(
    '12 min at this pace',
  );
  expect(neededText(format, { verdict: 'ship', calls: 9, hours: 72 })).toContain('3 days');
});

describe('on the scale of margins', () => {
  const arm = { value: 0.9, calls: 100, units: 90 };
  const check: CompareCheck = {
    metric: 'quality',
    worse: 'lower',
    control: arm,
    candidate: arm,
    difference: -0.01,
    low: -0.03,
    high: 0.01,
    confidence: 0.95,
    margin: 0.02,
    state: 'unsure',
    calls_needed: null,
    sentence: '',
  };

  test('a loss lies left of zero, and the margin at −1', () =>
    expect(barOf(check, 3)).toMatchObject({ middle: -0.5, from: -1.5, to: 0.5, cutLeft: false }));
  test('what is bad when it is more lies left when it is more', () =>
    expect(barOf({ ...check, metric: 'errors', worse: 'higher', difference: 0.01 }, 3)).toMatchObject({
      middle: -0.5,
      from: -0.5,
      to: 1.5,
    }));
  test('what reaches beyond the plot is cut off and says so', () =>
    expect(barOf({ ...check, low: -1, high: 1 }, 3)).toMatchObject({
      from: -3,
      to: 3,
      cutLeft: true,
      cutRight: true,
    }));
  test('every difference is within reach', () => {
    expect(reachOf([check])).toBe(3);
    expect(reachOf([check, { ...check, difference: -0.097 }])).toBe(6);
  });
  test('without an interval there is no bar', () =>
    expect(barOf({ ...check, low: null, high: null, difference: null }, 3)).toMatchObject({
      middle: null,
      from: null,
    }));
});

test('a link keeps what is valid', () => {
  expect(readArmsSearch({ d: 'prompt', a: 'v13', b: 14, mq: '3', ml: 0, me: 101, share: 50 })).toEqual({
    d: 'prompt',
    a: 'v13',
    b: '14',
    mq: 3,
    share: 50,
  });
  expect(readArmsSearch({ d: 'variant', mq: presetMargins.mq, share: 100 })).toEqual({});
});

test('two versions may be values of any attribute of their spans, once it has a name', () => {
  const search = { d: 'attribute:rollout.phase', a: 'stable', b: 'canary, 10 %' };
  expect(readArmsSearch(search)).toEqual(search);
  expect(armOf('attribute:rollout.phase', search.b)).toBe('attribute:rollout.phase=canary\\, 10 %');
  expect(armOf('variant', 'b')).toBe('variant:b');
  expect(readArmsSearch({ ...search, d: 'attribute:' })).toEqual({ d: 'attribute:' });
  expect(readArmsSearch({ d: 'attribute:a=b' })).toEqual({});
});

test('two versions of one prompt are suggested, the older one first', () => {
  const used = [
    { value: 'search v6', calls: 900 },
    { value: 'answer v10', calls: 500 },
    { value: '', calls: 400 },
    { value: 'answer v9', calls: 300 },
  ];
  expect(suggested('prompt', used)).toEqual({ a: 'answer v9', b: 'answer v10' });
  expect(suggested('prompt', used.slice(0, 3))).toBeNull();
  expect(
    suggested('variant', [
      { value: 'b', calls: 5 },
      { value: 'a', calls: 4 },
    ]),
  ).toEqual({ a: 'a', b: 'b' });
});
