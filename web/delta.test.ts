import { expect, test } from 'vitest';
import { delta } from './delta.ts';
import { createFormat } from './format.ts';

const en = createFormat('en');
const say = (
  subject: Parameters<typeof delta>[1],
  now: number | null,
  before: number | null,
  baselineCalls = 500,
  calls = 10_000,
) => {
  const { arrow, text, word, tone } = delta(en, subject, { now, before, calls, baselineCalls });
  return [arrow, text.replaceAll('\u00a0', ' '), word, tone];
};

test('a fallen score is told in points and as worse', () =>
  expect(say('quality', 0.82, 0.91)).toEqual(['↓', '−9 pts', 'worse', 'bad']));
test('a risen latency is told in its unit and as slower', () =>
  expect(say('latency', 2400, 2100)).toEqual(['↑', '+300 ms', 'slower', 'bad']));
test('more spend is neither good nor bad', () =>
  expect(say('spend', 112, 100)).toEqual(['↑', '+12 %', 'more', 'neutral']));
test('a large rise is a factor', () =>
  expect(say('requests', 320, 100)).toEqual(['↑', '×3.2', 'more', 'neutral']));
test('a changed rate is told in percentage points', () =>
  expect(say('errors', 0.0241, 0.0041)).toEqual(['↑', '+2 pp', 'more', 'bad']));
test('a small change is steady', () =>
  expect(say('requests', 101, 100)).toEqual(['=', '+1.0 %', 'steady', 'neutral']));
test.each([
  ['quality', 0.8, null, 500],
  ['quality', null, 0.8, 500],
  ['spend', 10, 0, 500],
  ['requests', 10, 29, 29],
] as const)('%s without something to compare with has no baseline', (subject, now, before, calls) =>
  expect(say(subject, now, before, calls)).toEqual(['=', 'no baseline', '', 'neutral']),
);

test('no change has no amount', () => {
  expect(say('latency', 2400, 2400)).toEqual(['=', '', 'steady', 'neutral']);
});

test('few requests vary by themselves', () => {
  expect(say('errors', 0.008, 0, 130, 129)[0]).toBe('=');
  expect(say('errors', 0.008, 0.0004, 200_000, 200_000)).toEqual(['↑', '+0.8 pp', 'more', 'bad']);
  expect(say('requests', 130, 115, 115, 130)[0]).toBe('=');
  expect(say('latency', 6300, 5700, 214, 214)[0]).toBe('=');
  expect(say('latency', 6300, 5700, 21_400, 21_400)[2]).toBe('slower');
});
