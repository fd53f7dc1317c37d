import { expect, test } from 'vitest';
import type { Fairness } from '#contract/fairness.ts';
import { featuresCsv, gapsCsv, scoresCsv } from './csv.ts';

type Gaps = Fairness['cohorts'][number]['gaps'];

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

test('scores and gaps are rows under their heads', () => {
  const score = { name: 'user_feedback', by: ['thumbs', 'stars'], estimate: null, change: null };
  expect(scoresCsv([score]).split('\r\n')).toEqual([
    'score,evaluators,mean,low,high,scores,effective_scores,calls,coverage,basis,change,change_low,change_high',
    'user_feedback,thumbs stars,,,,,,,,,,,',
    '',
  ]);
  const gap = { measure: 'quality', value: 0.8, others: 0.9, gap: -0.1, low: null, high: null } as const;
  const gaps = [{ ...gap, flagged: true, disadvantage: true }] as unknown as Gaps;
  expect(
    gapsCsv({ by: 'tenant', cohorts: [{ value: 'acme', calls: 60, users: 9, gaps }] }).split('\r\n')[1],
  ).toBe('tenant,acme,60,quality,0.8,0.9,-0.1,,,true');
});
