import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkedUntil, demoCheckSeconds, sendDemoHistory } from '../support/demo.ts';
import { type Driftline, startDriftline } from '../support/driftline.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

let driftline: Driftline;
let receiver: WebhookReceiver;
beforeAll(async () => {
  [driftline, receiver] = await Promise.all([
    startDriftline({ DRIFTLINE_CHECK_SECONDS: demoCheckSeconds }),
    startWebhookReceiver(),
  ]);
  await driftline.post('/api/v1/channels', { url: receiver.url });
});
afterAll(async () => {
  await receiver?.stop();
  await driftline?.stop();
});

// With the regression: browser.test.ts, where a reader meets it as well.
test('the demo without the planted regression is quiet', async () => {
  const startedMs = Date.now();
  await sendDemoHistory(driftline.otlpHttp, false);
  const { alerts: found, watching } = await checkedUntil(driftline, startedMs);
  expect(watching.series).toBeGreaterThan(0);
  expect(found).toEqual([]);
  expect(receiver.received).toEqual([]);
});
