import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addChannel } from '#store/state/channels.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { queueMessages } from '#store/state/outbox.ts';
import { quietLog } from '../../test/support/engine.ts';
import { seeded } from '../../test/support/seeded.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { newSecret } from '../channels/standard-webhooks.ts';
import { createSender, outboxCrashPoints } from './outbox.ts';

let folder: string;
let state: StateDb;
let receivers: WebhookReceiver[];
let nowMs: number;

const iso = (ms: number) => new Date(ms).toISOString();
const incidents = ['inc_1', 'inc_2', 'inc_3'];
const events = ['firing', 'updated', 'resolved'];

beforeEach(async () => {
  nowMs = Date.UTC(2026, 10, 21, 14, 2);
  folder = await mkdtemp(join(tmpdir(), 'driftline-outbox-crash-'));
  state = await openState({ dataDir: folder });
  receivers = await Promise.all([
    startWebhookReceiver(n => (n % 5 === 3 ? 503 : 204)),
    startWebhookReceiver(),
  ]);
  for (const [at, receiver] of receivers.entries()) {
    receiver.secret = newSecret();
    await addChannel(state, {
      channel_id: `ch_${at}`,
      kind: 'webhook',
      settings: JSON.stringify({ url: receiver.url }),
      secret: receiver.secret,
      enabled: 1,
      created_at: iso(nowMs),
    });
  }
});
afterEach(async () => {
  await Promise.all(receivers.map(receiver => receiver.stop()));
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

/** One event of every incident to both channels; the one before has arrived, or nothing would be left of it but the newer. */
async function queue(event: string, of: readonly string[]): Promise<void> {
  const entries = of.flatMap(incident_id =>
    receivers.map((_, at) => ({
      event_id: `${incident_id}.${event}`,
      incident_id,
      channel_id: `ch_${at}`,
      event,
      payload: JSON.stringify({ type: `incident.${event}` }),
      created_at: iso(nowMs),
    })),
  );
  await queueMessages(state, entries);
}

const waiting = async () =>
  (
    await state
      .selectFrom('outbox')
      .select('outbox_id')
      .where('delivered_at', 'is', null)
      .where('failed_at', 'is', null)
      .execute()
  ).length;

/** Every event arrived, under one id of its own, first in the order in which it happened. */
async function expectAll(expected: readonly string[]): Promise<void> {
  for (const receiver of receivers) {
    const taken = receiver.received.filter((_, n) => receiver !== receivers[0] || n % 5 !== 3);
    const first = [...new Set(taken.map(({ id }) => id))];
    expect([...first].sort()).toEqual([...expected].sort());
    for (const incident of incidents) {
      const order = first.filter(id => id.startsWith(incident)).map(id => id.split('.')[1]!);
      expect(order).toEqual(events.filter(event => order.includes(event)));
    }
    expect(receiver.received.every(({ signed }) => signed)).toBe(true);
  }
  const rows = await state
    .selectFrom('outbox')
    .select(['event_id', 'channel_id', 'delivered_at', 'error', 'attempts'])
    .execute();
  expect(new Set(rows.map(row => `${row.event_id} ${row.channel_id}`)).size).toBe(rows.length);
  expect(rows.filter(({ delivered_at }) => delivered_at === null)).toEqual([]);
}

/** A sender in a process of its own that ends by SIGKILL at the `nth` time a point is reached. */
async function sendAndDie(point: string, nth: number): Promise<string | null> {
  const file = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist', path)));
  const program = `
    import { openState } from ${file('store/state/open.js')};
    import { createSender } from ${file('alerts/notify/outbox.js')};
    const state = await openState({ dataDir: ${JSON.stringify(folder)} });
    let left = ${nth};
    const log = { info() {}, warn() {}, error() {} };
    const crashPoint = name => {
      if (name === ${JSON.stringify(point)} && --left === 0) process.kill(process.pid, 'SIGKILL');
    };
    const deps = { state, log, crashPoint, clock: { now: () => ${nowMs} }, random: () => 0.5, allowPrivateAddresses: true };
    await createSender(deps).sendDue();
    await state.destroy();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => (code ? reject(new Error(`exit ${code}`)) : resolve(signal)));
  });
}

test('a sender that is killed at every step loses nothing, doubles no id and keeps the order', async () => {
  const killed: (string | null)[] = [];
  const survivor = createSender({
    state,
    clock: { now: () => nowMs },
    log: quietLog,
    random: () => 0.5,
    allowPrivateAddresses: true,
  });
  for (const event of events) {
    await queue(event, incidents);
    for (const point of event === 'updated' ? [] : outboxCrashPoints) {
      killed.push(await sendAndDie(point, event === 'resolved' ? 2 : 1));
      // The lease of what it held.
      nowMs += 61_000;
    }
    for (let round = 0; round < 12 && (await waiting()) > 0; round += 1) {
      await survivor.sendDue();
      // Beyond the longest wait between two attempts.
      nowMs += 30 * 3_600_000;
    }
  }
  expect(killed.filter(signal => signal === 'SIGKILL').length).toBeGreaterThanOrEqual(6);
  await expectAll(incidents.flatMap(incident => events.map(event => `${incident}.${event}`)));
});

test('senders that freeze at any step, again and again, are followed by others', async () => {
  const random = seeded(11);
  let frozen = 0;
  for (const event of events) {
    await queue(event, incidents);
    for (let round = 0; round < 60 && (await waiting()) > 0; round += 1) {
      const point = outboxCrashPoints[random.integer(outboxCrashPoints.length)];
      let left = round < 6 ? 1 + random.integer(3) : Number.POSITIVE_INFINITY;
      let freeze = () => {};
      const died = new Promise<void>(resolve => {
        freeze = resolve;
      });
      const sender = createSender({
        state,
        clock: { now: () => nowMs },
        log: quietLog,
        random: random.next,
        allowPrivateAddresses: true,
        crashPoint: name => {
          if (name === point) left -= 1;
          if (left > 0) return;
          freeze();
          return new Promise(() => {});
        },
      });
      await Promise.race([sender.sendDue(), died]);
      if (left <= 0) frozen += 1;
      nowMs += round < 6 ? 61_000 : 30 * 3_600_000;
    }
  }
  expect(frozen).toBeGreaterThan(10);
  // What froze between sending and being answered still reaches the receivers.
  await expect.poll(waiting).toBe(0);
  await expectAll(incidents.flatMap(incident => events.map(event => `${incident}.${event}`)));
});
