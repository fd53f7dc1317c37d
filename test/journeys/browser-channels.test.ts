import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromPackageRoot } from '#store/package-root.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { accessibilityProblems, launchBrowser, looks, openPage } from '../support/browser.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type FakeSlack, fakeSlackToken, startFakeSlack } from '../support/fake-slack.ts';
import { type HttpReceiver, startHttpReceiver } from '../support/http-receiver.ts';

let engine: TestEngine;
let api: TestApi;
let browser: Browser;
let slack: FakeSlack;
let refusing: HttpReceiver;

beforeAll(async () => {
  [engine, browser, slack] = await Promise.all([startTestEngine(), launchBrowser(), startFakeSlack()]);
  refusing = await startHttpReceiver(() => ({ status: 503, body: { error: 'maintenance' } }));
  api = await startTestApi(engine, { webDir: process.env.DRIFTLINE_TEST_WEB ?? fromPackageRoot('dist/web') });
});
afterAll(async () => {
  await browser?.close();
  await api?.stop();
  await Promise.all([slack?.stop(), refusing?.stop(), engine?.stop()]);
});

const wide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test('a channel is added by its form, tried, changed, and a delivery is sent again', async () => {
  const { page, errors } = await openPage(browser, looks[0]!);
  await page.goto(`${api.url}/settings`);
  await page.getByRole('button', { name: 'Add channel' }).click();
  await page.getByRole('button', { name: /^Slack/ }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: 'Add channel' }).click();
  await form.getByText('either a bot token and a channel').waitFor();
  errors.length = 0;
  await form.getByLabel('Name').fill('On call');
  await form.getByLabel('Channel', { exact: true }).fill('#alerts');
  await form.getByLabel('Bot token').fill(fakeSlackToken);
  await form.getByLabel('API address').fill(`${slack.url}/api`);
  await form.getByRole('button', { name: 'Add channel' }).click();
  await form.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Send test to On call' }).click();
  await page.getByText('The test arrived, answered 200: ok.').waitFor();
  expect(slack.messages).toHaveLength(1);
  expect(slack.violations).toEqual([]);

  await page.getByRole('button', { name: 'Edit On call' }).click();
  // A secret is not shown again, and stays when nothing is entered.
  expect(await form.getByLabel('Bot token').inputValue()).toBe('');
  await form.getByLabel('Name').fill('Night shift');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Send test to Night shift' }).waitFor();

  await page.getByRole('link', { name: 'Deliveries' }).click();
  await page.getByRole('button', { name: /^Resend/ }).click();
  await page.getByText('Waiting').last().waitFor();
  await api.api.checkAlerts();
  expect(slack.messages).toHaveLength(2);
  await page.reload();
  await page.getByText('2 attempts').click();
  await page.getByText('Delivered, answered 200: ok').nth(1).waitFor();
  expect(errors).toEqual([]);
  await page.context().close();
});

test('settings and deliveries hold up in both themes, wide and narrow', async () => {
  const made = await api.ask('POST', '/api/v1/channels', { url: refusing.url });
  await api.ask('POST', `/api/v1/channels/${made.body.id}/test`);
  for (const look of [looks[0]!, looks[3]!]) {
    const { page, errors } = await openPage(browser, look);
    await page.goto(`${api.url}/settings`);
    await page.getByText('Last message not delivered').waitFor();
    await page.getByRole('button', { name: /^Edit Webhook/ }).click();
    await page.getByRole('button', { name: 'Make a new secret' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.goto(`${api.url}/deliveries?status=failed`);
    await page.getByText('1 attempt').first().click();
    await page.getByText('maintenance').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await wide(page)).toBe(false);
    expect(errors).toEqual([]);
    await page.context().close();
  }
});
