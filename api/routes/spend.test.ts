import { afterAll, beforeAll, expect, test } from 'vitest';
import type { clientCost } from '#contract/client-cost.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { explainSpend, listMonths, Repricing, spend, spendCalls } from '#contract/spend.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow } from '../../test/support/rows.ts';

let engine: TestEngine;
let api: TestApi;
const nowMs = Date.parse('2026-11-21T10:05Z');

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  await engine.clickhouse.insert('calls', [
    callRow({
      at: '2026-10-31T23:30:00Z',
      span_id: '1',
      feature: 'support',
      cost_by_kind: { input: '15000', output: '12000' },
    }),
    callRow({
      at: '2026-11-02T10:00:00Z',
      span_id: '2',
      feature: 'search',
      tenant: 'acme',
      attempts: 2,
      failed_attempts: 1,
    }),
    callRow({
      at: '2026-11-20T10:00:00Z',
      span_id: '3',
      feature: 'support',
      request_model: 'nobody-knows',
      response_model: 'nobody-knows',
      model: 'nobody-knows',
      cost_nanos: null,
      cost_low_nanos: null,
      cost_high_nanos: null,
      cost_by_kind: {},
      price_version: '',
    }),
  ]);
  await api.api.ledger.runOnce();
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

async function get<Reply>(path: string): Promise<Reply> {
  const { status, body } = await api.ask('GET', path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Reply;
}
const getSpend = (query: string) => get<ReplyOf<typeof spend>>(`/api/v1/spend?${query}`);
const getCalls = (query: string) => get<ReplyOf<typeof spendCalls>>(`/api/v1/spend/calls?${query}`);

test('spend by feature has totals, coverage and the time it is complete to', async () => {
  const body = await getSpend('from=2026-10-01T00:00Z&to=now&group_by=feature');
  expect(body.rows).toMatchObject([
    { feature: 'search', cost_usd: '0.000027000', calls: 1, attempts: 2, high_usd: '0.000027000' },
    {
      feature: 'support',
      cost_usd: '0.000027000',
      calls: 2,
      unpriced_calls: 1,
      unbounded_calls: 1,
      high_usd: null,
    },
  ]);
  expect(body.totals).toMatchObject({ cost_usd: '0.000054000', adjustments_usd: '0.000000000', tokens: 360 });
  expect(body.meta).toMatchObject({
    truncated: false,
    closed: [],
    backfill: null,
    as_of: expect.stringMatching(/Z$/),
  });
  expect(body.meta.coverage.tokens).toBeCloseTo(2 / 3);
});

test('by kind, by month of a zone, and what users used', async () => {
  const kinds = await getSpend('from=2026-10-01T00:00Z&group_by=kind&where=feature:search');
  expect(kinds.rows).toMatchObject([
    { kind: 'input', units: 100, cost_usd: '0.000015000', calls: null },
    { kind: 'output', units: 20, cost_usd: '0.000012000' },
  ]);
  const months = await getSpend('from=2026-10-01T00:00Z&interval=month&tz=Europe/Paris&measures=calls');
  expect(months.rows).toEqual([{ time: '2026-11-01T00:00:00+01:00', cost_usd: '0.000054000', calls: 3 }]);
});

test('a chart has the measures that it names and nothing else, and calls without a price keep their place', async () => {
  for (const [tz, offset] of [
    ['UTC', 'Z'],
    ['Asia/Kathmandu', '+05:45'],
  ]) {
    const from = 'from=2026-11-19T18:15Z&to=2026-11-20T18:15Z';
    const day = `${from}&group_by=feature&interval=day&tz=${tz}`;
    const time = expect.stringContaining(`2026-11-20T00:00:00${offset}`);
    const [named, all] = [await getSpend(`${day}&measures=cost_usd`), await getSpend(day)];
    expect(named.rows).toEqual([{ feature: 'support', time, cost_usd: '0.000000000' }]);
    expect(named.meta.coverage).toEqual({ tokens: null, calls: null, estimated_tokens: null });
    expect(named.totals).toMatchObject({ cost_usd: '0.000000000', calls: null });
    expect(all.rows).toMatchObject([{ feature: 'support', calls: 1, unpriced_calls: 1, high_usd: null }]);
    expect(all.meta.coverage).toMatchObject({ tokens: 0, calls: 0 });
  }
  const hours = await getSpend(
    'from=2026-11-20T00:00Z&interval=hour&tz=UTC&measures=calls,unpriced_calls&group_by=model',
  );
  expect(hours.rows).toEqual([
    {
      model: 'nobody-knows',
      time: '2026-11-20T10:00:00Z',
      cost_usd: '0.000000000',
      calls: 1,
      unpriced_calls: 1,
    },
  ]);
  expect(hours.meta.coverage).toMatchObject({ tokens: null, calls: 0 });
});

test('a change says how many of its calls have no price', async () => {
  const change = await get<ReplyOf<typeof explainSpend>>(
    '/api/v1/spend/explain?from=2026-11-15T00:00Z&to=2026-11-21T00:00Z&against_from=2026-10-31T00:00Z&against_to=2026-11-10T00:00Z&by=model',
  );
  expect(change.total).toMatchObject({
    calls_before: 2,
    unpriced_before: 0,
    calls_after: 1,
    unpriced_after: 1,
  });
  expect(change.rows.find(({ key }) => key === 'nobody-knows')).toMatchObject({
    after_usd: '0.000000000',
    ...{ unpriced_before: 0, unpriced_after: 1 },
  });
});

test('the calls behind a number, page by page', async () => {
  const first = await getCalls('from=2026-10-01T00:00Z&limit=2');
  expect(first.calls.map(call => call.span_id)).toEqual(['3', '2']);
  const second = await getCalls(
    `from=2026-10-01T00:00Z&limit=2&cursor=${encodeURIComponent(first.next ?? '')}`,
  );
  expect(second.calls).toMatchObject([
    {
      span_id: '1',
      cost_usd: '0.000027000',
      kinds: [
        { kind: 'input', units: 100, cost_usd: '0.000015000' },
        { kind: 'output', units: 20 },
      ],
    },
  ]);
  expect(second.next).toBeNull();
});

test('a month is closed once it has ended; what comes late is booked in the open one and says why', async () => {
  expect(await api.ask('POST', '/api/v1/months/2026-11/close', {})).toMatchObject({ status: 409 });
  const closed = await api.ask('POST', '/api/v1/months/2026-10/close', { by: 'ada' });
  expect(closed.body).toMatchObject({
    month: '2026-10',
    state: 'closed',
    cost_usd: '0.000027000',
    closed_by: 'ada',
  });
  const [file] = closed.body.files as { path: string; bytes: number; sha256: string }[];
  const bytes = async () => Buffer.from(await (await api.fetch(file!.path)).arrayBuffer());
  const before = await bytes();
  expect(before.length).toBe(file!.bytes);

  await engine.clickhouse.insert('calls', [
    callRow({ at: '2026-10-31T23:40:00Z', span_id: '9', feature: 'late', user: 'ann' }),
  ]);
  await api.api.ledger.runOnce();
  expect((await bytes()).equals(before)).toBe(true);
  const months = await get<ReplyOf<typeof listMonths>>('/api/v1/months');
  expect(months.begins_at).toBe('2026-10-31T23:30:00.000Z');
  expect(months.months).toMatchObject([
    { month: '2026-11', state: 'running', cost_usd: '0.000054000', from_earlier_usd: '0.000027000' },
    { month: '2026-10', state: 'closed', cost_usd: '0.000027000', since_closing_usd: '0.000027000' },
  ]);
  const behind = await getCalls('from=2026-11-21T00:00Z');
  expect(behind.adjustments).toMatchObject([
    {
      reason: 'late',
      origin: '2026-10-31T23:30:00Z',
      booked_at: '2026-11-21T10:00:00Z',
      feature: 'late',
      change_usd: '0.000027000',
    },
  ]);
  expect(await api.ask('POST', '/api/v1/months/2026-10/close', {})).toMatchObject({ status: 409 });
});

test('users add up to spend, in the month that is closed and in the one that its late calls are booked in', async () => {
  await api.api.outcomes.runOnce();
  for (const range of [
    'from=2026-10-01T00:00Z&to=2026-11-01T00:00Z',
    'from=2026-11-01T00:00Z&to=2026-12-01T00:00Z',
    'from=2026-10-01T00:00Z&to=2026-12-01T00:00Z&where=feature:late',
    'from=2026-10-01T00:00Z&to=2026-12-01T00:00Z&where=tenant:acme',
  ]) {
    const [all, users] = [
      await getSpend(range),
      await getSpend(`${range}&group_by=user,feature&interval=day`),
    ];
    const { cost_usd, calls, unpriced_calls } = all.totals;
    expect(users.totals, range).toMatchObject({ cost_usd, calls, unpriced_calls });
    const cents = users.rows.reduce((sum, row) => sum + BigInt(row.cost_usd.replace('.', '')), 0n);
    expect(cents).toBe(BigInt(cost_usd.replace('.', '')));
  }
  const late = await getSpend('from=2026-10-01T00:00Z&to=2026-12-01T00:00Z&group_by=user&where=feature:late');
  expect(late.rows).toMatchObject([
    { user: 'ann', cost_usd: '0.000027000' },
    { user: '', cost_usd: '0.000000000' },
  ]);
});

test('a repricing is previewed, posted, and posted once', async () => {
  const change = {
    action: 'set',
    provider: 'openai',
    model: 'nobody-knows',
    prices: { input: '3', output: '6' },
  };
  const changes = { changes: [change] };
  const { hash } = (await api.ask('POST', '/api/v1/prices/preview', changes)).body;
  const applied = await api.ask('POST', '/api/v1/prices/apply', { ...changes, hash });
  expect(applied.status, JSON.stringify(applied.body)).toBe(200);
  const asked = { from: '2026-10-01T00:00Z', models: ['nobody-knows'], note: 'its price was missing' };
  const preview = await api.ask('POST', '/api/v1/repricings/preview', asked);
  expect(preview.body).toMatchObject({ state: 'previewing', looked_at: 0 });
  const id = preview.body.posting_id as string;
  expect((await api.ask('POST', '/api/v1/repricings', { posting_id: id })).status).toBe(409);
  await api.api.ledger.runOnce();
  const change_usd = '0.000420000';
  const path = `/api/v1/repricings/${id}`;
  expect(await get<Repricing>(path)).toMatchObject({
    state: 'previewed',
    looked_at: 1,
    newly_priced: 1,
    change_usd,
  });
  expect((await getSpend('from=2026-10-01T00:00Z')).totals.unpriced_calls).toBe(1);

  await api.ask('POST', '/api/v1/repricings', { posting_id: id });
  await api.api.ledger.runOnce();
  expect(await get<Repricing>(path)).toMatchObject({
    state: 'posted',
    change_usd,
    effect: [
      { feature: 'support', model: 'nobody-knows', month: '2026-11', closed: false, calls: 1, change_usd },
    ],
  });
  const { totals } = await getSpend('from=2026-11-20T00:00Z&to=2026-11-21T00:00Z');
  expect(totals).toMatchObject({
    cost_usd: change_usd,
    adjustments_usd: change_usd,
    calls: 1,
    unpriced_calls: 0,
    high_usd: change_usd,
  });
  const { calls } = await getCalls('from=2026-11-20T00:00Z&to=2026-11-21T00:00Z');
  expect(calls).toMatchObject([
    { booked_usd: null, cost_usd: change_usd, repricings: [{ posting_id: id, change_usd }] },
  ]);
  await api.ask('POST', '/api/v1/repricings', { posting_id: id });
  await api.api.ledger.runOnce();
  expect((await getSpend('from=2026-11-20T00:00Z&to=2026-11-21T00:00Z')).totals).toEqual(totals);
});

test('a change of spend is explained by feature', async () => {
  const { total, rows } = await get<ReplyOf<typeof explainSpend>>(
    '/api/v1/spend/explain?from=2026-11-15T00:00Z&to=2026-11-21T00:00Z&against_from=2026-11-01T00:00Z&against_to=2026-11-10T00:00Z',
  );
  expect(total).toMatchObject({
    before_usd: '0.000027000',
    after_usd: '0.000420000',
    change_usd: '0.000393000',
    unpriced_after: 0,
  });
  expect(rows).toMatchObject([
    { key: 'support', change_usd: '0.000420000', causes: { volume: '0.000420000', price: '0.000000000' } },
    { key: 'search', change_usd: '-0.000027000', causes: { volume: '-0.000027000' } },
  ]);
});

test('the daily comparison finds nothing, and repairs what it finds', async () => {
  expect(await api.api.ledger.compareNow()).toBe(0);
  await engine.clickhouse.command('ALTER TABLE spend_15m DROP PARTITION 20261102');
  expect(await api.api.ledger.compareNow()).toBe(1);
  expect(await api.api.ledger.compareNow()).toBe(0);
});

test("a sender's cost that is not ours is explained, call by call, and the parts add up to the difference", async () => {
  const at = '2026-11-10T10:00:00Z';
  const of = { at, feature: 'client', cost_nanos: '1000000', uncached_nanos: '1000000' };
  await engine.clickhouse.insert('calls', [
    callRow({ ...of, span_id: 'c1', client_cost_nanos: '1001000' }),
    callRow({ ...of, span_id: 'c2', uncached_nanos: '1500000', client_cost_nanos: '1500000' }),
    callRow({
      ...of,
      span_id: 'c3',
      reductions: { 'discount.input': '250000' },
      client_cost_nanos: '1250000',
    }),
    callRow({ ...of, span_id: 'c4', client_cost_nanos: '0' }),
    callRow({ ...of, span_id: 'c5', flags: ['estimated_tokens'], client_cost_nanos: '700000' }),
    callRow({ ...of, span_id: 'c6', client_cost_nanos: '2000000' }),
    callRow({ ...of, span_id: 'c7', cost_nanos: null, cost_by_kind: {}, client_cost_nanos: '300000' }),
    callRow({ ...of, span_id: 'c8' }),
  ]);
  const { causes, one_in } = await get<ReplyOf<typeof clientCost>>(
    '/api/v1/spend/client-cost?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z&where=feature:client',
  );
  expect(one_in).toBe(1);
  expect(Object.fromEntries(causes.map(({ cause, difference_usd }) => [cause, difference_usd]))).toEqual({
    same: '0.000001000',
    cache_left_out: '0.000500000',
    list_price: '0.000250000',
    nothing_sent: '-0.001000000',
    estimated: '-0.000300000',
    other: '0.001000000',
    unpriced: '0.000300000',
  });
  expect(causes.reduce((sum, { calls }) => sum + calls, 0)).toBe(7);
});
