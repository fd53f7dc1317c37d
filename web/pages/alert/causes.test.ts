import { expect, test } from 'vitest';
import type { Cause, Explanation } from '#contract/explanation.ts';
import {
  afterCommonWords,
  conditionWords,
  filtersOf,
  quietDimensions,
  tellingCauses,
  verdictWords,
} from './causes.ts';

const cause = (conditions: Cause['conditions'], explained = 0.6): Cause => ({
  conditions,
  before: 0.9,
  after: 0.7,
  p95: null,
  calls_before: 100,
  calls_after: 50,
  explained,
  covered: 0.3,
  z: -7,
  p_value: 1e-9,
  is_new: false,
  instead_of: null,
  same_calls: [],
});
const split = {
  shift: -0.1,
  mix: -0.09,
  within: -0.01,
  within_low: -0.02,
  within_high: 0,
  by: ['tenant' as const],
};
const explanation: Explanation = {
  verdict: 'mix',
  split,
  by_dimension: [
    { dimension: 'tenant', values: 2, shift: -0.1, mix: -0.09, within: -0.01 },
    { dimension: 'prompt', values: 2, shift: -0.1, mix: 0, within: -0.1 },
  ],
  causes: [cause([{ dimension: 'prompt', value: 'v14' }]), cause([{ dimension: 'sdk', value: 'x 1' }], 0.15)],
  moved: [],
  outcomes: [],
  tried: 12,
  sampled: 1,
  before_from: '',
  before_to: '',
  after_to: '',
};

test('a cause is put in words and into filters', () => {
  const conditions: Cause['conditions'] = [
    { dimension: 'language', value: 'de' },
    { dimension: 'response_model', value: 'gpt-5-mini-0914' },
  ];
  expect(conditionWords(conditions)).toBe('language de and answering model gpt-5-mini-0914');
  expect(filtersOf(conditions)).toEqual([{ dimension: 'model', value: 'gpt-5-mini-0914' }]);
  expect(conditionWords([{ dimension: 'tenant', value: '' }])).toBe('tenant (none)');
});

test('versions of one thing are told by what tells them apart', () => {
  expect(afterCommonWords('answer v13', 'answer v14')).toBe('v14');
  expect(afterCommonWords('openai 6.1', 'anthropic 2.0')).toBe('anthropic 2.0');
  expect(afterCommonWords('v13', 'v13 beta')).toBe('beta');
});

test('what explains little is not named, and what has no part in it is said', () => {
  expect(tellingCauses(explanation)).toHaveLength(1);
  expect(tellingCauses(null)).toEqual([]);
  expect(quietDimensions(explanation)).toEqual(['Tenant']);
});

test('mix and regression are told in a sentence', () => {
  expect(verdictWords(explanation).replaceAll('\u00a0', ' ')).toContain('the traffic mix explains 90 %');
  expect(verdictWords({ ...explanation, verdict: 'regression' })).toContain(
    'the traffic mix does not explain it',
  );
  expect(verdictWords({ ...explanation, verdict: 'regression', split: { ...split, by: [] } })).toContain(
    'cannot be told apart',
  );
});
