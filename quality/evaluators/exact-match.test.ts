import { expect, test } from 'vitest';
import { exactMatch } from './exact-match.ts';

test.each([
  ['Paris', 'Paris', {}, 1],
  [' Paris \n', 'Paris', {}, 1],
  ['paris', 'Paris', {}, 0],
  ['paris', 'Paris', { ignore_case: true }, 1],
  ['a  b', 'a b', { ignore_space: false }, 0],
  // One letter with an accent, and a letter and an accent.
  ['caf\u00e9', 'cafe\u0301', {}, 1],
])('%j against %j with %o is %d', (output, reference, settings, expected) => {
  expect(exactMatch.score({ output, reference }, settings)).toMatchObject({ value: expected });
});

test('without a reference there is no value, and it says why', () => {
  expect(exactMatch.score({ output: 'Paris' })).toEqual({
    value: null,
    label: 'not_judged',
    explanation: 'needs reference',
  });
});
