import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IngestProblem } from '#contract/ingest.ts';
import { addChannel } from '#store/state/channels.ts';
import { type IngestReport, writeIngestStatus } from '#store/state/ingest-status.ts';
import { listInternalAlerts } from '#store/state/internal-alerts.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { quietLog } from '../test/support/engine.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../test/support/webhook-receiver.ts';
import { newSecret } from './channels/standard-webhooks.ts';
import { createInternalAlerts } from './internal.ts';
import { createSender } from './notify/outbox.ts';

const startMs = Date.UTC(2026, 10, 21, 9, 0);
const minuteMs = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
let nowMs: number;
let folder: string;
let state: StateDb;
let receiver: WebhookReceiver;

beforeEach(async () => {
  nowMs = startMs;
  folder = await mkdtemp(join(tmpdir(), 'driftline-internal-'));
  state = await openState({ dataDir: folder });
  receiver = await startWebhookReceiver(() => 200);
  receiver.secret = newSecret();
  await addChannel(state, {
    channel_id: 'ch_1',
    kind: 'webhook',
    settings: JSON.stringify({ url: receiver.url }),
    secret: receiver.secret,
    enabled: 1,
    created_at: iso(startMs),
  });
});
afterEach(async () => {
  await receiver.stop();
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

const missing: IngestProblem = {
  id: 'spans-missing',
  severity: 'critical',
  title: 'Spans acknowledged are missing from the store',
  detail: '3 of 60 acknowledged spans that were looked for are not there.',
  since: iso(startMs),
};
const behind: IngestProblem = {
  id: 'store-behind',
  severity: 'warning',
  title: 'The store is behind',
  detail: '900 acknowledged items wait to be stored.',
  since: iso(startMs),
};

/** What a collector reports now. */
async function reports(problems: IngestProblem[], over: { stopped?: boolean; waiting?: number } = {}) {
  const report: IngestReport = {
    duplicates: 0,
    truncated: 0,
    refusedRequests: 0,
    quarantined: 0,
    unreadSince: null,
    unread: 0,
    walBytes: 0,
    walLimitBytes: 1000,
    check: { verdict: 'unknown', checked_at: null, checked: 0, missing: 0 },
    problems,
    stopped: over.stopped ?? false,
  };
  const counts = { acked: 0, stored: 0, waiting: over.waiting ?? 0, rejected: {}, last_received_at: null };
  await writeIngestStatus(state, { collector_id: 'c1', at: iso(nowMs), ...counts, report });
}

/** A process that looks and sends; each call is a new one, as after a restart. */
function alertsProcess() {
  const clock = { now: () => nowMs };
  const deps = { state, clock, log: quietLog, baseUrl: 'http://127.0.0.1:8080' };
  const { check } = createInternalAlerts(deps);
  const sender = createSender({ ...deps, random: () => 0.5, allowPrivateAddresses: true });
  return async () => {
    const changed = await check();
    await sender.sendDue();
    return changed;
  };
}

const sent = () =>
  receiver.received.map(({ id, body, signed }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: Record<string, unknown> };
    return { id, type, title: data.title, state: data.state, signed };
  });

test('a critical problem is one firing and one resolved message, whatever restarts in between', async () => {
  await reports([missing]);
  await alertsProcess()();
  expect(await alertsProcess()()).toEqual([]);
  const [alert] = await listInternalAlerts(state, undefined, 10);
  expect(alert).toMatchObject({ state: 'firing', problem_id: 'spans-missing', detail: missing.detail });

  // The collector restarts and finds it again within two minutes: still the same alert.
  nowMs += minuteMs;
  await reports([]);
  await alertsProcess()();
  nowMs += minuteMs;
  await reports([{ ...missing, since: iso(nowMs), detail: '4 of 90 are not there.' }]);
  await alertsProcess()();
  nowMs += 5 * minuteMs;
  await reports([]);
  await alertsProcess()();
  expect(sent()).toHaveLength(1);
  nowMs += 2 * minuteMs;
  await reports([]);
  expect(await alertsProcess()()).toEqual([alert!.alert_id]);
  await alertsProcess()();

  const title = 'Driftline: spans acknowledged are missing from the store';
  expect(sent()).toEqual([
    { id: `${alert!.alert_id}.0001`, type: 'internal.firing', title, state: 'firing', signed: true },
    { id: `${alert!.alert_id}.0002`, type: 'internal.resolved', title, state: 'resolved', signed: true },
  ]);
  expect(await listInternalAlerts(state, undefined, 10)).toMatchObject([
    { state: 'resolved', resolved_at: iso(nowMs), detail: '4 of 90 are not there.' },
  ]);

  // The next time is another event.
  await reports([{ ...missing, since: iso(nowMs) }]);
  nowMs += 1000;
  await alertsProcess()();
  expect(new Set(sent().map(({ id }) => id)).size).toBe(3);
});

test('a warning is an alert when it lasts ten minutes', async () => {
  await reports([behind]);
  const run = alertsProcess();
  await run();
  nowMs += 9 * minuteMs;
  await reports([behind]);
  await run();
  expect(sent()).toEqual([]);
  nowMs += minuteMs;
  await reports([behind]);
  await run();
  expect(sent()).toMatchObject([{ title: 'Driftline: the store is behind', state: 'firing' }]);
});

test('a collector that says nothing for two minutes is a problem, one that was stopped is not', async () => {
  await reports([], { waiting: 7 });
  const run = alertsProcess();
  await run();
  nowMs += 2 * minuteMs - 1;
  await run();
  expect(sent()).toEqual([]);
  nowMs += 1;
  await run();
  expect(await listInternalAlerts(state, undefined, 10)).toMatchObject([
    {
      problem_id: 'collector-silent',
      state: 'firing',
      since: iso(startMs),
      detail: `Collector c1 has not reported since ${iso(startMs)}. 7 acknowledged items wait in its write-ahead log.`,
    },
  ]);
  await reports([], { stopped: true });
  await run();
  nowMs += 3 * minuteMs;
  await run();
  expect(sent().map(event => event.state)).toEqual(['firing', 'resolved']);
  nowMs += 60 * minuteMs;
  await run();
  expect(sent()).toHaveLength(2);
});

test('two processes that look at once tell it once', async () => {
  await reports([missing]);
  const [one, other] = [alertsProcess(), alertsProcess()];
  const changed = await Promise.all([one(), other()]);
  expect(changed.flat()).toHaveLength(1);
  expect(sent()).toHaveLength(1);
});
