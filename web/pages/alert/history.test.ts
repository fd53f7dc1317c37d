import { expect, test } from 'vitest';
import type { AlertDetail } from '#contract/alert.ts';
import { historyOf } from './history.ts';

const delivery = (more: Partial<AlertDetail['deliveries'][number]>): AlertDetail['deliveries'][number] => ({
  channel: 'Slack #oncall',
  event: 'firing',
  status: 'delivered',
  attempts: 1,
  last_attempt_at: '2026-11-21T14:10:01.000Z',
  next_attempt_at: null,
  error: null,
  ...more,
});

test('what happened, what people said and what was sent stand in one order, what waits comes last', () => {
  const lines = historyOf({
    timeline: [
      { at: '2026-11-21T14:10:00.000Z', kind: 'fired', text: 'Fired.' },
      { at: '2026-11-21T14:21:00.000Z', kind: 'acknowledged', text: 'Acknowledged by Ana.' },
      { at: '2026-11-21T15:00:00.000Z', kind: 'verdict', text: 'Ana says: real.' },
    ],
    deliveries: [
      delivery({}),
      delivery({
        channel: 'pager',
        status: 'failed',
        attempts: 3,
        error: '410',
        last_attempt_at: '2026-11-21T14:30:00.000Z',
      }),
      delivery({ channel: 'mail', status: 'waiting', attempts: 0, last_attempt_at: null }),
    ],
  });
  expect(lines.map(({ text, more }) => [text, more])).toEqual([
    ['Fired.', null],
    ['Slack #oncall was told that it fires.', null],
    ['Acknowledged by Ana.', null],
    ['pager could not be told that it fires.', '3 attempts. 410'],
    ['Ana says: real.', null],
    ['mail is being told that it fires.', '0 attempts'],
  ]);
});
