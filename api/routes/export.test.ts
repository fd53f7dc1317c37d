import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Statement } from '#contract/statement.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { readCsv } from '../../test/support/csv.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { storeSpend } from '../../test/support/spend-rows.ts';

let engine: TestEngine;
let api: TestApi;
const nowMs = Date.parse('2026-11-21T08:00:00Z');

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const common = { team: 'care', feature: 'support' };
  await storeSpend(engine.clickhouse, [
    { ...common, at: '2026-09-11T10:00:00Z', units_input: 10, nanos_input: 2_000_000_000 },
    { ...common, at: '2026-10-03T10:00:00Z', calls: 4, units_input: 100, nanos_input: 3_000_000_000 },
    { ...common, at: '2026-10-03T10:00:00Z', line: 'failed', units_input: 7, nanos_input: 200_000_000 },
    { ...common, at: '2026-10-31T23:30:00Z', line: 'retried', units_output: 5, nanos_output: 1 },
    {
      ...common,
      at: '2026-10-09T10:00:00Z',
      feature: 'search',
      model: 'm-2',
      units_output: 5,
      nanos_output: 9,
    },
    {
      ...common,
      at: '2026-10-10T10:00:00Z',
      model: 'new',
      price_version: '',
      unpriced_calls: 2,
      calls: 2,
      unpriced_tokens: 70,
      high_nanos: '500',
      units_input: 70,
    },
    {
      ...common,
      at: '2026-10-12T10:00:00Z',
      entry: 'adjustment',
      reason: 'late',
      origin: '2026-08-31T22:30:00Z',
      calls: 3,
      nanos_input: -40,
    },
    { ...common, at: '2026-10-03T10:00:00Z', team: 'other', nanos_input: 5_000_000_000, units_input: 1 },
  ]);
  await api.state
    .insertInto('budgets')
    .values({
      budget_id: 'b',
      project_id: 'default',
      name: 'Care',
      kind: 'budget',
      filter: '[{"dimension":"team","value":"care"}]',
      amount_nanos: '10000000000',
      period: 'month',
      starts_on: null,
      ends_on: null,
      thresholds: '[]',
      ceiling: null,
      reserve_turn: 0,
      created_at: '',
      updated_at: '',
    })
    .execute();
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

test('a file comes with a name, is never stored, and adds up', async () => {
  const response = await api.fetch('/api/v1/export/spend?month=2026-10&group_by=team&interval=total');
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="spend-2026-10.csv"',
    'cache-control': 'no-store, no-transform',
  });
  const rows = readCsv(await response.text());
  expect(rows.map(({ team, entry, cost_usd }) => [team, entry, cost_usd])).toEqual([
    ['care', 'adjustment', '-0.000000040'],
    ['care', 'call', '3.200000010'],
    ['other', 'call', '5.000000000'],
  ]);
});

test('a time instead of a month is widened to whole quarters of an hour', async () => {
  const response = await api.fetch(
    '/api/v1/export/spend?from=2026-10-03T10:05:00Z&to=2026-10-03T10:06:00Z&format=focus&interval=hour',
  );
  expect(response.headers.get('content-disposition')).toContain('focus-1.2-20261003.csv');
  expect(readCsv(await response.text())).toHaveLength(2);
});

test.each([
  ['tz=Mars/Phobos&month=2026-10', 'tz: Mars/Phobos is not a time zone'],
  ['month=2026-13', 'a month such as 2026-10'],
  ['', 'give a month such as 2026-10, or from'],
  ['month=2026-10&from=now-1d', 'not both'],
  ['from=now&to=now-1d', 'is not before'],
  ['month=2026-10&format=focus&interval=month', 'FOCUS has rows of an hour or a day'],
  ['month=2026-10&where=colour:red', 'dimensions are'],
  ['month=2026-10&formt=csv', 'no such parameter'],
])('%s is refused', async (query, detail) => {
  const { status, body } = await api.ask('GET', `/api/v1/export/spend?${query}`);
  expect(status).toBe(400);
  expect(body.detail).toContain(detail);
});

test('a statement adds up to the nano-dollar, and says what is not in it', async () => {
  const { status, body } = await api.ask(
    'GET',
    '/api/v1/statement?month=2026-10&by=team&value=care&tz=Europe/Paris',
  );
  expect(status).toBe(200);
  const said = body as unknown as Statement;
  expect(said).toMatchObject({
    state: 'ended',
    from: '2026-10-01T00:00:00+02:00',
    to: '2026-11-01T00:00:00+01:00',
    cost_usd: '3.199999969',
    calls: 11,
    previous: { month: '2026-09', cost_usd: '2.000000000', begins_at: '2026-09-11T12:00:00+02:00' },
    budget: { name: 'Care', amount_usd: '10.000000000' },
    unpriced: { calls: 2, tokens: 70, low_usd: '0.000000000', high_usd: '0.000000500' },
    adjustments: [{ origin_month: '2026-09', reason: 'late', calls: 3, change_usd: '-0.000000040' }],
  });
  // The last quarter of an hour is November in Paris.
  expect(Object.fromEntries(said.lines.map(({ line, cost_usd }) => [line, cost_usd]))).toEqual({
    answer: '3.000000009',
    failed: '0.200000000',
    retried: '0.000000000',
    evaluation: '0.000000000',
  });
  expect(said.features.map(({ feature, models }) => [feature, models.map(({ model }) => model)])).toEqual([
    ['support', ['gpt-4o-mini', 'new']],
    ['search', ['m-2']],
  ]);
});

test('cost centres are listed, the dearest first', async () => {
  const { body } = await api.ask('GET', '/api/v1/statement/centres?month=2026-10');
  expect(body.centres).toMatchObject([
    { value: 'other', cost_usd: '5.000000000' },
    { value: 'care', cost_usd: '3.199999970' },
  ]);
});

test('a closed month is the same file for ever, whatever comes later', async () => {
  const kept = Buffer.from('period_start\n"as it was"\n');
  await api.state
    .insertInto('closed_months')
    .values({
      project_id: 'default',
      month: '2026-09',
      zone: 'UTC',
      from_at: '2026-09-01T00:00:00.000Z',
      to_at: '2026-10-01T00:00:00.000Z',
      state: 'closed',
      closed_at: '2026-10-02T00:00:00Z',
      closed_by: 'M. Auer',
      files: JSON.stringify([
        {
          name: 'spend-2026-09.csv',
          contentType: 'text/csv; charset=utf-8',
          bytes: kept.length,
          sha256: '',
          pieces: 2,
        },
      ]),
    })
    .execute();
  await engine.clickhouse.insert('closed_exports', [
    {
      project_id: 'default',
      month: '2026-09',
      file: 'spend-2026-09.csv',
      piece: 1,
      bytes: kept.subarray(5).toString(),
    },
    {
      project_id: 'default',
      month: '2026-09',
      file: 'spend-2026-09.csv',
      piece: 0,
      bytes: kept.subarray(0, 5).toString(),
    },
  ]);
  const text = async (query: string) =>
    (await api.fetch(`/api/v1/export/spend?month=2026-09${query}`)).text();
  expect(await text('')).toBe(kept.toString());
  expect(readCsv(await text('&group_by=team'))).toHaveLength(1);
  expect(readCsv(await text('&tz=Europe/Paris'))).toHaveLength(1);
  const { body } = await api.ask('GET', '/api/v1/statement?month=2026-09&value=care');
  expect(body).toMatchObject({ state: 'closed', closed_by: 'M. Auer' });
});
