import { describe, expect, test } from 'vitest';
import type { EvaluatorInfo } from '#contract/evaluator.ts';
import { createFormat } from '../../format.ts';
import { type Change, changeOf } from './change.ts';
import { readQualitySearch } from './search.ts';
import { betterOf, changeText, changeTitle, headline, intervalText } from './words.ts';

const format = createFormat('en');
const around = (value: number, half: number, n = 200) => ({
  value,
  low: value - half,
  high: value + half,
  n,
});
const flat = (text: string) => text.replaceAll('\u00a0', ' ');

describe('a change', () => {
  test('is sure when its interval leaves out zero', () => {
    const change = changeOf(around(0.82, 0.02), around(0.91, 0.02), 'higher');
    expect(change).toMatchObject({ sure: true, verdict: 'worse' });
    expect(flat(changeText(format, change))).toBe('−9 pts');
    expect(flat(changeTitle(format, change))).toBe('Between −12 pts and −6 pts (95 %)');
  });

  test('of a score that counts harm is worse when it is higher', () =>
    expect(changeOf(around(0.3, 0.01), around(0.1, 0.01), 'lower')?.verdict).toBe('worse'));

  test('of nothing that is good or bad is neither', () =>
    expect(changeOf(around(0.3, 0.01), around(0.1, 0.01), 'none')).toMatchObject({
      sure: true,
      verdict: null,
    }));

  test('that is sure alone may be chance among twenty', () => {
    const [now, before] = [around(0.85, 0.02), around(0.88, 0.02)];
    expect(changeOf(now, before, 'higher')?.sure).toBe(true);
    expect(changeOf(now, before, 'higher', 20)?.sure).toBe(false);
  });

  test('of a handful of scores is not sure, however alike they are', () =>
    expect(changeOf(around(0.45, 0.1), around(1, 0, 12), 'higher')).toMatchObject({
      sure: false,
      verdict: null,
    }));

  test('without intervals is a number nobody is sure of', () => {
    const change = changeOf({ value: 0.5, low: null, high: null, n: 1 }, around(0.9, 0.01), 'higher');
    expect(change).toMatchObject({ low: null, sure: false, verdict: null });
    expect(changeTitle(format, change)).toBe('Too few scores to tell whether it changed');
  });

  test('needs both times', () => {
    expect(changeOf(around(0.5, 0.1), null, 'higher')).toBeNull();
    expect(changeText(format, null)).toBe('-');
  });
});

describe('the sentence on top', () => {
  const of = (name: string, now: number, before: number) => ({
    name,
    change: changeOf(around(now, 0.01), around(before, 0.01), 'higher'),
  });
  const total = around(0.88, 0.01);
  const about = { score: 'answer_quality', total, totalChange: null as Change | null, compared: true };
  const say = (features: Parameters<typeof headline>[1], more = about) => {
    const { status, text } = headline(format, features, more);
    return [status, flat(text)];
  };

  test('names what got worst', () =>
    expect(say([of('a', 0.8, 0.85), of('b', 0.7, 0.9), of('c', 0.95, 0.9)])).toEqual([
      'critical',
      'b and 1 more got worse: 20 pts lower',
    ]));
  test('else what got better', () =>
    expect(say([of('a', 0.9, 0.85)])).toEqual(['good', 'a got better: 5 pts higher']));
  test('else that nothing did', () =>
    expect(say([of('a', 0.9, 0.9)])).toEqual(['neutral', 'No feature got surely better or worse']));
  test('nor hides that all together did', () =>
    expect(
      say([of('a', 0.9, 0.9)], { ...about, totalChange: changeOf(total, around(0.9, 0.005), 'higher') }),
    ).toEqual([
      'critical',
      'answer_quality got worse: 2 pts lower over all features, not surely in any single one',
    ]));
  test('without a comparison, where it stands', () =>
    expect(say([{ name: 'a', change: null }], { ...about, compared: false })).toEqual([
      'neutral',
      'answer_quality is 0.88',
    ]));
});

test('an evaluator says which way its score is good', () => {
  const toxicity: EvaluatorInfo = {
    name: 'toxicity',
    version: 1,
    kind: 'rule',
    summary: '',
    needs: ['output'],
    direction: 'lower',
    settings_schema: {},
  };
  expect(betterOf('toxicity', [toxicity])).toBe('lower');
  expect(betterOf('answer_quality', [toxicity])).toBe('higher');
  expect(betterOf('answer_quality', undefined)).toBe('higher');
});

test('an interval that cannot be told is not written', () => {
  expect(intervalText(format, around(0.82, 0.02))).toBe('0.80 – 0.84');
  expect(intervalText(format, around(0.903, 0.003))).toBe('0.900 – 0.906');
  expect(intervalText(format, { low: null, high: null })).toBe('');
});

test('a link keeps what is valid', () =>
  expect(readQualitySearch({ score: 's', by: 'colour', scoring: 'all', b: 'yesterday' })).toEqual({
    score: 's',
    scoring: 'all',
  }));
