import { expect, test } from 'vitest';
import type { Privacy } from '#contract/privacy.ts';
import { foundWords, nameProblem, partsOf, samePrivacy } from './privacy-words.ts';

test('what was found is told in words', () => {
  expect(foundWords({})).toBe('');
  expect(foundWords({ email: 2, card: 1, customer: 3 })).toBe(
    '2 e-mail addresses, 1 card number, 3 customer',
  );
});

test('placeholders are told from the text around them', () => {
  expect(partsOf('a [email 0123abcd]b [not one] [card 99999999]')).toEqual([
    { text: 'a ', isPlaceholder: false },
    { text: '[email 0123abcd]', isPlaceholder: true },
    { text: 'b [not one] ', isPlaceholder: false },
    { text: '[card 99999999]', isPlaceholder: true },
  ]);
  expect(partsOf('')).toEqual([]);
});

test('the order of kinds is no change, that of patterns is', () => {
  const one: Privacy = {
    capture_content: 'on',
    redact: ['email', 'card'],
    custom: [{ name: 'a', pattern: 'x' }],
  };
  expect(samePrivacy(one, { ...one, redact: ['card', 'email'] })).toBe(true);
  expect(samePrivacy(one, { ...one, capture_content: 'off' })).toBe(false);
  expect(samePrivacy(one, { ...one, custom: [] })).toBe(false);
});

test('names of patterns', () => {
  expect(nameProblem('', [])).toBeUndefined();
  expect(nameProblem('customer_id', ['order'])).toBeUndefined();
  expect(nameProblem('Customer', [])).toBe('Lower-case letters, digits and _');
  expect(nameProblem('order', ['order'])).toBe('This name is taken');
  expect(nameProblem('email', [])).toBe('This name is taken');
});
