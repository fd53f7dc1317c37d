import { expect, test } from 'vitest';
import { assignColors } from './series-colors.ts';

test('names take colours in order and keep them', () => {
  const first = assignColors({}, ['chat', 'search']);
  expect(first.colors).toEqual({ chat: 1, search: 2 });
  const second = assignColors(first.known, ['search', 'agent']);
  expect(second.colors).toEqual({ search: 2, agent: 3 });
});

test('two names of one chart never share a colour', () => {
  const known = { a: 1, b: 1, c: 2 };
  const { colors, known: learned } = assignColors(known, ['a', 'b', 'c']);
  expect(new Set(Object.values(colors)).size).toBe(3);
  expect(learned).toEqual(known);
});

test('with more names than colours the least used is taken', () => {
  const names = Array.from({ length: 10 }, (_, at) => `n${at}`);
  let known: Record<string, number> = {};
  for (const name of names) ({ known } = assignColors(known, [name]));
  expect(Object.values(known)).toEqual([1, 2, 3, 4, 5, 6, 7, 1, 2, 3]);
});
