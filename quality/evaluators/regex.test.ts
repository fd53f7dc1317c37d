import { expect, test } from 'vitest';
import { regex } from './regex.ts';

test.each([
  ['order 4711 is on its way', { pattern: '\\d{4}' }, 1],
  ['order 4711', { pattern: '\\d{4}', whole: true }, 0],
  ['4711', { pattern: '\\d{4}', whole: true }, 1],
  ['As an AI model', { pattern: '(?i)as an ai', expected: 'no_match' }, 0],
  ['', { pattern: 'a' }, 0],
])('%j with %o is %d', (output, settings, expected) => {
  expect(regex.score({ output }, settings)).toMatchObject({ value: expected });
});

test('a pattern that is none is refused with the reason', () => {
  expect(() => regex.score({ output: 'x' }, { pattern: '(' })).toThrow(/is no RE2 pattern/);
  expect(() => regex.score({ output: 'x' })).toThrow();
});

test('a pattern that would explode elsewhere takes linear time', () => {
  expect(regex.score({ output: `${'a'.repeat(50_000)}!` }, { pattern: '(a+)+$' })).toMatchObject({
    value: 0,
  });
});
