import { expect, test } from 'vitest';
import { overlapOf, trigramsOf } from './trigrams.ts';

const alike = (one: string, other: string) => overlapOf(trigramsOf(one), trigramsOf(other));

test('triples and overlap are those of pg_trgm, by the examples of its manual', () => {
  // show_trgm('cat') and similarity('word', 'two words'), PostgreSQL manual, F.35.
  expect([...trigramsOf('cat')].sort()).toEqual(['  c', ' ca', 'at ', 'cat']);
  expect(alike('word', 'two words')).toBeCloseTo(0.363636, 6);
});

test('the same words are 1 whatever their case and punctuation, either way round, and other words are far apart', () => {
  expect(alike('How long do refunds take?', 'how long do REFUNDS take')).toBe(1);
  const near = alike('How long do refunds take?', 'How long does a refund take?');
  expect(near).toBeGreaterThan(0.5);
  expect(alike('How long does a refund take?', 'How long do refunds take?')).toBe(near);
  expect(alike('How long do refunds take?', 'Cancel my visa application')).toBeLessThan(0.1);
  expect(alike('返金にはどのくらいかかりますか', '返金にはどのくらいかかる')).toBeGreaterThan(0.6);
  expect(alike('', '')).toBe(0);
});
