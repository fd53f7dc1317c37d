import { expect, test } from 'vitest';
import { inhibition, matcher, route } from '#contract/route.ts';
import { matches, mutedBy, routeOf } from './match.ts';

const one = (label: string, value: string, op = '=') => matcher.parse({ label, value, op });

test('matchers: equal, not equal, any text, and a label that is not there is empty', () => {
  const labels = { feature: 'support-bot', severity: 'critical' };
  expect(matches([one('feature', 'support-bot')], labels)).toBe(true);
  expect(matches([one('feature', 'support-bot', '!=')], labels)).toBe(false);
  expect(matches([one('model', '')], labels)).toBe(true);
  expect(matches([one('model', '', '!=')], labels)).toBe(false);
  expect(matches([one('feature', 'support-bot'), one('severity', 'warning')], labels)).toBe(false);
  for (const pattern of ['*', 'support-*', '*-bot', 's*p*t*b*', 'support-bot'])
    expect(matches([one('feature', pattern, 'like')], labels)).toBe(true);
  for (const pattern of ['support', 'support-*x', '*-bott', 'support-bot*bot', '.*'])
    expect(matches([one('feature', pattern, 'like')], labels)).toBe(false);
});

test('a pattern of stars takes no time', () => {
  const labels = { feature: 'a'.repeat(256) };
  expect(matches([one('feature', `${'a*'.repeat(128)}`.slice(0, 255).concat('b'), 'like')], labels)).toBe(
    false,
  );
});

test('the first route that matches is taken, else the last', () => {
  const last = route.parse({ name: 'default' });
  const routes = [
    route.parse({ name: 'team', match: [one('feature', 'support-*', 'like')] }),
    route.parse({ name: 'all', match: [one('severity', 'critical')] }),
  ];
  expect(routeOf(routes, last, { feature: 'support-bot', severity: 'critical' }).name).toBe('team');
  expect(routeOf(routes, last, { feature: 'x', severity: 'critical' }).name).toBe('all');
  expect(routeOf(routes, last, { feature: 'x' }).name).toBe('default');
});

test('what a source inhibits is muted where both agree, never itself, and two cannot mute each other', () => {
  const inhibitions = [
    inhibition.parse({
      source: [one('kind', 'absence')],
      target: [one('kind', 'absence', '!=')],
      equal: ['feature'],
    }),
  ];
  const silent = { id: 's', labels: { kind: 'absence', feature: 'a' }, title: 'nothing of a' };
  const slow = { id: 'l', labels: { kind: 'threshold', feature: 'a' }, title: 'a is slow' };
  const other = { id: 'o', labels: { kind: 'threshold', feature: 'b' }, title: 'b is slow' };
  const by = { silences: [], inhibitions, firing: [silent, slow, other] };
  expect(mutedBy(slow, by)).toBe('mentioned with: nothing of a');
  expect(mutedBy(silent, by)).toBeNull();
  expect(mutedBy(other, by)).toBeNull();
  const silences = [{ id: '1', match: [one('feature', 'b')], comment: 'migration' }];
  expect(mutedBy(other, { ...by, silences })).toBe('migration');
});
