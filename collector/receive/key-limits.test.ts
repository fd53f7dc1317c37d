import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyLimits, keyLimitOf } from './key-limits.ts';

const limits = () => new KeyLimits(keyLimitOf(1000));

describe('a key', () => {
  test('may send a burst of twice its rate, and then waits', () => {
    const one = limits();
    one.charge('a', 1999, 0);
    expect(one.waitMs('a', 0)).toBe(0);
    one.charge('a', 501, 0);
    expect(one.waitMs('a', 0)).toBe(500);
    expect(one.waitMs('a', 499)).toBe(1);
    expect(one.waitMs('a', 501)).toBe(0);
  });

  test('is limited alone', () => {
    const one = limits();
    one.charge('a', 50_000, 0);
    expect([one.waitMs('a', 0), one.waitMs('b', 0)]).toEqual([48_000, 0]);
  });

  test('that was silent has no more than the burst', () => {
    const one = limits();
    one.charge('a', 1, 0);
    one.charge('a', 2001, 3_600_000);
    expect(one.waitMs('a', 3_600_000)).toBe(1);
  });

  test('loses nothing when the clock is set back', () => {
    const one = limits();
    one.charge('a', 1000, 10_000);
    expect(one.waitMs('a', 0)).toBe(0);
    one.charge('a', 1500, 0);
    expect(one.waitMs('a', 0)).toBe(500);
    expect(one.waitMs('a', 501)).toBe(0);
  });
});

test('null limits nobody', () => {
  const none = new KeyLimits(null);
  none.charge('a', 1e12, 0);
  expect(none.waitMs('a', 0)).toBe(0);
});

test('many keys that come once are forgotten, one in debt is not', () => {
  const one = limits();
  one.charge('debtor', 1e9, 0);
  for (let i = 0; i < 5000; i++) one.charge(`key-${i}`, 1, i * 10);
  expect(one.waitMs('debtor', 50_000)).toBeGreaterThan(0);
});

test('whatever is sent, what gets through is at most burst + rate × time + the last request', () => {
  const requests = fc.array(fc.record({ gapMs: fc.nat(3000), bytes: fc.integer({ min: 1, max: 5000 }) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(requests, sent => {
      const one = limits();
      let nowMs = 0;
      let passed = 0;
      for (const { gapMs, bytes } of sent) {
        nowMs += gapMs;
        if (one.waitMs('a', nowMs) > 0) continue;
        expect(passed).toBeLessThanOrEqual(2000 + nowMs);
        one.charge('a', bytes, nowMs);
        passed += bytes;
      }
    }),
  );
});
