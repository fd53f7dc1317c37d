import { expect, test } from 'vitest';
import type { Notification } from '#contract/channel.ts';
import { readDeliveriesSearch } from './search.ts';
import { attemptWords, stateOf } from './words.ts';

type Attempt = Notification['attempts'][number];
const attempt = (more: Partial<Attempt>): Attempt => ({
  number: 1,
  at: '2026-11-21T10:00:00Z',
  ended_at: '2026-11-21T10:00:01Z',
  outcome: 'delivered',
  status: 204,
  answer: null,
  error: null,
  next_attempt_at: null,
  ...more,
});

test.each<[Partial<Attempt>, string]>([
  [{}, 'Delivered, answered 204'],
  [{ status: 250, answer: '250 ok' }, 'Delivered, answered 250: 250 ok'],
  [{ outcome: 'failed', status: 500, error: 'the receiver answered 500' }, 'The receiver answered 500'],
  [{ outcome: 'failed', error: 'it answered 400', answer: 'bad key' }, 'It answered 400 (bad key)'],
  [{ outcome: null, ended_at: null }, 'under way, or its end is not known'],
  [{ outcome: 'skipped' }, 'not sent: this channel does not take such messages'],
])('%o', (more, words) => expect(attemptWords(attempt(more))).toBe(words));

test('a state is a word and a shape', () => {
  const of = (more: object) => stateOf({ attempts: [], error: null, ...more } as unknown as Notification);
  expect(of({ status: 'delivered' })).toEqual({ status: 'good', words: 'Delivered' });
  expect(of({ status: 'failed', error: 'replaced by newer state' }).words).toBe('Replaced');
  expect(of({ status: 'failed', error: 'no answer' }).status).toBe('critical');
  expect(of({ status: 'delivered', attempts: [attempt({ outcome: 'skipped' })] }).words).toBe(
    'Not for this channel',
  );
});

test('the address of the page holds what it shows', () => {
  expect(readDeliveriesSearch({ status: 'failed', channel: 'c' })).toEqual({
    status: 'failed',
    channel: 'c',
  });
  expect(readDeliveriesSearch({ status: 'any', channel: 1 })).toEqual({});
});
