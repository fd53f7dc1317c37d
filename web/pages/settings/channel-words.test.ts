import { expect, test } from 'vitest';
import type { Channel } from '#contract/channel.ts';
import { answerWords, channelState } from './channel-words.ts';

const channel = (more: Partial<Channel>): Channel => ({
  id: 'ch',
  kind: 'webhook',
  name: 'Hook',
  target: 'example.com',
  settings: {},
  secrets: [],
  enabled: true,
  disabled_reason: null,
  created_at: '2026-11-21T00:00:00Z',
  previous_secret_until: null,
  last: null,
  waiting: 0,
  routes: [],
  ...more,
});
const last = (status: 'waiting' | 'delivered' | 'failed', error: string | null = null) => ({
  at: '2026-11-21T10:00:00Z',
  status,
  error,
});

test.each<[string, Partial<Channel>, string, string]>([
  ['new', {}, 'neutral', 'nothing sent yet'],
  ['fine', { last: last('delivered') }, 'good', 'last delivered'],
  [
    'late',
    { last: last('waiting', 'it answered 503'), waiting: 2 },
    'warning',
    '2 messages wait: it answered 503',
  ],
  ['given up', { last: last('failed', 'no answer') }, 'critical', 'last message not delivered: no answer,'],
  ['off by hand', { enabled: false }, 'warning', 'Switched off'],
  ['off by 410', { enabled: false, disabled_reason: '410, gone' }, 'critical', 'Switched off: 410, gone'],
])('%s', (_, more, status, words) => {
  expect(channelState(channel(more))).toMatchObject({ status, words });
});

test('an answer in words', () => {
  const none = { answer: null, error: null };
  expect(answerWords({ ...none, delivered: true, status: 204 })).toBe('The test arrived, answered 204.');
  expect(answerWords({ ...none, delivered: true, status: 200, answer: 'ok' })).toBe(
    'The test arrived, answered 200: ok.',
  );
  expect(
    answerWords({
      delivered: false,
      status: 200,
      answer: 'not_in_channel',
      error: 'Slack refused it: not_in_channel',
    }),
  ).toBe('The test did not arrive: Slack refused it: not_in_channel.');
  expect(answerWords({ delivered: false, status: 400, answer: 'bad key', error: 'it answered 400' })).toBe(
    'The test did not arrive: it answered 400 (bad key).',
  );
});
