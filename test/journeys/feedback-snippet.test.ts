import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let api: TestApi;
let browser: Browser;
let page: { url: string; stop(): Promise<void> };

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine);
  browser = await launchBrowser();
  page = await serve(api.url);
});
afterAll(async () => {
  await page?.stop();
  await browser?.close();
  await api?.stop();
  await engine?.stop();
});

async function serve(driftline: string) {
  const file = new URL('../../examples/feedback-snippet/server.js', import.meta.url);
  const child = spawn(process.execPath, [file.pathname, driftline, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: line.toString().trim(),
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

test('thumbs down and a better answer reach Driftline; a second thought replaces the first', async () => {
  const traceId = 'c0ffee'.padEnd(32, '0');
  const { page: tab, errors } = await openPage(browser, { width: 390, height: 844, theme: 'light' });
  await tab.goto(`${page.url}/?trace_id=${traceId}&span_id=${'b'.repeat(16)}`);
  const said = () =>
    engine.clickhouse.query(
      `SELECT name, value, label, explanation, rater FROM scores FINAL WHERE trace_id = {trace:String} ORDER BY name`,
      { trace: traceId },
    );
  await tab.getByRole('button', { name: 'Bad answer' }).click();
  await tab.getByText('Thank you.').waitFor();
  await tab.getByLabel('What would have been a better answer?').fill('It arrives on Monday.');
  await tab.getByRole('button', { name: 'Send' }).click();
  await expect.poll(said).toEqual([
    {
      name: 'user_correction',
      value: null,
      label: 'correction',
      explanation: 'It arrives on Monday.',
      rater: 'user',
    },
    { name: 'user_feedback', value: -1, label: 'thumbs_down', explanation: '', rater: 'user' },
  ]);
  await tab.getByRole('button', { name: 'Good answer' }).click();
  await expect.poll(async () => (await said())[1]).toMatchObject({ value: 1, label: 'thumbs_up' });
  expect(errors).toEqual([]);
  await tab.context().close();
});
