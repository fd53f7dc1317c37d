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
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
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

/** What axe finds wrong on the page as it is now, one line per element; empty when nothing. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the page's content security policy stays in force.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const tool = (globalThis as unknown as { axe: typeof axe }).axe;
    return (await tool.run(document, { resultTypes: ['violations'] })).violations;
  });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}
