import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addOverlay,
  applyPrices,
  changeOverlay,
  listOverlays,
  listPrices,
  listRates,
  previewOverlay,
  previewPrices,
  previewRates,
  priceHistory,
  unpricedModels,
  withdrawOverlay,
} from '#contract/price.ts';
import { loadPriceBook } from '#store/prices/load.ts';
import { rollUpHours } from '#store/spend-roll-up.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow } from '../../test/support/rows.ts';

const now = '2026-11-20T12:00:00.000Z';
const hourMs = 3_600_000;

let engine: TestEngine;
let api: TestApi;
beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => Date.parse(now) });
  await loadPriceBook(api.state, { now: () => Date.parse('2026-01-01') });
  const unknown = {
    provider: 'acme',
    model: 'm-9',
    request_model: 'm-9',
    response_model: 'm-9-2026-01-01',
    cost_nanos: null,
    cost_low_nanos: '100',
    cost_high_nanos: null,
    cost_by_kind: {},
    price_version: '',
  };
  const calls = [
    callRow({ at: '2026-11-19T10:00:00Z', span_id: 'a'.repeat(16) }),
    callRow({ at: '2026-09-19T10:00:00Z', span_id: 'b'.repeat(16) }),
    callRow({ at: '2026-11-19T10:20:00Z', span_id: 'c'.repeat(16), ...unknown }),
    callRow({ at: '2026-11-19T10:50:00Z', span_id: 'd'.repeat(16), ...unknown }),
  ];
  await engine.clickhouse.insert('calls', calls);
  const hours = ['2026-11-19T10:00:00Z', '2026-09-19T10:00:00Z'].map(at => Date.parse(at) / hourMs);
  await rollUpHours(engine.clickhouse, { projectId: 'default', frozen: [] }, hours);
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

