import { expect, test } from 'vitest';
import { inhibition, matcher, route } from '#contract/route.ts';
import { inhibitedBy, matches, mutedBy, routeOf } from './match.ts';
import { builtInInhibitions } from './routing.ts';

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
  // Built in: when nothing at all is received, everything else is kept quiet; when one feature is silent, that one's.
  const builtIn = { ...by, inhibitions: builtInInhibitions };
  expect(mutedBy(slow, builtIn)).toBe('mentioned with: nothing of a');
  expect(mutedBy(other, builtIn)).toBeNull();
  const nothing = { id: 'n', labels: { kind: 'absence' }, title: 'nothing of everything' };
  expect(mutedBy(other, { ...builtIn, firing: [nothing, other] })).toBe(inhibitedBy(nothing));
  const silences = [{ id: '1', match: [one('feature', 'b')], comment: 'migration' }];
  expect(mutedBy(other, { ...by, silences })).toBe('migration');
});

test('built in: what fails keeps its latency quiet, of a feature, of everything, and beside an incident of errors', () => {
  const threshold = (id: string, metric: string, labels = {}) => ({
    id,
    labels: { kind: 'threshold', metric, ...labels },
    title: `${id} fires`,
  });
  const slow = threshold('slow', 'latency_p95', { feature: 'a' });
  const slowElsewhere = threshold('elsewhere', 'latency_p95', { feature: 'b' });
  const dear = threshold('dear', 'cost_usd', { feature: 'a' });
  const mutedWith = (alert: typeof slow, ...sources: (typeof slow)[]) =>
    mutedBy(alert, { silences: [], inhibitions: builtInInhibitions, firing: [alert, ...sources] });
  const failing = threshold('failing', 'error_rate', { feature: 'a' });
  expect(mutedWith(slow, failing)).toBe(inhibitedBy(failing));
  expect(mutedWith(slowElsewhere, failing)).toBeNull();
  expect(mutedWith(dear, failing)).toBeNull();
  expect(mutedWith(failing, slow)).toBeNull();
  const outage = threshold('outage', 'error_rate');
  expect(mutedWith(slowElsewhere, outage)).toBe(inhibitedBy(outage));
  const labels = { kind: 'drift', metric: 'error', feature: 'a', model: 'gpt-4o' };
  const incident = { ...failing, id: 'inc', labels };
  expect(mutedWith(slow, incident)).toBe(inhibitedBy(incident));
  expect(mutedWith(slowElsewhere, incident)).toBeNull();
  const drifting = { ...slow, labels: { ...labels, metric: 'latency_tail' } };
  expect(mutedWith(drifting, incident)).toBeNull();
});

test('built in: no calls by a rule keep quiet what is said of the same calls, narrower or not, and no other', () => {
  const alert = (id: string, labels: object) => ({
    id,
    labels: { kind: 'threshold', reason: 'condition', ...labels },
    title: `${id} fires`,
  });
  const silent = (id: string, labels: object) => alert(id, { reason: 'no_data', ...labels });
  const mutedWith = (one: ReturnType<typeof alert>, ...sources: (typeof one)[]) =>
    mutedBy(one, { silences: [], inhibitions: builtInInhibitions, firing: [one, ...sources] });
  const dear = alert('dear', { metric: 'cost_usd', feature: 'a', environment: 'production' });
  const drifting = alert('inc', { kind: 'drift', metric: 'quality', feature: 'a', model: 'm' });
  const elsewhere = alert('elsewhere', { metric: 'cost_usd', feature: 'b' });
  const errors = silent('errors', { metric: 'error_rate', feature: 'a' });
  for (const one of [dear, drifting, silent('latency', { metric: 'latency_p95', feature: 'a' })])
    expect(mutedWith(one, errors)).toBe(inhibitedBy(errors));
  expect(mutedWith(elsewhere, errors)).toBeNull();
  const ofAll = silent('all', { metric: 'error_rate' });
  expect(mutedWith(elsewhere, ofAll)).toBe(inhibitedBy(ofAll));
  // Of production alone, or of the calls without a feature: not of the others.
  const narrow = silent('narrow', { metric: 'error_rate', feature: 'a', environment: 'production' });
  expect(mutedWith(dear, narrow)).toBe(inhibitedBy(narrow));
  expect(mutedWith(drifting, narrow)).toBeNull();
  expect(mutedWith(dear, silent('none', { metric: 'error_rate', feature: '' }))).toBeNull();
  // Of several that say the same one is told; what only some calls have says nothing of the others.
  const requests = silent('requests', { metric: 'requests', feature: 'a' });
  expect(mutedWith(errors, requests)).toBe(inhibitedBy(requests));
  expect(mutedWith(requests, errors)).toBeNull();
  expect(mutedWith(dear, silent('scores', { metric: 'score:quality', feature: 'a' }))).toBeNull();
  expect(mutedWith(dear, alert('failing', { metric: 'error_rate', feature: 'a' }))).toBeNull();
  const absence = alert('absence', { kind: 'absence', feature: 'a', environment: 'production' });
  expect(mutedWith(absence, requests)).toBeNull();
});
