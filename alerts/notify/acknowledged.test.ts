import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState, type StateDb } from '#store/state/open.ts';
import { claimDue, markDelivered, markFailed, messagesOf, queueMessages } from '#store/state/outbox.ts';
import { alertEvent } from '../../test/support/alert-events.ts';
import { queueAcknowledged } from './acknowledged.ts';

const at = '2026-11-21T14:21:00.000Z';
let folder: string;
let state: StateDb;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-acknowledged-'));
  state = await openState({ dataDir: folder });
});
afterEach(async () => {
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

const say = (event: string, n: number, channels: string[]) =>
  queueMessages(
    state,
    channels.map(channel_id => ({
      event_id: `inc_1.${n}`,
      incident_id: 'inc_1',
      channel_id,
      event,
      payload: alertEvent(`incident.${event}`, n).body,
      created_at: '2026-11-21T14:10:00.000Z',
    })),
  );

test('who was told that it fires is told once who has taken it; who was not, and after its end, nobody', async () => {
  await say('firing', 1, ['a', 'b', 'c']);
  const [a, b] = await claimDue(state, { now: at, leaseMs: 60_000, limit: 3 });
  await markDelivered(state, a!, at);
  await markFailed(state, b!, { at, error: 'gone' });
  await queueAcknowledged(state, { id: 'inc_1', by: 'Ana', at });
  await queueAcknowledged(state, { id: 'inc_1', by: 'Ana', at });
  const told = (await messagesOf(state, 'inc_1')).filter(({ event }) => event === 'acknowledged');
  expect(told.map(({ channel_id }) => channel_id)).toEqual(['a', 'c']);
  expect(JSON.parse(told[0]!.payload)).toMatchObject({
    type: 'incident.acknowledged',
    timestamp: at,
    data: { id: 'inc_1', acknowledged_by: 'Ana', detail: 'Acknowledged by Ana.' },
  });
  const together = alertEvent('alert.firing', 1, { alerts: [{}, {}] }).body;
  await queueMessages(state, [
    {
      event_id: 'g',
      incident_id: 'grp',
      channel_id: 'a',
      event: 'firing',
      payload: together,
      created_at: at,
    },
  ]);
  await queueAcknowledged(state, { id: 'grp', by: 'Ana', at });
  expect(await messagesOf(state, 'grp')).toHaveLength(1);
  await say('resolved', 2, ['a']);
  await queueAcknowledged(state, { id: 'inc_1', by: 'Ben', at });
  expect(await messagesOf(state, 'inc_1')).toHaveLength(6);
});
