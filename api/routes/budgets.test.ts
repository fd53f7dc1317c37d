import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BudgetDetail, BudgetInput, BudgetWithState } from '#contract/budget.ts';
import type { DecisionReply } from '#contract/decision.ts';
import { writeProgress } from '#store/state/progress.ts';
import { writeSetting } from '#store/state/settings.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';

let engine: TestEngine;
let api: TestApi;
const zone = 'Asia/Kathmandu';
/** 15:45 in Kathmandu, on a Saturday. */
let nowMs = Date.parse('2026-11-21T10:00:00Z');

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  await writeSetting(api.state, 'reporting_zone', zone);
  await engine.clickhouse.insert('spend_15m', history());
  await rolledUp();
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

/** Ten dollars a day at noon of Kathmandu for the 60 days before today, one today, and one call that nobody can price. */
function history() {
  const noon = Date.parse('2026-11-21T06:15:00Z');
  const days = Array.from({ length: 60 }, (_, index) => noon - (index + 1) * 86_400_000);
  return [
    ...days.map(ms => row(ms, { cost_nanos: '9000000000', high_nanos: '10000000000' })),
    row(noon, { cost_nanos: '1000000000', high_nanos: '1000000000' }),
    row(noon, { unbounded_calls: 1, tenant: 'acme' }),
    // Midnight in Kathmandu is 18:15 UTC: this is the last quarter of October there.
    row(Date.parse('2026-10-31T18:00:00Z'), {
      cost_nanos: '7000000000',
      high_nanos: '7000000000',
      tenant: 'edge',
    }),
    row(Date.parse('2026-10-31T18:15:00Z'), {
      cost_nanos: '5000000000',
      high_nanos: '5000000000',
      tenant: 'edge',
    }),
  ];
}

function row(ms: number, more: object) {
  const bucket = new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  return {
    project_id: 'default',
    bucket,
    origin: bucket,
    entry: 'call',
    feature: 'chat',
    line: 'answer',
    calls: 1,
    ...more,
  };
}

async function rolledUp(): Promise<void> {
  const position = { storedUpTo: '1', pending: {}, asOf: new Date(nowMs).toISOString(), backfillHours: 0 };
  await writeProgress(api.state, 'spend default', JSON.stringify(position));
}

async function create(input: BudgetInput): Promise<string> {
  const { status, body } = await api.ask('POST', '/api/v1/budgets', input);
  expect(body).toMatchObject({ name: input.name });
  expect(status).toBe(200);
  return String(body.id);
}

async function stateOf(id: string): Promise<BudgetWithState['state']> {
  const { body } = await api.ask('GET', '/api/v1/budgets');
  return (body.budgets as BudgetWithState[]).find(budget => budget.id === id)!.state;
}

const decide = async (query: string) =>
  (await api.ask('GET', `/api/v1/decision?${query}`)).body as unknown as DecisionReply;

test('a monthly budget shows spend by the high bound, pace, forecast, breach and thresholds', async () => {
  const id = await create({
    name: 'Chat',
    amount_usd: '250',
    filter: [
      { dimension: 'feature', value: 'chat' },
      { dimension: 'tenant', value: '' },
    ],
  });
  const state = await stateOf(id);
  expect(state).toMatchObject({
    phase: 'running',
    from: '2026-10-31T18:15:00.000Z',
    to: '2026-11-30T18:15:00.000Z',
    spent_usd: '201.000000000',
    booked_usd: '181.000000000',
    at_least: false,
    used: 0.804,
    basis: { quality: 'normal', days: 60 },
  });
  // 20 days of 10 and 1 today, 9 more days of 10; today's noon is over, so it is nearly all that comes today.
  const { p10_usd, p50_usd, p90_usd } = state.forecast!;
  expect(Number(p50_usd)).toBeGreaterThan(260);
  expect(Number(p50_usd)).toBeLessThan(300);
  expect(Number(p10_usd)).toBeLessThanOrEqual(Number(p50_usd));
  expect(Number(p90_usd)).toBeGreaterThanOrEqual(Number(p50_usd));
  expect(state.breach?.probability).toBeGreaterThan(0.9);
  expect(state.breach?.date).toMatch(/^2026-11-2[67]$/);
  expect(state.thresholds.map(({ crossed }) => crossed)).toEqual([true, true, false]);
  expect(state.burn.at(-1)).toEqual({ date: '2026-11-21', usd: '201.000000000' });
  expect(state.burn[0]).toEqual({ date: '2026-11-01', usd: '10.000000000' });
  expect(state.fan.map(({ date }) => date)).toEqual(
    Array.from({ length: 10 }, (_, day) => `2026-11-${21 + day}`),
  );
  expect(state.pace!.ratio).toBeGreaterThan(1);
});

