import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromPackageRoot } from '#store/package-root.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { accessibilityProblems, type Look, launchBrowser, looks, openPage } from '../support/browser.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { anthropicCostCsv, ledgerRows, trueCalls, withoutShare } from '../support/generated-bill.ts';
import { callRow, spanRow } from '../support/rows.ts';

let engine: TestEngine;
let api: TestApi;
let browser: Browser;
const days = { from: '2026-10-05T00:00:00Z', days: 7, perDay: 60 };
const bill = trueCalls(1, { ...days, models: ['claude-sonnet-4-5'], services: ['web', 'worker'] });

beforeAll(async () => {
  [engine, browser] = await Promise.all([startTestEngine(), launchBrowser()]);
  api = await startTestApi(engine, { webDir: fromPackageRoot('dist/web') });
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const users = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];
  await engine.clickhouse.insert('spans', [spanRow({ at, trace_id: 'a', span_id: 'b' })]);
  await engine.clickhouse.insert(
    'calls',
    users.map(user => callRow({ at, span_id: user, user, session: user, provider: 'openai' })),
  );
  await api.ask('POST', '/api/v1/outcomes', { name: 'resolved', session_id: 'ann', value_usd: '0.5' });
  await api.ask('POST', '/api/v1/outcomes', { name: 'resolved', session_id: 'nobody' });
  await engine.clickhouse.insert('spend_15m', ledgerRows('default', withoutShare(bill, 0.07, 3).seen));
  await api.api.outcomes.runOnce();
});
afterAll(async () => {
  await browser?.close();
  await api?.stop();
  await engine?.stop();
});

const wide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test('outcomes, their return and who came back are shown; what led to no call is said', async () => {
  const { page, errors } = await openPage(browser, looks[0]!);
  await page.goto(`${api.url}/spend/outcomes?r=4w`);
  await page.getByRole('heading', { name: 'Outcomes and adoption' }).waitFor();
  await page.getByText('1 outcome led to no call').waitFor();
  await page.getByRole('row', { name: /^support 1 / }).waitFor();
  await page.getByRole('row', { name: /6 100/ }).waitFor();
  await page.getByLabel('Group by').selectOption('model');
  await page.getByRole('row', { name: /^gpt-4o-mini 1 / }).waitFor();
  expect(new URL(page.url()).searchParams.get('by')).toBe('model');
  expect(errors).toEqual([]);
  await page.context().close();
});

test('a dropped file is compared, and a broken one says why', async () => {
  const { page } = await openPage(browser, looks[0]!);
  await page.goto(`${api.url}/spend/reconcile`);
  const drop = (name: string, text: string) =>
    page.setInputFiles('input[type=file]', { name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await drop('broken.csv', 'a,b\n1,2');
  await page.getByText('are of no known file').waitFor();
  await drop('october.csv', anthropicCostCsv(bill));
  await page.getByRole('heading', { name: 'Explained 100' }).waitFor();
  await page.getByText('Not instrumented', { exact: true }).waitFor();
  await page.getByText('Days', { exact: true }).click();
  await page.getByRole('row', { name: /^2026-10-05 / }).waitFor();
  // The address is the comparison: it opens again.
  await page.reload();
  await page.getByRole('row', { name: /^2026-10-05 / }).waitFor();
  await page.context().close();
});

test('when the API fails the pages say so and go on', async () => {
  const { page } = await openPage(browser, looks[0]!);
  await page.route(/\/api\/v1\/(outcomes|reconciliations)/, route => route.abort());
  await page.goto(`${api.url}/spend/outcomes`);
  await page.getByText('Could not load the outcomes.').waitFor();
  await page.goto(`${api.url}/spend/reconcile`);
  await page.getByText('Could not load the earlier comparisons.').waitFor();
  await page.unroute(/\/api\/v1\/(outcomes|reconciliations)/);
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByText('october.csv').waitFor();
  await page.context().close();
});

test('both pages are accessible and fit, on a desk and on a phone', async () => {
  const inspect = async (look: Look, path: string, ready: string) => {
    const { page } = await openPage(browser, look);
    await page.goto(`${api.url}${path}`);
    await page.getByText(ready).first().waitFor();
    expect([path, look.width, await accessibilityProblems(page), await wide(page)]).toEqual([
      path,
      look.width,
      [],
      false,
    ]);
    await page.context().close();
  };
  for (const look of [looks[0]!, looks[3]!]) {
    await inspect(look, '/spend/outcomes', 'Users by feature');
    await inspect(look, '/spend/reconcile', 'october.csv');
  }
});