async function ask<Reply>(
  endpoint: { method: string; path: string; reply: { parse(body: unknown): Reply } },
  body?: unknown,
  path = endpoint.path,
): Promise<Reply> {
  const query =
    endpoint.method === 'GET' && body ? `?${new URLSearchParams(body as Record<string, string>)}` : '';
  const answer = await api.ask(endpoint.method, path + query, endpoint.method === 'GET' ? undefined : body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return endpoint.reply.parse(answer.body);
}

const mini = { provider: 'openai', model: 'gpt-4o-mini' };
const set = { action: 'set', ...mini, prices: { input: '0.30', output: '0.6' }, valid_from: '2026-11-01' };

describe('a price', () => {
  test('is shown with its effect before it is changed, and is changed by what was shown only', async () => {
    const shown = await ask(previewPrices, { changes: [set] });
    expect(shown.counts).toMatchObject({ changed: 1, new: 0 });
    expect(shown.differences[0]).toMatchObject({ kind: 'changed', valid_from: '2026-11-01', valid_to: null });
    expect(shown.differences[0]?.fields).toContainEqual({ field: 'input', before: '0.15', after: '0.3' });
    // 100 tokens in and 20 out: 27,000 nano-dollars become 42,000; the call of September keeps its price.
    const figures = {
      calls: 1,
      before_usd: '0.000027000',
      after_usd: '0.000042000',
      unpriced_before: 0,
      unpriced_after: 0,
    };
    expect(shown.effect).toMatchObject({
      complete: true,
      days_30: figures,
      days_90: { ...figures, calls: 2, before_usd: '0.000054000', after_usd: '0.000069000' },
    });
    // As from now on: both calls at 42,000.
    expect(shown.effect?.as_of).toBe('2026-11-20');
    expect(shown.effect?.as_if_90).toMatchObject({ before_usd: '0.000054000', after_usd: '0.000084000' });
    expect(shown.effect?.models.map(({ model }) => model)).toEqual(['gpt-4o-mini']);
    expect(shown.past).toEqual({ from: '2026-11-01', to: now });

    const changed = { changes: [{ ...set, prices: { input: '99' } }], hash: shown.hash };
    expect(await api.ask('POST', applyPrices.path, changed)).toMatchObject({ status: 409 });
    const before = await ask(listPrices);
    const noted = { noted_by: 'Ada', note: 'contract of November' };
    const done = await ask(applyPrices, { changes: [set], hash: shown.hash, ...noted });
    expect(done).toMatchObject({ added: 1, revision: before.revision + 1, past: shown.past });
    // The same once more: the book is another by now.
    expect(await api.ask('POST', applyPrices.path, { changes: [set], hash: shown.hash })).toMatchObject({
      status: 409,
    });
  });

  test('has a history: what was said stays readable, and so does what was known', async () => {
    const { statements, prices } = await ask(priceHistory, mini);
    expect(statements.map(({ prices: of, own, noted_by, note }) => [of.input, own, noted_by, note])).toEqual([
      ['0.3', true, 'Ada', 'contract of November'],
      ['0.15', false, '', ''],
    ]);
    expect(prices.map(({ prices: of, valid_from, valid_to }) => [of.input, valid_from, valid_to])).toEqual([
      ['0.15', null, '2026-11-01'],
      ['0.3', '2026-11-01', null],
    ]);
    const at = async (known_at: string, valid_at: string) =>
      (await ask(listPrices, { search: 'gpt-4o-mini', known_at, valid_at })).prices
        .filter(({ model }) => model === 'gpt-4o-mini')
        .map(({ prices: of }) => of.input);
    expect(await at('2026-11-19T00:00:00Z', now)).toEqual(['0.15']);
    expect(await at('now', now)).toEqual(['0.3']);
    expect(await at('now', '2026-10-31T23:59:59Z')).toEqual(['0.15']);
  });

  test('ends by a statement of its own', async () => {
    const end = { action: 'end', ...mini, at: '2026-12-01' };
    const shown = await ask(previewPrices, { changes: [end] });
    expect(shown).toMatchObject({ counts: { ended: 1 }, past: null });
    // No call so far loses its price; those to come would.
    expect(shown.effect?.days_90).toMatchObject({ unpriced_after: 0 });
    expect(shown.effect).toMatchObject({ as_of: '2026-12-01', as_if_90: { unpriced_after: 2 } });
    await ask(applyPrices, { changes: [end], hash: shown.hash });
    const { statements, prices } = await ask(priceHistory, mini);
    expect(statements[0]).toMatchObject({ ended: true, valid_from: '2026-12-01' });
    expect(prices.at(-1)?.valid_to).toBe('2026-12-01');
  });

  test('that cannot be right is refused, and so is a change that changes nothing', async () => {
    const shown = await ask(previewPrices, { changes: [{ ...set, prices: { inptu: '1' } }] });
    expect(shown.problems[0]?.what).toContain('inptu');
    expect(shown.differences).toEqual([]);
    const refused = await api.ask('POST', applyPrices.path, {
      changes: [{ ...set, prices: { inptu: '1' } }],
      hash: shown.hash,
    });
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining('inptu') } });
    const same = { changes: [{ ...set, valid_to: '2026-11-30' }] };
    const { hash, effect } = await ask(previewPrices, same);
    expect(effect).toBeNull();
    expect(await api.ask('POST', applyPrices.path, { ...same, hash })).toMatchObject({ status: 400 });
  });
});

test('an export read in again changes nothing, and a bad row is told by its line', async () => {
  for (const format of ['csv', 'json']) {
    const file = await api.fetch(`/api/v1/prices/export?format=${format}`);
    expect(file.headers.get('content-disposition')).toContain(`prices-2026-11-20.${format}`);
    const text = await file.text();
    const shown = await ask(previewPrices, { file: { name: `prices.${format}`, text } });
    expect(shown).toMatchObject({ differences: [], problems: [], effect: null });
    expect(shown.counts.unchanged).toBeGreaterThan(100);
  }
  const text = 'provider,model,input\nacme,m-1,1\nacme,m-2,much';
  const file = { name: 'two.csv', text };
  const shown = await ask(previewPrices, { file });
  expect(shown.problems).toEqual([{ line: 3, what: expect.stringContaining('m-2') }]);
  expect(await api.ask('POST', applyPrices.path, { file, hash: shown.hash })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('line 3') },
  });
  const without = await ask(previewPrices, { file, skip_bad_rows: true });
  await ask(applyPrices, { file, skip_bad_rows: true, hash: without.hash });
  const { prices } = await ask(listPrices, { search: 'acme' });
  expect(prices).toMatchObject([{ model: 'm-1', source: 'file two.csv', own: true }]);
});

