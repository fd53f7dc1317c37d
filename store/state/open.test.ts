import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addChannel, changeChannel, listChannels, removeChannel } from './channels.ts';
import { readDetectorStates, writeDetectorStates } from './detector-states.ts';
import {
  addIncident,
  addIncidentEvent,
  countFiring,
  type IncidentRow,
  incidentEvents,
  listIncidents,
  updateIncident,
} from './incidents.ts';
import { type IngestReport, readIngestStatuses, writeIngestStatus } from './ingest-status.ts';
import { openState, type StateDb } from './open.ts';
import { claimDue, markDelivered, markFailed, markRetry, messagesOf, queueMessages } from './outbox.ts';
import { readProgress, writeProgress } from './progress.ts';
import { readSetting, writeSetting } from './settings.ts';

let dataDir: string;
let db: StateDb;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-state-'));
  db = await openState({ dataDir });
});
afterEach(async () => {
  await db.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 0, minute)).toISOString();

describe('the file', () => {
  test('survives a power cut (WAL, synchronous full)', async () => {
    const mode = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(db);
    const synchronous = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db);
    expect(mode.rows).toEqual([{ journal_mode: 'wal' }]);
    expect(synchronous.rows).toEqual([{ synchronous: 2 }]);
  });

  test('may be opened for the first time by several at once', async () => {
    const empty = join(dataDir, 'new');
    const opened = await Promise.all(Array.from({ length: 5 }, () => openState({ dataDir: empty })));
    await Promise.all(opened.map((each, index) => writeProgress(each, `job ${index}`, String(index))));
    const [first] = opened;
    expect(await first?.selectFrom('progress').selectAll().execute()).toHaveLength(5);
    await Promise.all(opened.map(each => each.destroy()));
  });

  test('a transaction that reads first waits for one that writes first', async () => {
    const other = await openState({ dataDir });
    const count = (each: StateDb) =>
      each.transaction().execute(async transaction => {
        const before = Number((await readProgress(transaction, 'count')) ?? '0');
        await new Promise(resolve => setTimeout(resolve, 1));
        await writeProgress(transaction, 'count', String(before + 1));
      });
    await Promise.all(Array.from({ length: 20 }, (_, index) => count(index % 2 ? db : other)));
    expect(await readProgress(db, 'count')).toBe('20');
    await other.destroy();
  });

  test('a folder that cannot be used is named', async () => {
    const file = join(dataDir, 'state.db');
    await expect(openState({ dataDir: file })).rejects.toThrow(file);
  });
});

const incident: IncidentRow = {
  incident_id: 'i1',
  project_id: 'default',
  feature: 'chat',
  model: 'gpt-5.6',
  environment: 'prod',
  metric: 'latency_tail',
  direction: 'up',
  state: 'firing',
  changed_at: at(1),
  opened_at: at(2),
  resolved_at: null,
  acknowledged_by: null,
  acknowledged_at: null,
  snoozed_until: null,
  transitions: 1,
  evidence: '{}',
};

describe('incidents', () => {
  const firing = () => listIncidents(db, { projectId: 'default', state: 'firing', limit: 10 });

  test('firing first, then newest', async () => {
    await addIncident(db, { ...incident, incident_id: 'old', state: 'resolved', opened_at: at(0) });
    await addIncident(db, { ...incident, incident_id: 'new', state: 'resolved', opened_at: at(9) });
    await addIncident(db, incident);
    const all = await listIncidents(db, { projectId: 'default', limit: 10 });
    expect(all.map(row => row.incident_id)).toEqual(['i1', 'new', 'old']);
    expect(await listIncidents(db, { projectId: 'other', limit: 10 })).toEqual([]);
    expect(await countFiring(db, 'default')).toEqual(new Map([['chat', 1]]));
  });

  test('one series has one firing incident; once resolved it may have another', async () => {
    await addIncident(db, incident);
    await expect(addIncident(db, { ...incident, incident_id: 'i2' })).rejects.toThrow('UNIQUE');
    expect(await firing()).toHaveLength(1);
    await updateIncident(db, 'i1', { state: 'resolved', resolved_at: at(5) });
    expect(await firing()).toEqual([]);
    await addIncident(db, { ...incident, incident_id: 'i2' });
  });

  test('incident, timeline and messages are written together or not at all', async () => {
    const open = (fail: boolean) =>
      db.transaction().execute(async transaction => {
        await addIncident(transaction, incident);
        await addIncidentEvent(transaction, {
          event_id: 'i1.1',
          incident_id: 'i1',
          at: at(2),
          kind: 'opened',
          text: 'opened',
        });
        await queueMessages(transaction, [message('i1.1', 'hook')]);
        if (fail) throw new Error('crash');
      });
    await expect(open(true)).rejects.toThrow('crash');
    expect(await firing()).toEqual([]);
    expect(await messagesOf(db, 'i1')).toEqual([]);
    await open(false);
    expect(await incidentEvents(db, 'i1')).toHaveLength(1);
    expect(await messagesOf(db, 'i1')).toHaveLength(1);
  });
});

function message(eventId: string, channelId: string, incidentId = 'i1') {
  return {
    event_id: eventId,
    incident_id: incidentId,
    channel_id: channelId,
    event: 'firing',
    payload: '{}',
    created_at: at(0),
  };
}
const claim = (minute: number, each = db) => claimDue(each, { now: at(minute), leaseMs: 60_000, limit: 10 });

