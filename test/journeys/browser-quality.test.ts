import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { listGoldenRuns, listGoldenSets } from '#contract/golden.ts';
import type { getJudge } from '#contract/judge.ts';
import type { quality } from '#contract/quality.ts';
import type { listReviewQueues } from '#contract/review.ts';
import {
  follow,
  launchBrowser,
  looks,
  openEveryWidth,
  openPage,
  problemsInBothThemes,
  type WatchedPage,
} from '../support/browser.ts';
import { startShortDemo } from '../support/demo.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { startFakeJudge } from '../support/fake-judge.ts';

const SET = 'demo-support-answers';
const COMPARE = '/compare?d=prompt&from=now-3d&a=support-answer%20v13&b=support-answer%20v14';

let driftline: Driftline;
let demo: ReturnType<typeof startShortDemo>;
let browser: Browser;
let visitors: WatchedPage[];
let runs: string[];

beforeAll(async () => {
  [driftline, browser] = await Promise.all([startDriftline(), launchBrowser()]);
  demo = startShortDemo(driftline, 4);
  // The runs are the last thing the demo's team does.
  const { sets } = await eventually(
    () => driftline.get<ReplyOf<typeof listGoldenSets>>('/api/v1/golden/sets'),
    reply => reply.sets[0]?.runs === 3,
  );
  const made = await driftline.get<ReplyOf<typeof listGoldenRuns>>(
    `/api/v1/golden/sets/${sets[0]!.set}/runs`,
  );
  runs = made.runs.map(({ run_id }) => run_id);
  visitors = await openEveryWidth(browser);
  await Promise.all(
    visitors.map(async ({ page }) => {
      await page.goto(`${driftline.url}/golden`);
      // Before the page has begun to listen, nobody can be led elsewhere.
      await heading(page, 'Golden sets').waitFor();
      await page.evaluate(() => localStorage.setItem('driftline.reviewer', 'Cleo'));
    }),
  );
});
afterAll(async () => {
  await demo?.stop();
  await browser?.close();
  await driftline?.stop();
});

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).focus();
  await page.keyboard.press('Enter');
}
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const panel = (page: Page, name: string | RegExp) => page.getByRole('region', { name });

async function newestTrace(): Promise<string> {
  const { traces } = await driftline.get<{ traces: { trace_id: string }[] }>(
    '/api/v1/traces?where=feature:support-bot&limit=1',
  );
  return traces[0]!.trace_id;
}

const pages: Record<
  string,
  { path: () => string | Promise<string>; settled: (page: Page) => Promise<unknown> }
