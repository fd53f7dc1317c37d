import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usageByUser } from '#store/queries/usage-by-user.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow } from '../../test/support/rows.ts';
import { readAdoption, withoutSmall } from './adoption.ts';
import { rollUpUsage, usageProgress } from './usage.ts';

let engine: TestEngine;
let state: StateDb;
let folder: string;
const projectId = 'default';

beforeAll(async () => {
  engine = await startTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'driftline-adoption-'));
  state = await openState({ dataDir: folder });
});
afterAll(async () => {
  await state.destroy();
  await engine.stop();
  await rm(folder, { recursive: true });
});

const scope = (zone: string) => ({ clickhouse: engine.clickhouse, state, projectId, zone });
let spans = 0;
/** Stored long before now, so that it is not looked at again as something new. */
const call = (at: string, user: string, more: object = {}) => ({
  ...callRow({ at, span_id: `s${spans++}`, user }),
  stored_at: '2026-11-01 10:00:00',
  ...more,
});

const ask = (zone: string, more: object = {}) =>
  readAdoption(engine.clickhouse, {
    projectId,
    zone,
    period: 'week',
    where: [],
    fromDay: '2026-11-02',
    toDay: '2026-11-22',
    today: '2026-11-21',
    ...more,
  });

test('users are counted by day of the reporting zone, new and returning, and come back by week', async () => {
  const six = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];
  await engine.clickhouse.insert('calls', [
    ...six.map(user => call('2026-11-03T12:00:00Z', user, { session: `3-${user}` })),
    ...six.slice(0, 4).map(user => call('2026-11-10T12:00:00Z', user, { session: `10-${user}` })),
    call('2026-11-10T12:00:00Z', 'gus', { session: '10-gus' }),
    // One session, two features: it began in the first.
    call('2026-11-17T12:00:00Z', 'ann', { session: '17-ann' }),
    call('2026-11-17T12:01:00Z', 'ann', { session: '17-ann', feature: 'search', cost_nanos: null }),
    call('2026-11-17T12:02:00Z', '', {}),
    // Still the 16th in New York, the 17th in UTC, the same week in both.
    call('2026-11-17T03:00:00Z', 'hal', {}),
  ]);
  expect(await rollUpUsage(scope('UTC'))).toEqual({ days: 3, waiting: 0 });
  const seen = await ask('UTC');
  expect(
    seen.periods.map(({ start, users, new_users, returning_users, sessions }) => [
      start,
      users,
      new_users,
      returning_users,
      sessions,
    ]),
  ).toEqual([
    ['2026-11-02', 6, 6, 0, 6],
    ['2026-11-09', 5, 1, 4, 5],
    ['2026-11-16', 2, 1, 1, 1],
  ]);
  expect(seen.periods.at(-1)).toMatchObject({ calls: 4, calls_without_user: 1, running: true });
  // Cohorts of one user are not shown.
  expect(seen.cohorts).toEqual([{ week: '2026-11-02', users: 6, active: [6, 4, 1] }]);
  expect(seen.small_cohorts).toEqual({ cohorts: 2, users: 2 });
  expect(seen).toMatchObject({
    daily_users: 0,
    weekly_users: 2,
    monthly_users: 8,
    known_since: '2026-11-03',
  });
  expect(seen.features.find(({ feature }) => feature === 'search')).toMatchObject({
    users: 1,
    new_users: 1,
    sessions: 1,
    cost_usd: null,
  });
});

test('a late call changes its day only; spend by user adds up to the calls', async () => {
  await engine.clickhouse.insert('calls', [
    call('2026-11-10T23:30:00Z', 'zoe', { cost_nanos: '1000000', stored_at: '2026-11-02 10:00:00' }),
  ]);
  await rollUpUsage(scope('UTC'));
  const question = { projectId, zone: 'UTC', fromDay: '2026-11-02', toDay: '2026-11-22', limit: 3 };
  const { rows, total, users } = await usageByUser(engine.clickhouse, question);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toEqual({
    user: 'zoe',
    calls: '1',
    sessions: '0',
    cost_nanos: '1000000',
    unpriced_calls: '0',
  });
  // 15 calls at 27,000 and zoe's; one has no price.
  expect(total).toEqual({ calls: '16', sessions: '12', cost_nanos: '1378000', unpriced_calls: '1' });
  expect(users).toBe(9);
});

test('when the reporting zone changes all days are counted anew, the newest first, and the page says how far', async () => {
  const zone = 'America/New_York';
  expect(await usageProgress(scope(zone))).toBe(0);
  const first = await rollUpUsage(scope(zone), 1);
  expect(first.waiting).toBeGreaterThan(0);
  const progress = await usageProgress(scope(zone));
  expect(progress).toBeGreaterThan(0);
  expect(progress).toBeLessThan(1);
  while ((await rollUpUsage(scope(zone), 1)).waiting > 0);
  expect(await usageProgress(scope(zone))).toBe(1);
  const days = await ask(zone, { period: 'day' });
  expect(days.periods.map(({ start, users }) => [start, users])).toEqual([
    ['2026-11-03', 6],
    ['2026-11-10', 6],
    ['2026-11-16', 1],
    ['2026-11-17', 1],
  ]);
  const zones = await engine.clickhouse.query('SELECT DISTINCT zone FROM usage_by_user_1d');
  expect(zones).toEqual([{ zone }]);
});

test('a repricing counts for the row it was computed for', async () => {
  await engine.clickhouse.insert('calls', [
    call('2026-11-20T12:00:00Z', 'ida', {
      feature: 'repriced',
      trace_id: 't-ida',
      span_id: 'ida',
      version: '5',
    }),
  ]);
  const posting = {
    project_id: projectId,
    start_time: '2026-11-20 12:00:00.000000000',
    trace_id: 't-ida',
    span_id: 'ida',
    posted_at: '2026-11-21 09:00:00.000',
    cost_nanos: 3000,
  };
  await engine.clickhouse.insert('call_repricings', [
    { ...posting, against_version: '5', posting_id: 'p1' },
    { ...posting, against_version: '4', posting_id: 'p0' },
  ]);
  await rollUpUsage(scope('America/New_York'));
  const { features } = await ask('America/New_York');
  expect(features.find(({ feature }) => feature === 'repriced')).toMatchObject({
    cost_usd: '0.000030000',
    cost_per_user_usd: '0.000030000',
  });
});

test('a week in which nobody came back is a 0, not a gap', () => {
  const cells = [
    { week: '2026-11-02', later: 0, users: 8 },
    { week: '2026-11-02', later: 2, users: 3 },
    { week: '2026-11-09', later: 0, users: 4 },
  ];
  expect(withoutSmall(cells, '2026-11-16')).toEqual({
    shown: [{ week: '2026-11-02', users: 8, active: [8, 0, 3] }],
    small: { cohorts: 1, users: 4 },
  });
});