test('a call without an upper bound makes spend "at least"; no history makes no forecast', async () => {
  const id = await create({
    name: 'Acme',
    amount_usd: '5',
    filter: [{ dimension: 'tenant', value: 'acme' }],
  });
  expect(await stateOf(id)).toMatchObject({
    at_least: true,
    calls: 1,
    unbounded_calls: 1,
    coverage: 0,
    spent_usd: '0.000000000',
    forecast: null,
    breach: null,
    basis: { quality: 'none' },
    calibration: { n: 0, inside: null },
  });
});

test('months begin at midnight of the reporting zone', async () => {
  const id = await create({
    name: 'Edge',
    amount_usd: '50',
    filter: [{ dimension: 'tenant', value: 'edge' }],
  });
  expect(await stateOf(id)).toMatchObject({ spent_usd: '5.000000000', used: 0.1 });
  const { body } = await api.ask('GET', `/api/v1/budgets/${id}`);
  const detail = body as unknown as BudgetDetail;
  expect(detail.past[0]).toMatchObject({
    from: '2026-09-30T18:15:00.000Z',
    to: '2026-10-31T18:15:00.000Z',
    spent_usd: '7.000000000',
  });
});

test('nonsense is refused with its reason', async () => {
  const bad = async (input: object) => {
    const { status, body } = await api.ask('POST', '/api/v1/budgets', {
      name: 'x',
      amount_usd: '1',
      ...input,
    });
    expect(status).toBe(400);
    return body.detail;
  };
  expect(await bad({ amount_usd: '0' })).toMatch('more than 0');
  expect(await bad({ amount_usd: '-3' })).toMatch('decimal number');
  expect(await bad({ kind: 'experiment' })).toMatch('first day');
  expect(await bad({ ceiling: {} })).toMatch('degrade_at_percent or deny_at_percent');
  expect(await bad({ ceiling: { degrade_at_percent: 90, deny_at_percent: 80 } })).toMatch(
    'only after it denies',
  );
  expect(await bad({ filter: [{ dimension: 'user', value: 'x' }] })).toMatch('filter');
  expect((await api.ask('PUT', '/api/v1/budgets/none', { name: 'x', amount_usd: '1' })).status).toBe(404);
  expect((await api.ask('DELETE', '/api/v1/budgets/none')).status).toBe(404);
});

test('a ceiling allows with a lease, degrades with a hint, denies; and follows a change at once', async () => {
  const filter = [{ dimension: 'feature' as const, value: 'chat' }];
  const ceiling = { degrade_at_percent: 80, deny_at_percent: 100, degrade_model: 'm-mini', lease_usd: '0.5' };
  const id = await create({ name: 'Ceiling', amount_usd: '1000', filter, ceiling });
  const allowed = await decide('feature=chat&tenant=t1');
  expect(allowed).toMatchObject({
    decision: 'allow',
    budget: { id, name: 'Ceiling' },
    lease: { amount_usd: '0.500000000' },
    hint: null,
  });
  expect(Date.parse(allowed.valid_until) - nowMs).toBeGreaterThan(58_000);
  expect(await decide('feature=search')).toMatchObject({ decision: 'allow', budget: null, lease: null });

  await api.ask('PUT', `/api/v1/budgets/${id}`, { name: 'Ceiling', amount_usd: '250', filter, ceiling });
  expect(await decide('feature=chat')).toMatchObject({ decision: 'degrade', hint: { model: 'm-mini' } });
  await api.ask('PUT', `/api/v1/budgets/${id}`, { name: 'Ceiling', amount_usd: '200', filter, ceiling });
  const denied = await decide('feature=chat');
  expect(denied).toMatchObject({ decision: 'deny', lease: null, budget: { id } });
  expect(denied.reason).toMatch('$206.00 spent');
  // The caller does not say which feature: it may be this one.
  expect(await decide('tenant=t1')).toMatchObject({ decision: 'deny' });
  await api.ask('DELETE', `/api/v1/budgets/${id}`);
  expect(await decide('feature=chat')).toMatchObject({ decision: 'allow', budget: null });
});

test('an experiment denies after its last day, to those who name it', async () => {
  const id = await create({
    name: 'Variant B',
    kind: 'experiment',
    amount_usd: '100',
    starts_on: '2026-11-20',
    ends_on: '2026-11-21',
    filter: [{ dimension: 'variant', value: 'b' }],
    ceiling: { deny_at_percent: 100 },
  });
  expect(await stateOf(id)).toMatchObject({ phase: 'running', from: '2026-11-19T18:15:00.000Z' });
  expect(await decide('variant=b')).toMatchObject({ decision: 'allow' });
  nowMs = Date.parse('2026-11-21T18:15:00Z');
  await api.api.checkAlerts();
  expect(await decide('variant=b')).toMatchObject({
    decision: 'deny',
    reason: expect.stringMatching('ended on 2026-11-21'),
  });
  expect(await decide('feature=chat')).toMatchObject({ decision: 'allow' });
  expect(await stateOf(id)).toMatchObject({ phase: 'over', forecast: null });
});
