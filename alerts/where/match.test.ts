import { expect, test } from 'vitest';
import { type Matchable, matchPairs } from './match.ts';

const call = (input: string | null, tokens = 100, more: Partial<Matchable> = {}): Matchable => ({
  promptName: 'answer',
  tenant: 'acme',
  inputTokens: tokens,
  input,
  ...more,
});

test('a call is put beside the one that was asked alike', () => {
  const refund = call('Wo bleibt meine Rückerstattung?');
  const before = [
    call('Where is my refund?'),
    call('Wo bleibt denn meine Rückerstattung?', 900),
    call('Kann ich die Farbe ändern?'),
  ];
  const [pair] = matchPairs([refund], before);
  expect(pair!.before).toBe(before[1]);
  expect(pair!.likeness).toBeGreaterThan(0.7);
});

test('without texts prompt, length and tenant decide, and no call is used twice', () => {
  const before = [call(null, 2000), call(null, 110), call(null, 105, { promptName: 'greet' })];
  const pairs = matchPairs([call(null, 100), call(null, 100), call(null, 100), call(null, 100)], before);
  expect(pairs.map(pair => pair.before)).toEqual([before[1], before[0], before[2], null]);
  expect(pairs.every(({ likeness }) => likeness === null)).toBe(true);
});
