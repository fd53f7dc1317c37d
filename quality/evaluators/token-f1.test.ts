import fc from 'fast-check';
import { expect, test } from 'vitest';
import { squadWords, tokenF1 } from './token-f1.ts';

// By hand from the evaluation script of SQuAD 1.1 and 2.0 (lower, punctuation, articles, white space; then F1 of the bags).
test.each([
  ['rock', 'rock n roll', 0.5],
  ['The Rock n Roll.', 'rock n roll', 1],
  // Two of three and two of four words.
  ['Denver Broncos won', 'the Denver Broncos of Colorado', (2 * (2 / 3) * (2 / 4)) / (2 / 3 + 2 / 4)],
  // Words count as often as both have them.
  ['no no no', 'no', 0.5],
  ['', '', 1],
  ['', 'an answer', 0],
  ['the', 'a', 1],
  ['1966', '1967', 0],
])('F1 of %j against %j is %d', (output, reference, expected) => {
  expect(tokenF1(output, reference)).toBeCloseTo(expected, 12);
});

test.each([
  ['   Rock    n  Roll.', 'rock n roll'],
  ['The quick brown fox', 'quick brown fox'],
  ['A cat and a dog', 'cat and dog'],
  ["U.S.A.'s", 'usas'],
  ['another theory', 'another theory'],
])('%j is compared as %j', (text, expected) => {
  expect(squadWords(text).join(' ')).toBe(expected);
});

test('identical texts score 1; symmetric; between 0 and 1', () => {
  const text = fc.string({ maxLength: 30 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(tokenF1(one, one)).toBe(1);
      expect(tokenF1(one, other)).toBeCloseTo(tokenF1(other, one), 12);
      expect(tokenF1(one, other)).toBeGreaterThanOrEqual(0);
      expect(tokenF1(one, other)).toBeLessThanOrEqual(1);
    }),
  );
});
