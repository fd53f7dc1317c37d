import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { spend } from '#contract/spend.ts';
import { monthBounds } from '../../ledger/files/month-bounds.ts';
import { fromPackageRoot } from '../../store/package-root.ts';
import { startTestApi } from '../support/api.ts';
import { launchBrowser, looks, openPage } from '../support/browser.ts';
import { readCsv } from '../support/csv.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { scaled } from '../support/focus-rules.ts';
import { callRow, spanRow } from '../support/rows.ts';

const dayMs = 86_400_000;
const year = new Date(Date.now() - 320 * dayMs).getUTCFullYear();
/** Clocks go back on the last Sunday of October in Paris, on the first of November in New York, and never in Kathmandu. */
const zones = [
  ['Europe/Paris', `${year}-10`, 25],
  ['America/New_York', `${year}-11`, 25],
  ['Asia/Kathmandu', `${year}-10`, 24],
] as const;

/** The first Sunday from a day on: `10-25`. Month 9 is October. */
function sundayFrom(month: number, day: number): string {
  const ms = Date.UTC(year, month, day);
  return new Date(ms + ((7 - new Date(ms).getUTCDay()) % 7) * dayMs).toISOString().slice(5, 10);
}

let engine: TestEngine;
let browser: Browser;
beforeAll(async () => {
  [engine, browser] = await Promise.all([startTestEngine(), launchBrowser()]);
  // Every half hour of the ends of both months and of the days in which clocks change.
  const days = ['09-30', '10-01', sundayFrom(9, 25), '10-31', '11-01', sundayFrom(10, 1), '11-08'];
  const rows = [...new Set(days)].flatMap(day =>
    Array.from({ length: 48 }, (_, half) => {
      const nanos = String(1_000_003 * (1 + half + Number(day.slice(3))));
      return callRow({
        at: new Date(Date.parse(`${year}-${day}T00:00:01Z`) + half * 1_800_000).toISOString(),
        span_id: `${day}-${half}`,
        feature: `feature-${half % 3}`,
        cost_nanos: nanos,
        cost_low_nanos: nanos,
        cost_high_nanos: nanos,
        cost_by_kind: { input: nanos },
      });
    }),
  );
  await engine.clickhouse.insert('calls', rows);
  // Pages show numbers once a span has arrived.
  const first = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) };
  await engine.clickhouse.insert('spans', [spanRow({ at: `${year}-10-01T12:00:00Z`, ...first })]);
});
afterAll(async () => {
  await browser?.close();
  await engine?.stop();
});

const nanosOf = (usd: string) => scaled(usd.replace(/[$,]/g, ''), 9);
const sum = (amounts: readonly string[]) => amounts.reduce((all, usd) => all + nanosOf(usd), 0n);

/** Nano-dollars by the instant that their day begins. */
function byDay(rows: readonly { start: string; usd: string }[]): Map<number, bigint> {
  const days = new Map<number, bigint>();
  for (const { start, usd } of rows) {
    const at = Date.parse(start);
    days.set(at, (days.get(at) ?? 0n) + nanosOf(usd));
  }
  return days;
}

async function parquetRows(bytes: ArrayBuffer): Promise<{ start: string; usd: string }[]> {
  const headers = { 'X-ClickHouse-User': engine.user, 'X-ClickHouse-Key': engine.password };
  const send = async (query: string, body?: ArrayBuffer) => {
    const address = `${engine.url}/?${new URLSearchParams({ query, database: 'driftline', input_format_skip_unknown_fields: '1' })}`;
    const response = await fetch(address, { method: 'POST', headers, ...(body && { body }) });
    if (!response.ok) throw new Error(await response.text());
  };
  await send(
    "CREATE OR REPLACE TABLE parquet_back (period_start DateTime('UTC'), cost_usd Decimal(38, 9)) ENGINE = Memory",
  );
  await send('INSERT INTO parquet_back FORMAT Parquet', bytes);
  return engine.clickhouse.query(
    "SELECT formatDateTime(period_start, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS start, toString(cost_usd) AS usd FROM parquet_back",
  );
}

test.each(zones)(
  'page, API and every file agree in %s, in %s, to the day',
  async (zone, month, longestHours) => {
    const api = await startTestApi(engine, {
      webDir: process.env.DRIFTLINE_TEST_WEB ?? fromPackageRoot('dist/web'),
      about: {
        version: '1',
        otlpHttpUrl: 'http://127.0.0.1:1',
        otlpGrpcUrl: '127.0.0.1:2',
        keyRequired: false,
        localMode: true,
        privacy: { captureContent: 'on', isLoopback: true },
        reportingZone: zone,
      },
    });
    try {
      await api.api.ledger.runOnce();
      const { fromMs, toMs } = monthBounds(month, zone);
      const range = new URLSearchParams({
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        interval: 'day',
        limit: '10000',
      });
      const asked = (await (await api.fetch(`/api/v1/spend?${range}`)).json()) as ReplyOf<typeof spend>;
      const total = nanosOf(asked.totals.cost_usd);
      const days = byDay(asked.rows.map(({ time, cost_usd }) => ({ start: time!, usd: cost_usd })));
      expect(total).toBeGreaterThan(0n);
      expect(sum(asked.rows.map(row => row.cost_usd))).toBe(total);
      expect(Math.min(...days.keys())).toBe(fromMs);

      const file = (format: string) => api.fetch(`/api/v1/export/spend?month=${month}&format=${format}`);
      const text = async (format: string) => readCsv(await (await file(format)).text());
      const csv = await text('csv');
      expect(byDay(csv.map(row => ({ start: row.period_start!, usd: row.cost_usd! })))).toEqual(days);
      const hours = csv.map(row => (Date.parse(row.period_end!) - Date.parse(row.period_start!)) / 3_600_000);
      expect(Math.max(...hours)).toBe(longestHours);
      const focus = (await text('focus')).map(row => ({
        start: row.ChargePeriodStart!,
        usd: row.BilledCost!,
      }));
      expect(byDay(focus)).toEqual(days);
      expect(byDay(await parquetRows(await (await file('parquet')).arrayBuffer()))).toEqual(days);

      const { page, errors } = await openPage(browser, looks[0]!);
      await page.goto(`${api.url}/spend?month=${month}`);
      await page.getByRole('row', { name: /Total/ }).waitFor();
      const titles = (selector: string) =>
        page.locator(selector).evaluateAll(cells => cells.map(cell => cell.getAttribute('title') ?? ''));
      expect(sum(await titles('tfoot td:nth-of-type(1) [title]'))).toBe(total);
      expect(sum(await titles('tbody td:nth-of-type(1) [title]'))).toBe(total);
      expect(errors).toEqual([]);
      await page.context().close();
    } finally {
      await api.stop();
    }
  },
);
