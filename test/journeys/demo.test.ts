import { afterEach, expect, test } from 'vitest';
import type { AlertDetail, AlertSummary } from '#contract/alert.ts';
import { supportBot } from '#demo/features/support-bot.ts';
import { readDetectorStates } from '#store/state/detector-states.ts';
import { openState } from '#store/state/open.ts';
import { sendDemoHistory } from '../support/demo.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const HOUR_MS = 3_600_000;

interface Alerts {
  alerts: AlertSummary[];
  watching: { series: number; learning: number; evaluated_until: string | null };
}

let driftline: Driftline;
let receiver: WebhookReceiver;
afterEach(async () => {
  await receiver?.stop();
  await driftline?.stop();
});

async function startWithReceiver(): Promise<void> {
  driftline = await startDriftline({ DRIFTLINE_CHECK_SECONDS: '2' });
  receiver = await startWebhookReceiver();
  const channel = await driftline.post<{ secret: string }>('/api/v1/channels', { url: receiver.url });
  receiver.secret = channel.secret;
}

const alerts = () => driftline.get<Alerts>('/api/v1/alerts?state=any');

/** Waits until the history that ends at `atMs` has been checked to its end, so that nothing more can be found in it. */
async function checkedUntil(atMs: number): Promise<Alerts> {
  const { dataDir } = driftline;
  const state = await openState({ dataDir });
  try {
    const ask = async () => {
      const states = await readDetectorStates(state, 'default');
      return Math.max(0, ...states.map(({ evaluated_until }) => Date.parse(evaluated_until)));
    };
    // A check is written as a whole, so the newest series speaks for all; at night some are hours behind.
    await eventually(ask, newestMs => newestMs > atMs - 2 * HOUR_MS, 120);
  } finally {
    await state.destroy();
  }
  return alerts();
}

test('the planted regression is one incident, delivered once', async () => {
  await startWithReceiver();
  const startedMs = Date.now();
  await driftline.post('/api/v1/demo', {});
  await eventually(
    () => driftline.get<{ demo: { state: string } }>('/api/v1/onboarding'),
    ({ demo }) => demo.state === 'live',
    150,
  );
  const { alerts: found } = await checkedUntil(startedMs);
  expect(
    found.map(({ feature, metric, state, direction }) => ({ feature, metric, state, direction })),
  ).toEqual([{ feature: 'support-bot', metric: 'score:answer_quality', state: 'firing', direction: 'down' }]);
  const [alert] = found as [AlertSummary];
  const rolledOutMs = startedMs - supportBot.prompts.at(-1)!.daysBefore * 24 * HOUR_MS;
  expect(Math.abs(Date.parse(alert.changed_at) - rolledOutMs)).toBeLessThan(12 * HOUR_MS);
  expect(alert.after).toBeLessThan(alert.before);

  await eventually(
    async () => receiver.received.length,
    length => length > 0,
    30,
  );
  const detail = await eventually(
    () => driftline.get<AlertDetail>(`/api/v1/alerts/${alert.id}`),
    ({ deliveries }) => deliveries.every(({ status }) => status === 'delivered'),
    30,
  );
  expect(detail.deliveries).toHaveLength(1);
  expect(receiver.received.map(({ signed }) => signed)).toEqual([true]);
  const { body } = receiver.received[0]!;
  expect(body).toContain('support-bot');
  expect(body).toContain(alert.id);
  expect(detail.changes.map(({ kind, value }) => `${kind} ${value}`)).toContain('prompt support-answer v14');
  // A bad answer beside the answer to a question alike from before.
  expect(detail.pairs.some(({ before }) => before !== null)).toBe(true);
});

test('the same demo without the regression is quiet', async () => {
  await startWithReceiver();
  const startedMs = Date.now();
  await sendDemoHistory(driftline.otlpHttp, false);
  const { alerts: found, watching } = await checkedUntil(startedMs);
  expect(watching.series).toBeGreaterThan(0);
  expect(found).toEqual([]);
  expect(receiver.received).toEqual([]);
});
