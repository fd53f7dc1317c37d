import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine?.stop());

describe('reading', () => {
  test('64-bit integers and decimals keep every digit, NaN is missing', async () => {
    const rows = await engine.clickhouse.query(
      `SELECT toUInt64(18446744073709551615) AS u, toInt64(-9223372036854775808) AS i, toUInt32(7) AS small,
        toDecimal64('12.345678901', 9) AS money, nan AS mean, NULL AS absent`,
    );
    expect(rows).toEqual([
      {
        u: '18446744073709551615',
        i: '-9223372036854775808',
        small: 7,
        money: '12.345678901',
        mean: null,
        absent: null,
      },
    ]);
  });
});
