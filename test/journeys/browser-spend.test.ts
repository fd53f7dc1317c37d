import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { listMonths, Month, spend } from '#contract/spend.ts';
import type { forecastSpend } from '#contract/spend-forecast.ts';
import { accessibilityProblems, type Look, launchBrowser, looks, openPage } from '../support/browser.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { send } from '../support/otlp-requests.ts';

const CALLS = 40;
const FEATURES = ['checkout-help', 'search', 'summaries'];

/** A zone in which neither a day nor a month ends while the test runs, at whatever hour that is. */
const zone = [0, 23].includes(new Date().getUTCHours()) ? 'Etc/GMT+6' : 'UTC';

let driftline: Driftline;
let browser: Browser;
let month: Month;
let sent: ReplyOf<typeof spend>;
beforeAll(async () => {
  [driftline, browser] = await Promise.all([
    startDriftline({ DRIFTLINE_REPORTING_ZONE: zone }),
    launchBrowser(),
  ]);
  const atMs = Date.now() - 60_000;
  await send(driftline.otlpHttp, jsonBody('calls of this month', traceRequest(calls(atMs))));
  const { months } = await eventually(
    () => driftline.get<ReplyOf<typeof listMonths>>('/api/v1/months'),
    reply => reply.months.some(one => one.calls === CALLS),
  );
  month = months.find(one => one.calls === CALLS)!;
  const range = `from=${encodeURIComponent(month.from)}&to=${encodeURIComponent(month.to)}`;
  sent = await driftline.get(`/api/v1/spend?${range}&group_by=feature`);
});
afterAll(async () => {
  await browser?.close();
  await driftline?.stop();
});

/** Costs with digits down to the nano-dollar, one call of a model nobody knows. */
function calls(atMs: number) {
  return Array.from({ length: CALLS }, (_, at) => {
    const id = (length: number) => (at + 1).toString(16).padStart(length, '0');
    const model = at === 0 ? 'house-model-of-nobody' : 'gpt-4o-mini';
    const usage = { 'gen_ai.request.model': model, 'gen_ai.usage.input_tokens': 1001 + 37 * at };
    const span = chatSpan(id(32), id(16), FEATURES[at % FEATURES.length]!, usage);
    return otlpSpan({ ...span, startMs: atMs });
  });
}

/** Exact sum of decimal amounts of USD, in nano-dollars. */
const nanos = (amounts: string[]) =>
  amounts.reduce((sum, usd) => {
    const [whole, fraction = ''] = usd.replace(/[$,]/g, '').split('.');
    return sum + BigInt(whole + fraction.padEnd(9, '0'));
  }, 0n);

async function csvCosts(): Promise<string[]> {
  const response = await fetch(`${driftline.url}/api/v1/export/spend?format=csv&month=${month.month}`);
  const [head, ...rows] = (await response.text()).trim().split(/\r?\n/);
  const at = head!.split(',').indexOf('"cost_usd"');
  return rows.map(row => row.split(',')[at]!);
}

const titles = (page: Page, selector: string) =>
  page.locator(selector).evaluateAll(cells => cells.map(cell => cell.getAttribute('title') ?? ''));

test('the page, the API and the file have the same total', async () => {
  const { page, errors } = await openPage(browser, looks[0]!);
  await page.goto(`${driftline.url}/spend?month=${month.month}`);
  await page.getByRole('heading', { level: 1, name: /Spend/ }).waitFor();
  await page.getByRole('row', { name: /Total/ }).waitFor();
  const total = nanos([sent.totals.cost_usd]);
  expect(total).toBeGreaterThan(0n);
  expect(nanos(await titles(page, 'tfoot td:nth-of-type(1) [title]'))).toBe(total);
  expect(nanos(await titles(page, 'tbody td:nth-of-type(1) [title]'))).toBe(total);
  expect(nanos(await titles(page, '[aria-label="Totals"] > li:first-child div[title]'))).toBe(total);
  expect(nanos(await csvCosts())).toBe(total);
  const { spent_usd } = await driftline.get<ReplyOf<typeof forecastSpend>>('/api/v1/spend/forecast');
  expect(nanos([spent_usd])).toBe(total);
  expect(errors).toEqual([]);
  await page.context().close();
});

test('a number leads to its calls, and a change to its causes, without a mouse', async () => {
  const { page, errors } = await openPage(browser, looks[0]!);
  await page.goto(`${driftline.url}/spend?month=${month.month}`);
  await page.getByRole('button', { name: 'How was this computed?', exact: true }).focus();
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog');
  await sheet.getByText('Units × price').waitFor();
  await sheet.getByText('gpt-4o-mini').first().click();
  await sheet.getByText('Cost of the call').first().waitFor();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.keyboard.press('e');
  await page.getByRole('button', { name: /FOCUS 1.2/ }).waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${driftline.url}/spend?month=${month.month}&sheet=change`);
  await sheet.getByText('The causes add up to the change exactly').waitFor();
  expect(errors).toEqual([]);
  await page.context().close();
});

test('a budget is set with a preview, and says how it stands', async () => {
  const { page, errors } = await openPage(browser, looks[0]!);
  await page.goto(`${driftline.url}/budgets`);
  await page.getByRole('button', { name: 'New budget' }).click();
  await page.getByLabel('Name').fill('All of it');
  await page.getByLabel('Amount in US dollars').fill('25');
  await page.getByRole('dialog').getByRole('status').waitFor();
  await page.getByRole('button', { name: 'Create budget' }).click();
  await page.getByRole('article', { name: 'All of it' }).getByText('of $25.00').waitFor();
  expect(errors).toEqual([]);
  await page.context().close();
});

/** Everything that is wrong with the page as it is now. */
async function problems(page: Page): Promise<string[]> {
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  return [...(await accessibilityProblems(page)), ...(wide ? ['wider than the screen'] : [])];
}

test('the pages and what opens beside them are accessible at every width and in both themes', async () => {
  const inspect = async (look: Look) => {
    const { page, errors } = await openPage(browser, look);
    const label = `at ${look.width} px, ${look.theme}`;
    await page.goto(`${driftline.url}/spend`);
    await page.getByText('Behind the total').waitFor();
    expect(await problems(page), `spend ${label}`).toEqual([]);
    // What opens beside them is checked once in each theme and at each width: each check takes the browser a second.
    const opened = look.width > 1000 === (look.theme === 'light');
    if (opened) {
      await page.getByRole('button', { name: 'How was this computed?', exact: true }).click();
      await page.getByRole('dialog').getByText('gpt-4o-mini').first().waitFor();
      expect(await problems(page), `calls ${label}`).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('link', { name: 'Budgets' }).last().click();
    await page.getByRole('article', { name: 'All of it' }).waitFor();
    expect(await problems(page), `budgets ${label}`).toEqual([]);
    if (opened) {
      await page.getByRole('button', { name: 'New budget' }).click();
      await page.getByRole('dialog').getByRole('status').waitFor();
      expect(await problems(page), `new budget ${label}`).toEqual([]);
    }
    expect(errors, label).toEqual([]);
    await page.context().close();
  };
  await Promise.all(looks.map(inspect));
});
