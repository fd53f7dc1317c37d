import { expect, test } from 'vitest';
import { sentences, words } from './words.ts';

test('words are lower-case letters and digits; scripts without spaces go by character', () => {
  expect(words("Don't panic: 3.5 MB!")).toEqual(['don', 't', 'panic', '3', '5', 'mb']);
  expect(words('API 接口 ok')).toEqual(['api', '接', '口', 'ok']);
  expect(words('abc漢字def')).toEqual(['abc', '漢', '字', 'def']);
  expect(words('…')).toEqual([]);
});

test('sentences end with a full stop, in other scripts too, or with the line', () => {
  expect(sentences('It is 3.5 m. Really? "Yes." Good\n- a point\n\n***')).toEqual([
    'It is 3.5 m.',
    'Really?',
    '"Yes."',
    'Good',
    '- a point',
  ]);
  expect(sentences('今日は雨。明日は晴れ。')).toHaveLength(2);
});
