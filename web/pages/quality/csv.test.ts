import { expect, test } from 'vitest';
import { featuresCsv } from './csv.ts';

test('a feature is a row, what is missing is empty, and no name becomes a formula', () => {
  const now = {
    key: { feature: '=1, "x"' },
    time: null,
    value: 0.9,
    low: 0.8,
    high: 1,
    calls_low: null,
    calls_high: null,
    basis: 'weighted' as const,
    n: 10,
    effective_n: 8.5,
    left_out: 0,
    unweighted_mean: null,
    calls: 40,
    coverage: 0.25,
  };
  const [, row] = featuresCsv('quality', [{ feature: '=1, "x"', now, change: null }]).split('\r\n');
  expect(row).toBe(`"'=1, ""x""",quality,0.9,0.8,1,10,8.5,40,0.25,weighted,,,`);
});