> = {
  quality: {
    path: () => '/quality',
    async settled(page) {
      await page.getByRole('link', { name: 'support-bot' }).first().waitFor();
      await page.getByRole('img', { name: /^Score over time/ }).waitFor();
      await page.getByRole('img', { name: /^Histogram of answer_quality/ }).waitFor();
      // What is below the screen is asked for when it comes near.
      await panel(page, 'Gaps between cohorts').scrollIntoViewIfNeeded();
      const cohort = panel(page, 'Gaps between cohorts').getByText('acme-retail');
      // A narrow screen has the same rows as a list, and the table hidden.
      await cohort.filter({ visible: true }).first().waitFor();
    },
  },
  evaluators: {
    path: () => '/quality?scoring=all',
    settled: page => page.getByRole('dialog').getByText('Nothing scores what arrives yet.').waitFor(),
  },
  'nothing to compare': {
    path: () => '/compare?from=now-3d',
    settled: page => page.getByRole('button', { name: 'Compare rerank-on with rerank-off' }).waitFor(),
  },
  compare: {
    path: () => COMPARE,
    async settled(page) {
      await heading(page, /^(Ship|Hold|Roll back)/).waitFor();
      await page.getByRole('img', { name: /^Histogram of both/ }).waitFor();
      await page.getByRole('link', { name: 'Open trace of B' }).first().waitFor();
    },
  },
  judge: {
    path: () => '/judge',
    async settled(page) {
      await heading(page, 'Judge').waitFor();
      await page.getByText('No anchors are frozen.').waitFor();
      await page.getByText('The answer is about what was asked').waitFor();
    },
  },
  'golden sets': {
    path: () => '/golden',
    settled: page => page.getByRole('link', { name: SET }).first().waitFor(),
  },
  cases: {
    path: () => `/golden/${SET}`,
    settled: page => page.getByText('How do I get an invoice').first().waitFor(),
  },
  runs: {
    path: () => `/golden/${SET}?tab=runs`,
    settled: page => page.getByText('support-answer@v14').filter({ visible: true }).first().waitFor(),
  },
  versions: {
    path: () => `/golden/${SET}?tab=versions`,
    settled: page => page.getByText('From the help centre').waitFor(),
  },
  'two runs': {
    path: () => `/golden/${SET}/compare?a=${runs[1]}&b=${runs[0]}`,
    async settled(page) {
      await panel(page, 'Gate').getByText('Cases compared').waitFor();
      await page.getByText('▼ worse').first().waitFor();
    },
  },
  'review item': {
    path: () => '/review',
    settled: page => page.getByRole('button', { name: 'Submit' }).waitFor(),
  },
  'review items': {
    path: () => '/review?q=demo-support&tab=items',
    settled: page =>
      page
        .getByText(/answer_quality is 0\.\d+, below 0.5/)
        .first()
        .waitFor(),
  },
  agreement: {
    path: () => '/review?q=demo-support-sample&tab=agreement',
    settled: page =>
      page
        .getByText(/Cohen's kappa/)
        .first()
        .waitFor(),
  },
  'training data': {
    path: () => '/training',
    settled: page => page.getByText('No training data was exported yet.').waitFor(),
  },
  'model card': {
    path: () => '/features/support-bot/card?w=7d',
    async settled(page) {
      await heading(page, 'Model card: support-bot').waitFor();
      await page.getByText('Answers questions of customers of Nordlicht Shop').waitFor();
    },
  },
  trace: {
    path: async () => `/traces/${await newestTrace()}`,
    settled: page => page.getByRole('button', { name: 'Add to review' }).waitFor(),
  },
};

test.each(Object.keys(pages))('%s is accessible at every width and in both themes', async name => {
  const { path, settled } = pages[name]!;
  const to = await path();
  await Promise.all(
    visitors.map(async ({ page, errors, loads }) => {
      await follow(page, to);
      await settled(page);
      expect(await problemsInBothThemes(page), to).toEqual([]);
      expect(errors.splice(0), to).toEqual([]);
      expect(loads, to).toHaveLength(1);
    }),
  );
});

describe('at a desk', () => {
  let visitor: WatchedPage;
  let page: Page;
  beforeAll(() => {
    visitor = visitors[0]!;
    page = visitor.page;
  });

  /** What is saved by pressing a button. */
  async function saved(name: string | RegExp, within = page.locator('main')): Promise<string> {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      within.getByRole('button', { name }).first().click(),
    ]);
    return readFile(await file.path(), 'utf8');
  }

  test('tables are saved with what the API says, and a histogram is read as a table', async () => {
    await follow(page, '/quality?cmp=none');
    await page.getByRole('link', { name: 'support-bot' }).first().waitFor();
    const { rows } = await driftline.get<ReplyOf<typeof quality>>(
      '/api/v1/quality?from=now-24h&group_by=feature&score=answer_quality',
    );
    const file = await saved('Export CSV', panel(page, 'answer_quality by feature'));
    // Traffic goes on between the question of the page and ours.
    for (const { key, value } of rows) {
      const line = file.split(/\r?\n/).find(one => one.startsWith(`${key.feature},answer_quality,`));
      expect(Number(line?.split(',')[2]), file).toBeCloseTo(value!, 1);
    }
    await page.getByRole('button', { name: 'Show as table: answer_quality, spread' }).focus();
    await page.keyboard.press('Enter');
    await panel(page, 'answer_quality, spread')
      .getByRole('row', { name: /^0\.95 – 1\.00/ })
      .waitFor();
    await follow(page, COMPARE);
    await page.getByRole('link', { name: 'Open trace of B' }).first().waitFor();
    expect(await saved('Export CSV')).toMatch(
      /^metric,control,candidate[^\r]*\r\nquality,support-answer v13,/,
    );
    await page.getByText('B better', { exact: true }).click();
    await page
      .getByText(/pairs among|No pair in which B is better/)
      .first()
      .waitFor();
  });

  test('a queue is changed without a mouse: a rule pauses and a question is added', async () => {
    await follow(page, '/review?q=demo-support&tab=items');
    await page.getByRole('button', { name: 'Edit queue' }).focus();
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('checkbox', { name: 'Flags and thumbs down of users' }).focus();
    await page.keyboard.press('Space');
    await sheet.getByLabel('Add a question').selectOption('category');
    await sheet.getByRole('button', { name: 'Save queue' }).click();
    await sheet.getByText('What is wrong with it?: name 2 to 9 categories').waitFor();
    await sheet.getByLabel('Categories, with commas').fill('wrong, rude');
    expect(await problemsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('filled by 2 rules, 1 paused').waitFor();
    const { queues } = await driftline.get<ReplyOf<typeof listReviewQueues>>('/api/v1/review/queues');
    const queue = queues.find(one => one.queue === 'demo-support')!;
    expect(queue.rules.find(({ kind }) => kind === 'flagged')?.enabled).toBe(false);
    expect(queue.fields.at(-1)).toMatchObject({ kind: 'category', name: 'problem' });
    expect(queue.schema_version).toBe(2);
  });

  test('a judge is set, tried and anchored without a mouse; elsewhere only after somebody agreed', async () => {
    const judge = await startFakeJudge(() => ({ content: '{"reason": "on topic", "score": 4}' }));
    try {
      await follow(page, '/judge');
      const endpoint = page.getByLabel('Endpoint (OpenAI-compatible)');
      await endpoint.fill('https://judge.example/v1');
      await page.getByLabel('Model (empty: no judge)').fill('gpt-4o-mini');
      await page.keyboard.press('Enter');
      await page.getByText('Prompts will leave this machine to judge.example.').waitFor();
      await page.getByText('Agree to it, or use an endpoint on this machine.').waitFor();
      expect(await page.getByRole('button', { name: 'Test with one call' }).isDisabled()).toBe(true);
      expect(await problemsInBothThemes(page)).toEqual([]);
      const state = () => driftline.get<ReplyOf<typeof getJudge>>('/api/v1/judge');
      expect((await state()).settings.model).toBe('');

      await endpoint.fill(judge.baseUrl);
      await page.getByLabel(/^Cap in US dollars/).fill('0.25');
      await press(page, 'Test with one call');
      await page.getByText('0.75 (it said 4)').waitFor();
      await press(page, 'Save judge');
      await page.getByText('Saved. It holds from the next question on.').waitFor();
      const { settings, what_leaves } = await state();
      expect(settings).toMatchObject({ base_url: judge.baseUrl, cap_usd_per_day: '0.25' });
      expect(what_leaves).toContain('Nothing leaves this machine');

      await press(page, 'Freeze anchors');
      const sheet = page.getByRole('dialog');
      await sheet.getByRole('radio', { name: 'A golden set' }).focus();
      await page.keyboard.press('Space');
      await sheet.getByRole('checkbox', { name: /^Example 1:/ }).focus();
      await page.keyboard.press('Space');
      await sheet.getByText(/^\d+ chosen: \d+ questions/).waitFor();
      expect(await problemsInBothThemes(page)).toEqual([]);
      await sheet.getByRole('button', { name: /^Freeze \d+/ }).focus();
      await page.keyboard.press('Enter');
      await sheet.getByText('are frozen as version 1').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText(`answers of golden set ${SET}`).waitFor();
      await press(page, 'Score now: anchors of relevancy');
      await page.getByText(/^\d+ scored again\.$/).waitFor();
      await press(page, 'Examples of relevancy');
      await page.getByRole('dialog').getByText('Its texts').first().waitFor();
      expect(await problemsInBothThemes(page)).toEqual([]);
      await page.keyboard.press('Escape');
      expect(visitor.errors.splice(0)).toEqual([]);
    } finally {
      await judge.stop();
    }
  });

  test('a trace goes into review', async () => {
    await follow(page, `/traces/${await newestTrace()}`);
    await page.getByRole('button', { name: 'Add to review' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why (optional)').fill('looks odd');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('link', { name: 'demo-support' }).click();
    await page.getByText('looks odd').waitFor();
    expect(visitor.errors.splice(0)).toEqual([]);
  });

  test('what is below the screen is not asked for before it comes near', async () => {
    const { page: fresh } = await openPage(browser, looks[2]!);
    const asked = new Set<string>();
    fresh.on('request', request => {
      const { pathname, search } = new URL(request.url());
      if (/^\/api\/v1\/(quality|fairness|judge|markers|evaluators)/.test(pathname))
        asked.add(pathname + search);
    });
    await fresh.goto(`${driftline.url}/quality`);
    await fresh.getByRole('img', { name: /^Score over time/ }).waitFor();
    await fresh.getByRole('img', { name: /^Histogram of answer_quality/ }).waitFor();
    const below = /fairness|judge|quality\/scores/;
    expect([...asked].filter(path => below.test(path))).toEqual([]);
    expect(asked.size).toBeLessThanOrEqual(8);
    await panel(fresh, 'Health of the judges').scrollIntoViewIfNeeded();
    await panel(fresh, 'Gaps between cohorts')
      .getByText('acme-retail')
      .filter({ visible: true })
      .first()
      .waitFor();
    await panel(fresh, 'Scores and evaluators')
      .getByRole('link', { name: /user_feedback/ })
      .first()
      .waitFor();
    expect(asked.size).toBeLessThanOrEqual(11);
    await fresh.context().close();
  });

  test('a panel that cannot be drawn says so, and the page stays', async () => {
    const { page: fresh, errors } = await openPage(browser, looks[0]!);
    await fresh.route(/\/api\/v1\/quality\?.*interval=/, route =>
      route.fulfill({ json: { score: 'answer_quality', scores: [], rows: null, truncated: false } }),
    );
    await fresh.goto(`${driftline.url}/quality?cmp=none`);
    await fresh.getByText('Could not show the score over time.').waitFor();
    await panel(fresh, 'answer_quality by feature').getByText('search-rag').first().waitFor();
    expect(errors.filter(text => text.startsWith('exception'))).toEqual([]);
    await fresh.unroute(/\/api\/v1\/quality\?.*interval=/);
    await fresh.context().close();
  });

  test('a page that does not arrive has its heading, and the frame stays', async () => {
    const { page: fresh } = await openPage(browser, looks[2]!);
    await fresh.route(/card-page[^/]*\.js/, route => route.abort());
    await fresh.goto(`${driftline.url}/features/support-bot/card`);
    await heading(fresh, 'This page could not be shown').waitFor({ state: 'attached' });
    await fresh.getByRole('button', { name: 'Retry' }).waitFor();
    expect(await problemsInBothThemes(fresh)).toEqual([]);
    await fresh.context().close();
  });
});
