import { expect, test } from 'vitest';
import { TraceMemory } from './trace-memory.ts';

const id = (n: number) => n.toString(16).padStart(32, '0');

test('what came since `sinceMs` is held, however often it came and whatever was forgotten since', () => {
  const memory = new TraceMemory(0, 100);
  const lastMs = new Map<string, number>();
  let missed = 0;
  let wrongly = 0;
  for (let ms = 1; ms <= 5_000; ms++) {
    // Some come again and again, each once in 60 ms.
    const trace = id(ms % 3 === 0 ? ms % 60 : ms + 60);
    const before = lastMs.get(trace);
    const held = memory.mayHoldThenAdd(trace, ms);
    if (!held && before !== undefined && before > memory.sinceMs) missed++;
    if (held && before === undefined) wrongly++;
    lastMs.set(trace, ms);
  }
  expect(missed).toBe(0);
  expect(wrongly).toBeLessThan(50);
  // Two generations of a hundred, and no more.
  expect(memory.sinceMs).toBeGreaterThan(4_500);
});

test('nothing is forgotten before there is a third generation', () => {
  const memory = new TraceMemory(7, 10);
  for (let n = 0; n < 20; n++) memory.mayHoldThenAdd(id(n), 100 + n);
  expect(memory.sinceMs).toBe(7);
  memory.mayHoldThenAdd(id(20), 200);
  expect(memory.sinceMs).toBe(110);
});
