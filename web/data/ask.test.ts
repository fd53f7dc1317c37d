import { expect, test } from 'vitest';
import { addressOf } from './ask.ts';

test('names in the path are filled and escaped', () =>
  expect(addressOf('/api/v1/alerts/{id}/ack', { id: 'a/b c' }, undefined)).toBe(
    '/api/v1/alerts/a%2Fb%20c/ack',
  ));

test('the request is the query, without what is left to its default', () =>
  expect(addressOf('/api/v1/traces', {}, { from: 'now-24h', where: '', limit: 50, before: undefined })).toBe(
    '/api/v1/traces?from=now-24h&limit=50',
  ));
