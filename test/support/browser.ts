import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../bin/chromium.js';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** For whatever a page is waited for: it ends what never comes, and says nothing of how fast a page is. */
const PATIENCE_MS = 120_000;

export interface Look {
  width: number;
  height: number;
  theme: 'light' | 'dark';
}

/** The widths and themes every page must be good at. */
export const looks: readonly Look[] = [
  { width: 1440, height: 900, theme: 'light' },
  { width: 1440, height: 900, theme: 'dark' },
  { width: 390, height: 844, theme: 'light' },
  { width: 390, height: 844, theme: 'dark' },
];

/** The system's Chromium; the test run has made sure that there is one. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('no Chromium found; `npm test` installs one');
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS, timeout: PATIENCE_MS });
}

export interface WatchedPage {
  page: Page;
  /** Errors of the console and of requests, and exceptions nobody caught, so far. */
  errors: string[];
  /** Address of every document that was loaded: a second one means a reload. */
  loads: string[];
}

/** A fresh visitor's page of this size and theme; nothing moves, so that what is checked holds still. */
export async function openPage(browser: Browser, { width, height, theme }: Look): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', message => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`);
  });
  const loads: string[] = [];
  page.on('domcontentloaded', () => loads.push(page.url()));
  page.on('pageerror', error => errors.push(`exception: ${error.message}`));
  page.on('response', response => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  return { page, errors, loads };
}

/** A visitor's page at each width, to be led from one address to the next as links do. */
export const openEveryWidth = (browser: Browser): Promise<WatchedPage[]> =>
  Promise.all(looks.filter(({ theme }) => theme === 'light').map(look => openPage(browser, look)));

/** Leads a page elsewhere as a link does: the document stays. */
export async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate(to => history.pushState(null, '', to), path);
}

/**
 * Everything wrong with the page as it is, in both themes: what axe finds, and sideways scrolling. A theme changes colours and
 * nothing else, so in the dark one contrast alone is looked at again.
 */
export async function problemsInBothThemes(page: Page): Promise<string[]> {
  // What the pointer is on looks different.
  await page.mouse.move(0, 0);
  const light = await accessibilityProblems(page);
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  await showTheme(page, 'dark');
  const dark = await accessibilityProblems(page, ['color-contrast', 'link-in-text-block']);
  await showTheme(page, 'light');
  return [...light, ...dark.map(text => `dark: ${text}`), ...(wide ? ['wider than the screen'] : [])];
}

async function showTheme(page: Page, theme: Look['theme']): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction(wanted => document.documentElement.dataset.theme === wanted, theme);
}

/** What axe finds wrong on the page as it is now, one line per element; empty when nothing. `rules` are all when left out. */
export async function accessibilityProblems(page: Page, rules?: string[]): Promise<string[]> {
  // Evaluated, not added as a script: the page's content security policy stays in force. It stays with the document.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const violations = await page.evaluate(async only => {
    const tool = (globalThis as unknown as { axe: typeof axe }).axe;
    const options = { resultTypes: ['violations' as const], ...(only && { runOnly: only }) };
    return (await tool.run(document, options)).violations;
  }, rules);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}
