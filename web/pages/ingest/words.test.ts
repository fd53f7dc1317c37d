import { describe, expect, test } from 'vitest';
import type { Ingest, IngestSource } from '../../data/ingest.ts';
import { sortSources } from './source-sort.ts';
import { asWords, checkSentence, headline, readable, size } from './words.ts';

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const check: Ingest['check'] = {
  verdict: 'ok',
  checked_at: '2026-11-20T11:58:00Z',
  checked: 12_000,
  missing: 0,
};
const well: Ingest = {
  store_answers: true,
  totals: {
    received: 10,
    acked: 10,
    stored: 10,
    rejected: 0,
    duplicates: 0,
    truncated: 0,
    refused_requests: 0,
    waiting: 0,
    unread_since: null,
    quarantined: 0,
    wal_bytes: 0,
    wal_limit_bytes: 1,
    last_received_at: '2026-11-20T11:59:59Z',
  },
  check,
  problems: [],
  series: [],
  interval_s: 60,
  sources: [],
  rejects: [],
};
const problem = (id: string, severity: 'warning' | 'critical') => ({
  id,
  severity,
  title: `title ${id}`,
  detail: '',
  since: '2026-11-20T11:00:00Z',
});

describe('the headline', () => {
  test.each([
    ['all is well', {}, 'good', 'What was acknowledged is stored'],
    [
      'what is only just received changes nothing',
      { totals: { ...well.totals, unread_since: '2026-11-20T11:59:58Z' } },
      'good',
      'What was acknowledged is stored',
    ],
    [
      'what waits unread is not stored',
      { totals: { ...well.totals, unread_since: '2026-11-20T11:58:00Z' } },
      'neutral',
      'Data is received; much of it is still on its way to the store',
    ],
    ['one problem is named', { problems: [problem('a', 'warning')] }, 'warning', 'title a'],
    [
      'of several the worst gives the tone',
      { problems: [problem('a', 'warning'), problem('b', 'critical')] },
      'critical',
      '2 problems with ingest',
    ],
    [
      'what is missing is never well',
      { check: { ...check, verdict: 'missing', missing: 1 } as const },
      'critical',
      '1 acknowledged item could not be found in the store',
    ],
    [
      'what was not checked is not called well',
      { check: { ...check, verdict: 'unknown' } as const },
      'neutral',
      'Data is received',
    ],
    [
      'silence is not called well either',
      { totals: { ...well.totals, received: 0, last_received_at: null } },
      'neutral',
      'Nothing has been received',
    ],
  ])('%s', (_, given, status, title) => {
    expect(headline({ ...well, ...given }, Date.parse('2026-11-20T12:00:00Z'))).toEqual({ status, title });
  });
});

test('the check is told with its numbers and when it was', () => {
  const say = (given: Partial<Ingest['check']>) => checkSentence({ ...check, ...given }, nowMs, 'UTC');
  expect(say({})).toBe('Acked = stored: 12k acknowledged items looked for, 0 missing, last at 11:58.');
  expect(say({ missing: 2, verdict: 'missing' })).toMatch(/^Acked is not stored: .* 2 missing/);
  expect(say({ verdict: 'waiting', checked: 1 })).toMatch(/cannot be judged .* 1 acknowledged item looked/);
  expect(say({ verdict: 'unknown' })).toMatch(/not been checked yet/);
});

test('senders by who is refused most and who has been silent longest', () => {
  const source = (service: string, rejected: number, last_seen: string) =>
    ({ service, rejected, last_seen }) as IngestSource;
  const sources = [
    source('busy', 0, '2026-11-20T11:59:59Z'),
    source('broken', 5, '2026-11-20T11:59:00Z'),
    source('gone', 1, '2026-11-20T02:00:00Z'),
  ];
  const names = (sort: Parameters<typeof sortSources>[1]) =>
    sortSources(sources, sort).map(({ service }) => service);
  expect(names('sent')).toEqual(['busy', 'broken', 'gone']);
  expect(names('rejected')).toEqual(['broken', 'gone', 'busy']);
  expect(names('silent')).toEqual(['gone', 'broken', 'busy']);
});

test('names and samples are made readable, whatever they are', () => {
  expect(asWords('older_than_retention')).toBe('older than retention');
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readable('not json')).toBe('not json');
});

test.each([
  [0, '0 B'],
  [3768, '3.68 KiB'],
  [5 * 1024 ** 3, '5 GiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(size(bytes).replace('\u00a0', ' ')).toBe(text);
});
