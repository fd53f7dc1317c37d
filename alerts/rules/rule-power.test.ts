import { expect, test } from 'vitest';
import { ruleDefinition } from '#contract/rule.ts';
import { simulateBuckets } from '../../test/fixtures/drift-series.ts';
import { fitBaseline } from '../drift/baseline.ts';
import { freshMemory } from '../series-memory.ts';
import { driftPowers } from './drift-power.ts';
import { rulePower, trafficOf } from './rule-power.ts';

const ruleOf = (more: object) => ruleDefinition.parse({ name: 'a', ...more });
const threshold = { kind: 'threshold', metric: 'error_rate', above: 5, window_s: 3600 };

test('traffic is summed by what the rule watches', () => {
  const hourMs = 3_600_000;
  const series = (feature: string, model: string, metric: string, values: number) => ({
    firstMs: 0,
    feature,
    model,
    environment: 'production',
    metric,
    values,
  });
  const all = [
    series('search', 'm-1', 'error', 168),
    series('search', 'm-2', 'error', 84),
    series('chat', 'm-1', 'error', 84),
    series('chat', 'm-1', 'latency', 1000),
  ];
  const byFeature = ruleOf({ ...threshold, group_by: ['feature'] });
  expect(trafficOf(byFeature, all, 168 * hourMs)).toEqual([
    { group: 'search', perHour: 1.5 },
    { group: 'chat', perHour: 0.5 },
  ]);
  const filtered = ruleOf({ ...threshold, filter: { model: 'm-1' } });
  expect(trafficOf(filtered, all, 168 * hourMs)).toEqual([{ group: '', perHour: 1.5 }]);
  // What is new has had less time.
  const fresh = { ...series('chat', 'm-1', 'error', 84), firstMs: 167 * hourMs };
  expect(trafficOf(filtered, [fresh], 168 * hourMs)).toEqual([{ group: '', perHour: 84 }]);
});

test.each([
  [
    threshold,
    [{ group: '', perHour: 400 }],
    'A breach that lasts is told within 80 min; below 50 calls an hour it is blind, and all it watches brings more.',
    false,
  ],
  [
    { ...threshold, group_by: ['feature'] },
    [
      { group: 'search', perHour: 400 },
      { group: 'chat', perHour: 12 },
    ],
    'A breach that lasts is told within 80 min; below 50 calls an hour it is blind, as for chat (12 an hour).',
    false,
  ],
  [
    threshold,
    [{ group: '', perHour: 12 }],
    'A breach that lasts is told within 80 min, but it takes 50 calls an hour, and there are about 12: it is blind.',
    true,
  ],
  // 14.4 and 6 times a tenth is more than everything: 80 % cannot be missed that fast.
  [
    { kind: 'slo', objective: 80, indicator: { of: 'errors' } },
    [],
    'It can never fire: no window could burn that fast, even if every call were bad.',
    true,
  ],
  // All bad calls burn 2 % of a month's budget of 1 % in 14.4 % of an hour.
  [
    { kind: 'slo', objective: 99, indicator: { of: 'errors' } },
    [{ group: '', perHour: 900 }],
    'An outage of everything is told within 20 min; below 8.3 calls an hour it is blind, and all it watches brings more.',
    false,
  ],
] as const)('%j with %j', (rule, traffic, text, blind) => {
  expect(rulePower(ruleOf(rule), traffic)).toEqual({ text, blind });
});

test('a silence that chance brings once a week is where the label says', () => {
  const silence = ruleOf({ kind: 'absence', silent_s: 3600 });
  const { text } = rulePower(silence, [{ group: '', perHour: 4 }])!;
  const limit = Number(/below ([\d.]+) calls/.exec(text)![1]);
  expect(limit * 168 * Math.exp(-limit)).toBeCloseTo(1, 1);
  expect(text).toContain('as for what it watches (4 an hour)');
  expect(rulePower(ruleOf({ kind: 'budget' }), [])).toBeNull();
});

test('what is remembered of a series is not told of one of the same name in another project', () => {
  const known = (project_id: string, size: number) => {
    const buckets = simulateBuckets({ seed: 4, weeks: 3, mean: () => -6, sd: 0.4, size: () => size });
    const baseline = fitBaseline(buckets, { minShift: 0.03, requestVarianceFloor: 0.0225 });
    if ('learning' in baseline) throw new Error('too little to learn from');
    const memory = freshMemory();
    memory.detector = { ...memory.detector, baseline, lastStartMs: baseline.toMs - 900_000 };
    const labels = { feature: 'search', model: 'm-1', environment: 'production', metric: 'cost' };
    return { row: { project_id, ...labels, state: '', evaluated_until: '' }, memory };
  };
  const textOf = (project: string, size: number) => driftPowers([known(project, size)], 12).get('cost')!.text;
  expect(textOf('two', 2)).not.toBe(textOf('one', 60));
  expect(textOf('one', 60)).toBe(textOf('one', 60));
});
