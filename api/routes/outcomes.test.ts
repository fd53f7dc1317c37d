import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { anthropicCostCsv, ledgerRows, trueCalls, withoutShare } from '../../test/support/generated-bill.ts';

let engine: TestEngine;
let api: TestApi;
const now = Date.parse('2026-11-21T12:00:00Z');

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => now });
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

test('outcomes are taken one or many; what names nothing or lies too far is refused, with its place', async () => {
  const one = await api.ask('POST', '/api/v1/outcomes', { name: 'thumb', session_id: 's', value: 1 });
  expect(one).toMatchObject({ status: 200, body: { accepted: 1 } });
  const many = await api.ask('POST', '/api/v1/outcomes', {
    outcomes: [
      { id: 'a', name: 'purchase', user_id: 'mail@example.com', value_usd: '12.5' },
      { id: 'a', name: 'purchase', user_id: 'mail@example.com', value_usd: '13' },
    ],
  });
  expect(many).toMatchObject({ status: 200, body: { accepted: 2 } });
  const stored = await engine.clickhouse.query<{ user: string; value_nanos: string }>(
    "SELECT user, value_nanos FROM outcomes FINAL WHERE name = 'purchase'",
  );
  // The address is kept as the collector keeps it: replaced.
  expect(stored).toEqual([{ user: expect.stringMatching(/^\[email /), value_nanos: '13000000000' }]);
  const nothing = await api.ask('POST', '/api/v1/outcomes', { name: 'thumb' });
  expect(nothing.body.detail).toMatch(/name what led to it/);
  const future = await api.ask('POST', '/api/v1/outcomes', {
    outcomes: [{ name: 'thumb', session_id: 's', time: '2026-12-21T12:00:00Z' }],
  });
  expect(future).toMatchObject({
    status: 400,
    body: { detail: expect.stringMatching(/^outcomes\.0\.time: .* future/) },
  });
});

test('the summary and adoption answer with their shape when there is nothing yet', async () => {
  const summary = await api.ask('GET', '/api/v1/outcomes?from=now-7d&to=2026-11-22T00:00Z&where=feature:x');
  expect(summary).toMatchObject({
    status: 200,
    body: { groups: [], joined_at: null, total: { cost_usd: null, coverage: null } },
  });
  expect(summary.body.unjoined).toMatchObject({ outcomes: 2, value_usd: '13.000000000' });
  const adoption = await api.ask('GET', '/api/v1/adoption?period=day');
  expect(adoption).toMatchObject({
    status: 200,
    body: { periods: [], cohorts: [], known_since: null, to_day: '2026-11-21' },
  });
});

test('a file is compared, kept, listed, handed out as CSV and forgotten', async () => {
  const calls = trueCalls(1, {
    from: '2026-11-01T00:00:00Z',
    days: 7,
    perDay: 60,
    models: ['claude-sonnet-4-5'],
    services: ['web'],
  });
  await engine.clickhouse.insert('spend_15m', ledgerRows('default', withoutShare(calls, 0.07, 5).seen));
  const files = [{ name: 'november.csv', content: anthropicCostCsv(calls) }];
  const made = await api.ask('POST', '/api/v1/reconciliations', { files });
  expect(made).toMatchObject({ status: 200, body: { explained_share: 1, refused_lines: [] } });
  const listed = await api.ask('GET', '/api/v1/reconciliations');
  expect(listed.body.reconciliations).toEqual([
    expect.objectContaining({ theirs_usd: made.body.theirs_usd }),
  ]);
  const path = `/api/v1/reconciliations/${made.body.reconciliation_id}`;
  expect((await api.ask('GET', path)).body).toEqual(made.body);
  const csv = await api.fetch(`${path}/csv`);
  expect(csv.headers.get('content-disposition')).toContain('reconciliation-2026-11-01-2026-11-07.csv');
  const [header, total, reason] = (await csv.text()).split('\r\n');
  expect(header).toMatch(/^part,day,model,kind,reason,theirs_usd/);
  expect(total).toContain(String(made.body.theirs_usd));
  expect(reason).toMatch(/^reason,,claude-sonnet-4-5,,not_instrumented/);
  expect((await api.ask('DELETE', path)).body).toEqual({ deleted: true });
  expect((await api.ask('GET', path)).status).toBe(404);
});

test('a file that cannot be compared says why', async () => {
  const post = (content: string, more: object = {}) =>
    api.ask('POST', '/api/v1/reconciliations', { files: [{ name: 'x.csv', content }], ...more });
  expect(await post('a,b\n1,2')).toMatchObject({
    status: 422,
    body: { detail: expect.stringMatching(/^x\.csv: The columns a, b/) },
  });
  const euros = 'BilledCost,ChargePeriodStart,BillingCurrency,ChargeCategory\n1,2026-10-05,EUR,Tax';
  expect((await post(euros)).body.detail).toMatch(/in EUR: say what one EUR is in USD/);
  const told = await post(euros, { usd_per_unit: '1.08' });
  expect(told).toMatchObject({ status: 200, body: { theirs_usd: '1.080000000', currency: 'EUR' } });
});
