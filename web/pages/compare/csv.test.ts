import { expect, test } from 'vitest';
import type { CompareCheck } from '#contract/compare.ts';
import { checksCsv } from './csv.ts';

test('a check is a row in the units of the API', () => {
  const check: CompareCheck = {
    metric: 'quality',
    worse: 'lower',
    control: { value: 0.91, calls: 978, units: 500 },
    candidate: { value: 0.82, calls: 246, units: 200 },
    difference: -0.09,
    low: -0.15,
    high: null,
    confidence: 0.95,
    margin: 0.02,
    state: 'beyond',
    calls_needed: null,
    sentence: '',
  };
  const [, row] = checksCsv({ checks: [check] }, { a: 'answer v13', b: '@v14' }).split('\r\n');
  expect(row).toBe("quality,answer v13,'@v14,0.91,978,0.82,246,-0.09,-0.15,,0.95,0.02,beyond,");
});
