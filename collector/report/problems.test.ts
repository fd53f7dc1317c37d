import { expect, test } from 'vitest';
import { Balance } from './balance.ts';
import { judgeVitals, Problems, type Vitals } from './problems.ts';

const gib = 1024 ** 3;
const fine: Vitals = {
  waiting: 10,
  waitingMs: 500,
  walBytes: gib,
  walLimitBytes: 5 * gib,
  quarantined: 0,
  unreadable: 0,
  unaccounted: 0,
  unsettled: 0,
  check: { verdict: 'ok', checked_at: null, checked: 60, missing: 0 },
  freeBytes: 100 * gib,
};
const startMs = Date.UTC(2026, 10, 21);

test.each<[string, Partial<Vitals>, string, string]>([
  ['wal-nearly-full', { walBytes: 4 * gib }, 'warning', 'The write-ahead log is 80 % full'],
  ['wal-nearly-full', { walBytes: 4.9 * gib }, 'critical', 'The write-ahead log is 98 % full'],
  ['store-behind', { waitingMs: 60_000 }, 'warning', 'The store is behind'],
  [
    'spans-missing',
    { check: { verdict: 'missing', checked_at: null, checked: 60, missing: 2 } },
    'critical',
    'Spans acknowledged are missing from the store',
  ],
  ['quarantined', { quarantined: 1 }, 'warning', '1 item is in quarantine'],
  [
    'log-damaged',
    { unreadable: 3 },
    'critical',
    '3 acknowledged items cannot be read from the write-ahead log',
  ],
  ['items-unaccounted', { unaccounted: 1 }, 'critical', '1 acknowledged item is not accounted for'],
  ['unsettled', { unsettled: 2 }, 'critical', 'The calls of 2 traces are not in the ledger'],
  ['disk-low', { freeBytes: 0.9 * gib }, 'warning', 'The disk is nearly full'],
  ['disk-low', { freeBytes: 0.2 * gib }, 'critical', 'The disk is nearly full'],
])('%s is raised by %o and cleared without', (id, over, severity, title) => {
  const problems = new Problems();
  judgeVitals(problems, fine, startMs);
  expect(problems.list()).toEqual([]);
  judgeVitals(problems, { ...fine, ...over }, startMs);
  judgeVitals(problems, { ...fine, ...over }, startMs + 5000);
  expect(problems.list()).toMatchObject([{ id, severity, title, since: new Date(startMs).toISOString() }]);
  judgeVitals(problems, fine, startMs + 10_000);
  expect(problems.list()).toEqual([]);
});

test('what is unknown or not waiting is no problem; others raise their own; critical ones come first', () => {
  const problems = new Problems();
  judgeVitals(problems, { ...fine, freeBytes: null, waiting: 0, waitingMs: 90_000 }, startMs);
  expect(problems.list()).toEqual([]);
  problems.raise('forward', { severity: 'warning', title: 'Forwarding is behind', detail: '' }, startMs);
  judgeVitals(problems, { ...fine, freeBytes: 0 }, startMs + 1);
  expect(problems.list().map(({ id }) => id)).toEqual(['disk-low', 'forward']);
  problems.clear('forward');
  expect(problems.list()).toHaveLength(1);
});

test('a write-ahead log that is hardly below the mark is still a problem', () => {
  const problems = new Problems();
  judgeVitals(problems, { ...fine, walBytes: 4 * gib }, startMs);
  judgeVitals(problems, { ...fine, walBytes: 3.8 * gib }, startMs);
  expect(problems.list()).toHaveLength(1);
  judgeVitals(problems, { ...fine, walBytes: 3.7 * gib }, startMs);
  expect(problems.list()).toEqual([]);
});

test('what is missing between two counters for a moment is not missing; what stays so for a minute is', () => {
  const balance = new Balance();
  const seen = [5, 3, 0, 4, 7, 2].map((missing, at) => balance.lasting(missing, startMs + at * 30_000));
  expect(seen).toEqual([0, 0, 0, 0, 0, 2]);
  expect(balance.lasting(-1, startMs + 200_000)).toBe(0);
});
