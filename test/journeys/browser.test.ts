import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertDetail, AlertSummary } from '#contract/alert.ts';
import { supportBot } from '#demo/features/support-bot.ts';
import {
  follow,
  launchBrowser,
  looks,
  openEveryWidth,
  openPage,
  problemsInBothThemes,
  type WatchedPage,
} from '../support/browser.ts';
import { checkedUntil, demoCheckSeconds } from '../support/demo.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { send } from '../support/otlp-requests.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const HOUR_MS = 3_600_000;
/** Fires as soon as it is looked at. */
const busyRule = { kind: 'threshold', name: 'busy', metric: 'requests', above: 1, window_s: 3600, for_s: 0 };

let driftline: Driftline;
let browser: Browser;
let receiver: WebhookReceiver;
let reader: WatchedPage;
beforeAll(async () => {
  [driftline, browser, receiver] = await Promise.all([
    startDriftline({ DRIFTLINE_CHECK_SECONDS: demoCheckSeconds }),
    launchBrowser(),
    startWebhookReceiver(),
  ]);
  reader = await openPage(browser, looks[0]!);
});
afterAll(async () => {
  await browser?.close();
  await receiver?.stop();
  await driftline?.stop();
});

/** Of a service that sends no spans. */
async function sendHistogram(otlpHttp: string): Promise<void> {
  const dataPoint = {
    startTimeUnixNano: String(BigInt(Date.now() - 60_000) * 1_000_000n),
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    count: '4',
    sum: 6,
    bucketCounts: ['1', '3', '0'],
    explicitBounds: [1, 2],
  };
  const metric = {
    name: 'worker.duration',
    unit: 's',
    histogram: { aggregationTemporality: 1, dataPoints: [dataPoint] },
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'worker' } }] };
  const body = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] };
  await send(otlpHttp, {
    file: metric.name,
    signal: 'metrics',
    encoding: 'json',
    body: Buffer.from(JSON.stringify(body)),
  });
}

async function sendFirstSpan(): Promise<void> {
  const span = otlpSpan(chatSpan(TRACE, '00f067aa0ba902b7', 'checkout-help'));
  await send(driftline.otlpHttp, jsonBody('the first span', traceRequest([span])));
}

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

