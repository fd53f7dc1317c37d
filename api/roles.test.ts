import { afterAll, beforeAll, expect, test } from 'vitest';
import { aboutGuarded, startTestApi, type TestApi } from '../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { callRow } from '../test/support/rows.ts';
import { endpoints } from './endpoints.ts';
import { readByFinance } from './roles.ts';

const adminKey = 'a-long-admin-key-0123456789';
const financeKey = 'a-long-finance-key-0123456789';
let engine: TestEngine;
let api: TestApi;
beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { adminKey, financeKey, about: aboutGuarded });
  await engine.clickhouse.insert('calls', [
    callRow({ at: new Date(Date.now() - 86_400_000).toISOString(), span_id: '1', user: 'ann' }),
  ]);
  await api.api.ledger.runOnce();
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

const ask = (path: string, key: string | null, method = 'GET') =>
  api.fetch(path, { method, headers: key === null ? {} : { authorization: `Bearer ${key}` } });
const range = 'from=now-7d';

test('finance reads what was spent, and not the calls behind it', async () => {
  const sum = await ask(`/api/v1/spend?${range}&group_by=feature`, financeKey);
  expect(sum.status).toBe(200);
  expect(await sum.json()).toMatchObject({ totals: { cost_usd: '0.000027000' } });
  expect((await ask(`/api/v1/export/spend?${range}`, financeKey)).status).toBe(200);

  const behind = await ask(`/api/v1/spend/calls?${range}`, financeKey);
  expect(behind.status).toBe(403);
  expect(await behind.json()).toMatchObject({ detail: expect.stringContaining('not the calls behind') });
  expect((await ask(`/api/v1/spend/calls?${range}`, adminKey)).status).toBe(200);
});

test('finance does not learn who the users are, however it asks', async () => {
  for (const by of ['user', 'feature,user', 'user&group_by=feature'])
    expect((await ask(`/api/v1/spend?${range}&group_by=${by}`, financeKey)).status, by).toBe(403);
  expect((await ask(`/api/v1/spend?${range}&group_by=user`, adminKey)).status).toBe(200);
});

test('whatever is not listed is denied: every endpoint there is, and every spelling of one', async () => {
  const allowed = new Set(readByFinance.map(({ method, path }) => `${method} ${path}`));
  for (const { method, path } of Object.values(endpoints)) {
    const filled = path.replaceAll(/\{\w+\}/g, 'x');
    const isAllowed = allowed.has(`${method} ${path}`);
    expect([`${method} ${path}`, (await ask(filled, financeKey, method)).status === 403]).toEqual([
      `${method} ${path}`,
      !isAllowed,
    ]);
    expect((await ask(filled, null, method)).status).toBe(401);
  }
  for (const path of [
    'spend/calls/',
    'spend/%63alls',
    'spend/../traces',
    'SPEND/CALLS',
    'spend//calls',
    'spend/calls;x',
  ])
    expect([path, (await ask(`/api/v1/${path}?${range}`, financeKey)).status]).toEqual([path, 403]);
  expect([...allowed].every(name => name.startsWith('GET '))).toBe(true);
});