describe('outbox', () => {
  test('a message is queued once and claimed by one sender until its lease ends', async () => {
    await queueMessages(db, [message('e1', 'hook')]);
    await queueMessages(db, [message('e1', 'hook')]);
    const other = await openState({ dataDir });
    const claims = await Promise.all([claim(0), claim(0, other)]);
    expect(claims.flat().map(row => [row.event_id, row.attempts])).toEqual([['e1', 1]]);
    expect(await claim(0)).toEqual([]);
    // The first sender died: after the lease it is claimed again, and the dead one's mark counts no more.
    const [again] = await claim(2);
    expect(again).toMatchObject({ event_id: 'e1', attempts: 2 });
    const [late] = claims.flat();
    expect(late && (await markDelivered(db, late, at(2)))).toBe(false);
    expect(again && (await markDelivered(db, again, at(2)))).toBe(true);
    expect(await claim(9)).toEqual([]);
    await other.destroy();
  });

  test('messages of one incident and channel go in order; others do not wait for them', async () => {
    await queueMessages(db, [
      message('e1', 'a'),
      message('e2', 'a'),
      message('e1', 'b'),
      message('x', 'a', 'i2'),
    ]);
    const first = await claim(0);
    expect(first.map(row => `${row.event_id} ${row.channel_id}`)).toEqual(['e1 a', 'e1 b', 'x a']);
    const [e1] = first;
    if (e1) await markRetry(db, e1, { nextAttemptAt: at(5), error: '503' });
    for (const row of first.slice(1)) await markDelivered(db, row, at(0));
    expect(await claim(4)).toEqual([]);
    const [retried] = await claim(5);
    expect(retried).toMatchObject({ event_id: 'e1', attempts: 2, error: '503' });
    if (retried) await markFailed(db, retried, { at: at(5), error: '410' });
    expect((await claim(5)).map(row => row.event_id)).toEqual(['e2']);
  });
});

test('removing a channel gives up what was still to be sent there', async () => {
  const channel = {
    channel_id: 'c',
    kind: 'webhook',
    settings: '{}',
    secret: 's',
    enabled: 1,
    created_at: at(0),
  } as const;
  await addChannel(db, channel);
  expect(await changeChannel(db, 'c', { enabled: 0 })).toMatchObject({ enabled: 0 });
  expect(await changeChannel(db, 'nobody', { enabled: 0 })).toBeNull();
  expect(await listChannels(db)).toEqual([{ ...channel, enabled: 0, name: '', disabled_reason: null }]);
  await queueMessages(db, [message('e1', 'c'), message('e1', 'd')]);
  expect(await removeChannel(db, 'c', at(1))).toBe(true);
  expect(await removeChannel(db, 'c', at(1))).toBe(false);
  expect((await claim(1)).map(row => row.channel_id)).toEqual(['d']);
});

test('detector states are replaced, any number of them', async () => {
  const rows = Array.from({ length: 1200 }, (_, index) => ({
    project_id: 'default',
    feature: `f${index}`,
    model: '',
    environment: '',
    metric: 'cost',
    evaluated_until: at(0),
    state: '{}',
  }));
  await writeDetectorStates(db, rows);
  await writeDetectorStates(db, [{ ...rows[7]!, evaluated_until: at(15), state: '{"a":1}' }]);
  const stored = await readDetectorStates(db, 'default');
  expect(stored).toHaveLength(1200);
  expect(stored.find(row => row.feature === 'f7')).toMatchObject({
    evaluated_until: at(15),
    state: '{"a":1}',
  });
});

test('settings have a shape', async () => {
  expect(await readSetting(db, 'reporting_zone')).toBeNull();
  await writeSetting(db, 'reporting_zone', 'Europe/Paris');
  await writeSetting(db, 'demo', { state: 'filling', progress: 0.5 });
  expect(await readSetting(db, 'reporting_zone')).toBe('Europe/Paris');
  expect(await readSetting(db, 'demo')).toEqual({ state: 'filling', progress: 0.5 });
  await expect(writeSetting(db, 'demo', { state: 'live', progress: 2 })).rejects.toThrow();
});

test('a collector replaces its counters, which may pass 2^32', async () => {
  const status = {
    collector_id: 'c1',
    at: at(0),
    acked: 5_000_000_000,
    stored: 1,
    waiting: 0,
    rejected: { too_large: 2 },
    last_received_at: null,
  };
  await writeIngestStatus(db, status);
  expect(await readIngestStatuses(db)).toEqual([{ ...status, report: null }]);
  const report: IngestReport = {
    duplicates: 3,
    truncated: 0,
    refusedRequests: 1,
    quarantined: 0,
    unreadSince: null,
    unread: 0,
    walBytes: 6_000_000_000,
    walLimitBytes: 7_000_000_000,
    check: { verdict: 'ok', checked_at: at(1), checked: 200, missing: 0 },
    problems: [{ id: 'wal', severity: 'warning', title: 'Full', detail: 'Soon.', since: at(0) }],
    stopped: false,
  };
  const later = { ...status, stored: 5_000_000_000, last_received_at: at(1), report };
  await writeIngestStatus(db, later);
  expect(await readIngestStatuses(db)).toEqual([later]);
});
