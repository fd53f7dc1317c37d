import { expect, test } from 'vitest';
import { routing } from '#contract/route.ts';
import { ruleDefinition } from '#contract/rule.ts';
import { diffLines, readRulesFile, rulesFileYaml } from './yaml.ts';

const file = `version: 1
rules:
  - name: error-rate
    kind: threshold
    metric: error_rate
    above: 5
    resolve_at: 3
    window: 30m
    for: 90s
    group_by: [feature]
  - name: answers
    kind: slo
    indicator: { of: quality, score: answer_quality, at_least: 0.8 }
    objective: 95
    windows: [{ long: 1h, short: 15m, burn: 14.4 }]
  - { name: silence, kind: absence, silent: 2h }
routing:
  routes:
    - name: support
      match: [{ label: feature, value: support-bot }]
      channels: [oncall]
      repeat: 8h
      escalation: [{ after: 20m, channels: [boss] }]
`;

test('durations are read in words, and what is written is read back the same', () => {
  const { file: read } = readRulesFile(file);
  expect(read.rules[0]).toMatchObject({ window_s: 1800, for_s: 90, keep_firing_s: 600, min_requests: 50 });
  expect(read.rules[1]).toMatchObject({ windows: [{ long_s: 3600, short_s: 900, burn: 14.4 }] });
  expect(read.routing?.routes[0]).toMatchObject({ repeat_s: 28_800, escalation: [{ after_s: 1200 }] });
  const written = rulesFileYaml(read.rules, read.routing!);
  expect(readRulesFile(written).file).toEqual(read);
  // What goes without saying is not said.
  expect(written).not.toContain('keep_firing');
  expect(written).toContain('for: 90s');
});

test.each([
  ['version: 2', 'version'],
  ['version: 1\nrules: [{ name: a, kind: threshold, metric: error_rate, above: 5, windw: 5m }]', 'windw'],
  [
    'version: 1\nrules: [{ name: a, kind: threshold, metric: error_rate }]',
    'line 2, rules.a.above: give either above or below',
  ],
  [
    'version: 1\nrules: [{ name: a, kind: absence, silent: 20m }]',
    'line 2, rules.a.silent: a whole number of quarters',
  ],
  ['version: 1\nrules: [{ name: a, kind: absence }, { name: a, kind: absence }]', 'two rules have one name'],
  ['version: 1\nrules: [', 'at line'],
  [
    'a: &a [1,2]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]',
    'alias',
  ],
])('what cannot be read says where: %s', (text, said) => {
  expect(() => readRulesFile(text)).toThrow(said);
});

test('every place of the file has a line', () => {
  const { lineOf } = readRulesFile(file);
  expect(lineOf(['rules', 0, 'window_s'])).toBe('line 8');
  expect(lineOf(['routing', 'routes', 0, 'channels', 0])).toBe('line 21');
  expect(lineOf(['routing', 'routes', 0, 'escalation', 0, 'channels', 0])).toBe('line 23');
  // What is left out stands where it would.
  expect(lineOf(['rules', 0, 'severity'])).toBe('line 3');
});

test('a diff is what it takes to get from one to the other', () => {
  expect(diffLines('a\nb\nc\n', 'a\nx\nc\nd\n')).toEqual(['  a', '- b', '+ x', '  c', '+ d']);
  expect(diffLines('', 'a\n')).toEqual(['+ a']);
});

test('defaults of a rule are those of the design', () => {
  const rule = ruleDefinition.parse({ name: 'a', kind: 'threshold', metric: 'error_rate', above: 1 });
  expect(rule).toMatchObject({
    for_s: 300,
    keep_firing_s: 600,
    min_requests: 50,
    no_data: { after_s: 900, state: 'notify' },
  });
  expect(routing.parse({ routes: [{ name: 'a' }] }).routes[0]).toMatchObject({
    group_wait_s: 30,
    group_interval_s: 300,
    repeat_s: 14_400,
    group_by: ['feature'],
  });
});
