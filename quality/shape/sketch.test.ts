import { expect, test } from 'vitest';
import { sketchOf } from './sketch.ts';

test('language and topics of a text, in any script', () => {
  const english = sketchOf('What is the price of the flight to Rome, and can I take a second bag with me?');
  expect(english?.language).toBe('en');
  expect(english!.topics.length).toBeGreaterThan(2);
  expect(sketchOf('フライトの料金はいくらですか')?.language).toBe('ja');
  expect(sketchOf('フライトの料金はいくらですか')!.topics.length).toBeGreaterThan(2);
  expect(sketchOf(' \n ')).toBeNull();
  expect(sketchOf('ok')).toEqual({ language: '?', topics: [] });
});

test('the same words give the same bins, in any order and however often', () => {
  const one = sketchOf('refund of the cancelled flight, the flight that was cancelled');
  const other = sketchOf('cancelled flight: refund!');
  expect(new Set(other!.topics)).toEqual(new Set(one!.topics));
  for (const bin of one!.topics) expect(bin >= 0 && bin < 64).toBe(true);
});

test('words fall into all bins about equally', () => {
  const text = Array.from({ length: 640 }, (_, at) => `w${at.toString(36)}ord`)
    .join(' ')
    .slice(0, 4_000);
  const counts = new Map<number, number>();
  const { topics } = sketchOf(text)!;
  for (const bin of topics) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  expect(counts.size).toBeGreaterThan(55);
  expect(Math.max(...counts.values())).toBeLessThan((4 * topics.length) / 64);
});
