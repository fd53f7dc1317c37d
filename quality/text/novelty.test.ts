import { expect, test } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { type Asked, findNewClusters, upperTail } from './novelty.ts';

const asked = { similarity: 0.3, atLeast: 8 };
const verbs = ['change', 'cancel', 'find', 'pay for', 'return', 'track', 'insure', 'repair'];
const objects = ['my order', 'a subscription', 'the invoice', 'my password', 'this delivery', 'a gift card'];
const openings = [
  'How do I',
  'Can you help me',
  'I would like to',
  'Please',
  'Is it possible to',
  'I need to',
];
const endings = ['today?', 'without calling?', 'from abroad?', 'now, thanks', 'again?', ''];
const embassy = [
  'visa for Norway, what papers does the embassy want?',
  'Which documents does the Norwegian embassy need for a visa?',
  'how long does a visa for norway take at the embassy',
  'Norway visa: is the embassy open on Friday?',
];

/** Everyday questions; each new or known by chance. */
function everyday(seed: number, count: number, share: number): Asked[] {
  const { next } = seeded(seed);
  const one = (list: readonly string[]) => list[Math.floor(next() * list.length)]!;
  return Array.from({ length: count }, () => ({
    text: `${one(openings)} ${one(verbs)} ${one(objects)} ${one(endings)}`,
    isNew: next() < share,
  }));
}

test('a topic nobody asked about before is found, with its calls and words', async () => {
  const { next } = seeded(3);
  const texts = everyday(1, 500, 0.4);
  for (let at = 0; at < 12; at += 1)
    texts.splice(Math.floor(next() * texts.length), 0, { text: embassy[at % 4]!, isNew: true });
  const found = await findNewClusters(texts, asked);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ before: 0 });
  expect(found[0]!.now).toBeGreaterThanOrEqual(10);
  expect(found[0]!.members.every(at => embassy.includes(texts[at]!.text))).toBe(true);
  expect(found[0]!.words).toEqual(expect.arrayContaining(['embassy', 'visa']));
});

test('when people ask as before there are no new clusters', async () => {
  let flagged = 0;
  for (let seed = 1; seed <= 30; seed += 1)
    flagged += (await findNewClusters(everyday(seed, 300, 0.3), asked)).length;
  expect(flagged).toBeLessThanOrEqual(1);
});

test('a topic that was asked about before is not new, and without a past nothing is', async () => {
  const texts = everyday(4, 300, 0.3);
  const topic = (isNew: boolean) =>
    embassy.flatMap(text => Array.from({ length: 4 }, () => ({ text, isNew })));
  expect(await findNewClusters([...texts, ...topic(true), ...topic(false)], asked)).toEqual([]);
  expect(await findNewClusters([...topic(true), ...everyday(4, 100, 1)], asked)).toEqual([]);
  expect(await findNewClusters([], asked)).toEqual([]);
});

test('the tail is that of the binomial distribution', () => {
  expect(upperTail(8, 8, 0.5)).toBeCloseTo(1 / 256, 12);
  expect(upperTail(9, 10, 0.5)).toBeCloseTo(11 / 1024, 12);
  expect(upperTail(0, 5, 0.2)).toBe(1);
});