test('models without a price are listed with what is known, until they have one', async () => {
  const [model, ...others] = (await ask(unpricedModels)).models;
  expect(others).toEqual([]);
  expect(model).toEqual({
    provider: 'acme',
    model: 'm-9',
    request_model: 'm-9',
    calls: 2,
    tokens: 240,
    token_share: expect.closeTo(2 / 3),
    first_seen: '2026-11-19T10:15:00Z',
    last_seen: '2026-11-19T10:45:00Z',
    low_usd: '0.000000200',
    high_usd: null,
    unbounded_calls: 2,
    has_price: false,
  });
  const alias = { changes: [{ action: 'alias', ...mini, alias: 'm-9' }] };
  const shown = await ask(previewPrices, alias);
  expect(shown.effect?.days_30).toMatchObject({ calls: 2, unpriced_before: 2, unpriced_after: 0 });
  await ask(applyPrices, { ...alias, hash: shown.hash });
  expect((await ask(unpricedModels)).models).toMatchObject([{ has_price: true }]);
});

describe('what was negotiated', () => {
  const terms = { name: 'Acme 2026', provider: 'openai', valid_from: '2026-11-01', discount_percent: '10' };

  test('is shown in money, holds, and is succeeded rather than changed', async () => {
    const committed = { ...terms, commitment_usd_per_month: '0.00005' };
    const { effect } = await ask(previewOverlay, { terms: committed });
    expect(effect.days_30).toMatchObject({ calls: 3, before_usd: '0.000126000', after_usd: '0.000113400' });
    const first = await ask(addOverlay, { terms: committed, noted_by: 'Ada' });
    expect(first).toMatchObject({ version: 1, withdrawn: false, discount_percent: '10' });
    const path = `/api/v1/price-overlays/${first.overlay_id}`;
    const second = await ask(changeOverlay, { terms: { ...committed, name: 'Acme' }, version: 1 }, path);
    expect(second).toMatchObject({ overlay_id: first.overlay_id, version: 2, name: 'Acme' });
    expect(await api.ask('PUT', path, { terms, version: 1 })).toMatchObject({ status: 409 });
    const { overlays } = await ask(listOverlays);
    expect(overlays).toMatchObject([
      {
        version: 2,
        months: [
          {
            month: '2026-11',
            basis: 'priced',
            amount_usd: '0.000050000',
            // The call was priced before the discount was known.
            used_usd: '0.000000000',
            unused_usd: '0.000050000',
            is_over: false,
          },
        ],
      },
    ]);
    const gone = await ask(withdrawOverlay, { version: 2 }, `${path}/withdraw`);
    expect(gone.withdrawn).toBe(true);
    expect((await ask(listOverlays)).overlays).toEqual([]);
    const { body } = await api.ask('GET', `${path}/history`);
    expect((body.versions as { version: number }[]).map(({ version }) => version)).toEqual([3, 2, 1]);
  });

  test('is refused when it says nothing or too much', async () => {
    const add = (more: object) => api.ask('POST', addOverlay.path, { terms: { ...terms, ...more } });
    expect(await add({ discount_percent: null })).toMatchObject({ status: 400 });
    expect(await add({ discount_percent: '101' })).toMatchObject({ status: 400 });
    expect(await add({ prices: { inptu: '1' } })).toMatchObject({ status: 400 });
    expect(await add({ valid_to: '2026-10-01' })).toMatchObject({ status: 400 });
    expect(await api.ask('PUT', '/api/v1/price-overlays/none', { terms, version: 1 })).toMatchObject({
      status: 404,
    });
  });
});

test('a rate is corrected by a later one, and the earlier stays readable', async () => {
  const rate = { currency: 'EUR', day: '2026-11-01', usd_per_unit: '1.08' };
  expect((await ask(previewRates, { rates: [rate] })).effect.days_90.calls).toBe(0);
  const { path, method } = { path: '/api/v1/exchange-rates', method: 'POST' };
  expect(await api.ask(method, path, { rates: [rate] })).toMatchObject({ status: 200, body: { added: 1 } });
  await api.ask(method, path, { rates: [{ ...rate, usd_per_unit: '1.09' }], source: 'ECB' });
  const { rates } = await ask(listRates);
  expect(rates).toMatchObject([{ usd_per_unit: '1.09', source: 'ECB' }]);
  expect((await ask(listRates, { known_at: '2026-11-01T00:00:00Z' })).rates).toEqual([]);
  expect(await api.ask(method, path, { rates: [rate, rate] })).toMatchObject({ status: 400 });
  expect(await api.ask(method, path, { rates: [{ ...rate, currency: 'USD' }] })).toMatchObject({
    status: 400,
  });
});
