import { expect, test } from 'vitest';
import type { FeatureRow, Figures } from '#contract/feature.ts';
import { badness, worstFirst } from './worst-first.ts';

const usual: Figures = {
  calls: 1000,
  failed_calls: 10,
  quality: 0.9,
  scored_calls: 500,
  latency_p95_ms: 2000,
  cost_usd: '1.000000000',
  unpriced_calls: 0,
};
const row = (feature: string, now: Partial<Figures>, more: Partial<FeatureRow> = {}): FeatureRow => ({
  feature,
  now: { ...usual, ...now },
  previous: usual,
  firing_alerts: 0,
  ...more,
});

test('a firing alert comes first, then the worst change, then the busiest', () => {
  const rows = [
    row('steady', {}),
    row('busy', { calls: 5000, failed_calls: 50 }),
    row('slower', { latency_p95_ms: 4000 }),
    row('worse', { quality: 0.75 }),
    row('alerting', { quality: 0.89 }, { firing_alerts: 1 }),
  ];
  expect(worstFirst(rows).map(({ feature }) => feature)).toEqual([
    'alerting',
    'worse',
    'slower',
    'busy',
    'steady',
  ]);
});

test('a change for the better, a new feature and a missing score are not bad', () => {
  expect(badness(row('better', { quality: 0.95, failed_calls: 0, latency_p95_ms: 900 }))).toBe(0);
  expect(badness(row('new', { quality: 0.1 }, { previous: null }))).toBe(0);
  expect(badness(row('unscored', { quality: null }))).toBe(0);
  expect(badness(row('unmeasured', { latency_p95_ms: null }))).toBe(0);
});
