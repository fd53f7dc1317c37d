import { expect, test } from 'vitest';
import { Seen, seedOf } from './seen.ts';

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');
const seed = seedOf('default');
const minuteMs = 60_000;

/** Whether an id was known when it was added. */
function isKnown(seen: Seen, from: number, one: string, other: string, nowMs: number): boolean {
  const known: number[] = [];
  seen.add(from, one, other);
  seen.note(nowMs, index => known.push(index));
  return known.length > 0;
}

test('an id counts as seen for ten minutes, each project for itself', () => {
  const seen = new Seen();
  const at = Date.UTC(2026, 10, 21);
  const add = (nowMs: number, from = seed) => isKnown(seen, from, hex(1, 32), hex(2, 16), nowMs);
  expect(add(at)).toBe(false);
  expect(add(at + 9 * minuteMs)).toBe(true);
  expect(add(at + 18 * minuteMs)).toBe(true);
  expect(add(at + 29 * minuteMs)).toBe(false);
  expect(add(at + 29 * minuteMs, seedOf('other'))).toBe(false);
});

test('ids that differ a little are different ids, and most are remembered', () => {
  const seen = new Seen();
  const ids = 100_000;
  const duplicates = () => {
    let count = 0;
    for (let n = 0; n < ids; n++) seen.add(seed, hex(n >> 5, 32), hex(n, 16));
    seen.note(1000 * minuteMs, () => count++);
    return count;
  };
  expect(duplicates()).toBe(0);
  expect(duplicates()).toBeGreaterThan(0.95 * ids);
});

test('an id of any length has a place', () => {
  const seen = new Seen();
  for (const id of ['', 'a', 'ab', 'abc', '0'.repeat(64)]) {
    expect(isKnown(seen, seed, '', id, 0)).toBe(false);
    expect(isKnown(seen, seed, '', id, 0)).toBe(true);
  }
});

test('the second of a pair is known, also among ids added together', () => {
  const seen = new Seen();
  const known: number[] = [];
  for (const id of [1, 2, 1, 3, 3]) seen.add(seed, hex(7, 32), hex(id, 16));
  seen.note(0, index => known.push(index));
  expect(known).toEqual([2, 4]);
});
