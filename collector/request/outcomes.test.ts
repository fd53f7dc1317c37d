import { expect, test } from 'vitest';
import { outcomeId } from '#store/queries/insert-outcomes.ts';
import { aLog, aSpan } from '../../test/support/telemetry.ts';
import { outcomeRow } from '../settle/rows.ts';
import type { Attributes } from '../telemetry.ts';
import { describeSpan } from './describe.ts';
import { logOutcomes, spanOutcomes } from './outcomes.ts';

const { traceId, spanId } = aSpan();
const log = (attributes: Attributes, over = {}) =>
  logOutcomes(aLog({ eventName: 'driftline.outcome', attributes, ...over }));

test('a log record tells an outcome, its worth to the ninth place', () => {
  expect(
    log({
      'outcome.name': 'purchase',
      'outcome.id': 'order-7',
      'outcome.value': '3',
      'outcome.value_usd': '12.345678901',
      'outcome.label': 'new customer',
      'session.id': 's',
      'user.id': 'ann',
      'app.feature': 'shop',
    }),
  ).toEqual([
    {
      id: 'order-7',
      timeNs: 2_000_000_000n,
      name: 'purchase',
      value: 3,
      valueNanos: '12345678901',
      label: 'new customer',
      traceId,
      responseId: '',
      session: 's',
      user: 'ann',
      feature: 'shop',
    },
  ]);
});

test('without a name, or without anything that led to it, it is none', () => {
  expect(log({ 'outcome.value': '1' })).toEqual([]);
  expect(log({ 'outcome.name': 'thumb' }, { traceId: '' })).toEqual([]);
  expect(log({ 'outcome.name': 'thumb', 'user.id': 'ann' }, { traceId: '' })).toHaveLength(1);
  expect(log({ 'outcome.name': 'thumb' }, { eventName: 'other' })).toEqual([]);
});

test('a span event tells one; a configured attribute is one per trace', () => {
  const span = aSpan({
    events: [{ name: 'driftline.outcome', timeNs: 5n, attributes: { 'outcome.name': 'resolved' } }],
    attributes: { 'ticket.state': 'escalated' },
  });
  expect(spanOutcomes(span, describeSpan(span))).toMatchObject([{ name: 'resolved', timeNs: 5n, traceId }]);
  const facts = { ...describeSpan(span), outcome: 'escalated' };
  expect(spanOutcomes(span, facts)[1]).toMatchObject({ name: 'escalated', id: `trace ${traceId}` });
  expect(spanOutcomes(aSpan(), describeSpan(aSpan()))).toEqual([]);
});

test('sent again it is the same row; under an id it is that of the API', () => {
  const bearer = {
    projectId: 'default',
    timeNs: 2_000_000_000n,
    traceId,
    spanId,
    recordId: 'log',
    receivedAtMs: 7,
  };
  const [one] = log({ 'outcome.name': 'thumb', 'outcome.value': '-1' });
  const row = outcomeRow(one!, bearer);
  expect(outcomeRow(one!, { ...bearer, receivedAtMs: 9 }).outcome_id).toBe(row.outcome_id);
  expect(row).toMatchObject({
    value: -1,
    value_nanos: null,
    source: 'otlp',
    time: '1970-01-01 00:00:02.000000000',
  });
  const [named] = log({ 'outcome.name': 'thumb', 'outcome.id': 'a' });
  expect(outcomeRow(named!, bearer).outcome_id).toBe(outcomeId('default', 'thumb', 'a'));
});