/** The page goes on by itself after five seconds, unless somebody wants to stay: in the page, since a test may be slower. */
function stayWhenAsked(): void {
  const look = (_: unknown, observer: MutationObserver) => {
    const stay = [...document.querySelectorAll('button')].find(({ textContent }) =>
      textContent?.startsWith('Stay here'),
    );
    if (!stay) return;
    observer.disconnect();
    stay.click();
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}

/** One visitor at each width, led from page to page as links do; none before the first page is looked at. */
let visitors: WatchedPage[] = [];

async function onEveryLook(path: string, settled: (page: Page) => Promise<void>): Promise<void> {
  if (visitors.length === 0) {
    visitors = await openEveryWidth(browser);
    await Promise.all(visitors.map(({ page }) => page.goto(driftline.url + path)));
  }
  await Promise.all(visitors.map(visitor => inspect(path, visitor, settled)));
}

async function inspect(
  path: string,
  { page, errors, loads }: WatchedPage,
  settled: (page: Page) => Promise<void>,
): Promise<void> {
  const label = `${path} at ${page.viewportSize()?.width} px`;
  await follow(page, path);
  await orWhatIsShown({ page, errors }, label, settled(page));
  expect(await problemsInBothThemes(page), label).toEqual([]);
  expect(errors.splice(0), label).toEqual([]);
  expect(loads, label).toHaveLength(1);
}

/** Rejects with what the reader sees and the console says, since a page that broke looks like one that is slow. */
async function orWhatIsShown(
  { page, errors }: Pick<WatchedPage, 'page' | 'errors'>,
  label: string,
  settled: Promise<void>,
): Promise<void> {
  await settled.catch(async (error: Error) => {
    const shown = (await page.locator('main').textContent()) ?? '';
    throw new Error(`${label}: ${error.message}\n${errors.join('\n')}\nshown: ${shown.slice(0, 500)}`);
  });
}

describe('a newcomer', () => {
  test('is told how to send the first span', async () => {
    const { page } = reader;
    await page.goto(driftline.url);
    await heading(page, 'Send the first span').waitFor();
    await page.getByText('Waiting for the first span…').waitFor();
    // The addresses to copy are those of this very Driftline.
    await page.getByRole('tabpanel').getByText(driftline.otlpHttp).first().waitFor();
  });

  test('at every width and in both themes', async () => {
    await onEveryLook('/', page => heading(page, 'Send the first span').waitFor());
  });

  test('sees the first span arrive without a reload', async () => {
    const { page } = reader;
    await page.evaluate(stayWhenAsked);
    await sendFirstSpan();
    await page.getByText('Got it').waitFor();
    await page.getByText('checkout-help').first().waitFor();
    await page.getByRole('button', { name: 'Open the overview' }).click();
    await heading(page, 'Nothing needs attention').waitFor();
    await page.getByText('checkout-help').first().waitFor();
    expect(reader.errors).toEqual([]);
    expect(reader.loads).toHaveLength(1);
  });
});

describe('with demo traffic', () => {
  let demoStartedMs: number;

  beforeAll(async () => {
    // Nobody has been there before when these tests are run by themselves.
    if (reader.loads.length > 0) return;
    await sendFirstSpan();
    await reader.page.goto(driftline.url);
  });

  test('an alert leads to a bad trace', async () => {
    const { page } = reader;
    const { secret } = await driftline.post<{ secret: string }>('/api/v1/channels', { url: receiver.url });
    receiver.secret = secret;
    demoStartedMs = Date.now();
    await page.getByRole('link', { name: 'Send data' }).click();
    await page.getByRole('button', { name: 'Start demo traffic' }).click();
    await page.getByRole('progressbar', { name: 'Demo history' }).waitFor();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    // Nothing is reloaded: the alert comes to the reader.
    // One at least: a machine that is busy enough for Driftline to tell of itself adds another.
    const alert = heading(page, /^\d+ things? needs? attention/).waitFor({ timeout: 600_000 });
    await orWhatIsShown(reader, 'the first alert', alert);
    await page.getByRole('link', { name: /Answer quality of support-bot fell/ }).click();
    await heading(page, /Answer quality of support-bot fell/).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/a\//);

    const { alerts } = await driftline.get<{ alerts: AlertSummary[] }>('/api/v1/alerts');
    const detail = await driftline.get<AlertDetail>(`/api/v1/alerts/${alerts[0]!.id}`);
    await page.getByRole('link', { name: 'Open trace from after' }).click();
    await page.getByRole('tree', { name: 'Spans' }).waitFor();
    const bad = detail.pairs.find(({ after }) => page.url().includes(after.trace_id))?.after;
    expect(bad?.value).toBeLessThan(0.6);
    const panel = page.getByRole('article');
    // As a score, and once more among the attributes of the log record it came in.
    await panel.getByText('answer_quality').first().waitFor();
    await panel.getByRole('heading', { name: 'Messages' }).waitFor();
    expect(reader.errors).toEqual([]);
    expect(reader.loads).toHaveLength(1);
  });

  test('on a phone the link in the message opens the cause beside a bad and a good answer, and a bad trace is one tap further', async () => {
    await eventually(
      async () => receiver.received.length,
      length => length > 0,
    );
    const { data } = JSON.parse(receiver.received[0]!.body) as {
      data: { url: string; changed_between: { from: string; to: string } };
    };
    expect(data.changed_between.from < data.changed_between.to).toBe(true);
    const path = new URL(data.url).pathname;
    // What happened is there before any script has run.
    const sent = await (await fetch(new URL(path, driftline.url))).text();
    expect(sent).toMatch(/<h1[^>]*>Answer quality of support-bot fell/);
    expect(sent).toMatch(/<svg[^>]*>.*class="v"/s);
    const { page } = reader;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(new URL(path, driftline.url).href);
    const explained = page
      .getByText(/explains \d+/)
      .first()
      .waitFor({ timeout: 240_000 });
    await orWhatIsShown(reader, 'the cause', explained);
    await page
      .getByText(/\(between .+ and .+\)/)
      .first()
      .waitFor();
    await page.getByRole('heading', { name: 'Before', exact: true }).waitFor();
    const [before, after] = await Promise.all(
      ['Before', 'After'].map(name => page.getByRole('heading', { name, exact: true }).boundingBox()),
    );
    expect(before!.y).toBe(after!.y);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.getByRole('link', { name: 'Open trace from after' }).click();
    await page.getByRole('tree', { name: 'Spans' }).waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('the planted regression is one incident that names feature, metric and cause, delivered once', async () => {
    const { alerts: found } = await checkedUntil(driftline, demoStartedMs);
    expect(
      found.map(({ feature, metric, state, direction }) => ({ feature, metric, state, direction })),
    ).toEqual([
      { feature: 'support-bot', metric: 'score:answer_quality', state: 'firing', direction: 'down' },
    ]);
    const [alert] = found as [AlertSummary];
    const rolledOutMs = demoStartedMs - supportBot.prompts.at(-1)!.daysBefore * 24 * HOUR_MS;
    expect(Math.abs(Date.parse(alert.changed_at) - rolledOutMs)).toBeLessThan(12 * HOUR_MS);
    expect(alert.after).toBeLessThan(alert.before);

    await eventually(
      async () => receiver.received.length,
      length => length > 0,
    );
    const detail = await eventually(
      () => driftline.get<AlertDetail>(`/api/v1/alerts/${alert.id}`),
      ({ deliveries }) => deliveries.every(({ status }) => status === 'delivered'),
    );
    expect(detail.deliveries).toHaveLength(1);
    expect(receiver.received.map(({ signed }) => signed)).toEqual([true]);
    const { body } = receiver.received[0]!;
    expect(body).toContain('support-bot');
    expect(body).toContain(alert.id);
    expect(detail.changes.map(({ kind, value }) => `${kind} ${value}`)).toContain(
      'prompt support-answer v14',
    );
    // A bad answer beside the answer to a question alike from before.
    expect(detail.pairs.some(({ before }) => before !== null)).toBe(true);
  });

  const pages: Record<string, { path: () => Promise<string>; settled: (page: Page) => Promise<void> }> = {
    overview: {
      path: async () => '/',
      async settled(page) {
        await heading(page, /needs? attention/).waitFor();
        await page.getByRole('img').first().waitFor();
        await page.getByText('support-bot').first().waitFor();
      },
    },
    alerts: {
      path: async () => '/alerts',
      async settled(page) {
        await page
          .getByRole('link', { name: /Answer quality of support-bot/ })
          .first()
          .waitFor();
        await page.getByRole('region', { name: 'The last seven days' }).waitFor();
      },
    },
    'one alert': {
      async path() {
        const { alerts } = await driftline.get<{ alerts: AlertSummary[] }>('/api/v1/alerts');
        return `/a/${alerts[0]!.id}`;
      },
      async settled(page) {
        await heading(page, /Answer quality of support-bot fell/).waitFor();
        await page.getByRole('img').first().waitFor();
      },
    },
    rules: {
      async path() {
        await driftline.post('/api/v1/rules', busyRule);
        return '/rules';
      },
      async settled(page) {
        await page.getByRole('link', { name: busyRule.name }).waitFor();
        await page.getByText('A breach that lasts is told within').waitFor();
        // What the detector watches says what it can see as well.
        await page
          .getByText(/^At today's traffic/)
          .first()
          .waitFor();
      },
    },
    silences: {
      async path() {
        const to = new Date(Date.now() + HOUR_MS).toISOString();
        const match = [{ label: 'feature', op: '=', value: 'translate' }];
        await driftline.post('/api/v1/silences', { match, to, comment: 'provider migration', by: 'Ana' });
        return '/rules?tab=silences';
      },
      settled: page => page.getByText('provider migration').first().waitFor(),
    },
    'an alert of a rule': {
      async path() {
        const { alerts } = await eventually(
          () => driftline.get<{ alerts: { id: string }[] }>('/api/v1/rule-alerts'),
          found => found.alerts.length > 0,
        );
        return `/alerts/${alerts[0]!.id}`;
      },
      async settled(page) {
        await heading(page, /^Requests of everything are/).waitFor();
        await page.getByRole('img', { name: /^Requests of everything/ }).waitFor();
      },
    },
    drift: {
      path: async () => '/drift',
      async settled(page) {
        await heading(page, 'Drift').waitFor();
        // Shapes and usage are read every few minutes, so they may still say that they wait.
        await page.getByRole('region', { name: /^Inputs and outputs, last 24 h/ }).waitFor();
        await page.getByRole('region', { name: /^Usage against its season/ }).waitFor();
        const fresh = page.getByRole('region', { name: /^Seen for the first time/ });
        await fresh.getByText('support-answer v14').first().waitFor();
      },
    },
    traces: {
      path: async () => '/traces',
      settled: page => page.getByText('support-bot').first().waitFor(),
    },
    'one trace': {
      path: async () => `/traces/${TRACE}`,
      settled: page => page.getByRole('tree', { name: 'Spans' }).waitFor(),
    },
    ingest: {
      path: async () => '/ingest',
      async settled(page) {
        await heading(page, /stored|received|Data is|ingest/i).waitFor();
        await page.getByRole('img').first().waitFor();
        await page.getByRole('heading', { level: 3, name: 'driftline.demo' }).first().waitFor();
      },
    },
    'send data': {
      path: async () => '/get-started',
      settled: page => heading(page, 'Send data').waitFor(),
    },
    metrics: {
      async path() {
        await sendHistogram(driftline.otlpHttp);
        return '/metrics?m=worker.duration';
      },
      async settled(page) {
        await page.getByText('no spans from this service: charts only').waitFor();
        await page.getByRole('img').first().waitFor();
      },
    },
    settings: {
      path: async () => '/settings',
      async settled(page) {
        await page.getByRole('button', { name: 'Add channel' }).waitFor();
        await page.getByText('No key is configured.').waitFor();
        await page.getByText('Found: 1 e-mail address, 1 card number, 1 phone number').waitFor();
      },
    },
  };

  test.each(Object.keys(pages))('%s is accessible at every width and in both themes', async name => {
    const { path, settled } = pages[name]!;
    await onEveryLook(await path(), settled);
  });
});
