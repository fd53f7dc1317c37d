import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelCard } from '#contract/model-card.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow } from '../../test/support/rows.ts';

let engine: TestEngine;
let api: TestApi;
const nowMs = Date.parse('2026-11-21T00:00Z');
const path = '/api/v1/features/shop%2Fhelp/card';

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const rows = Array.from({ length: 40 }, (_, at) => {
    const failed = at % 10 === 9;
    return callRow({
      at: new Date(Date.parse('2026-11-20T00:00Z') + at * 60_000).toISOString(),
      span_id: (at + 1).toString(16).padStart(16, '0'),
      feature: 'shop/help',
      ...{ prompt_name: 'answer', prompt_version: at < 20 ? 'v1' : 'v2', release: at < 20 ? '1.0' : '2.0' },
      ...(failed
        ? { failed: 1, error_type: 'timeout', finish_reason: '', cost_nanos: null, output_tokens: null }
        : {}),
      duration_ns: String((at < 20 ? 500 : 900) * 1_000_000),
    });
  });
  const judge = callRow({
    at: '2026-11-20T01:00:00Z',
    span_id: 'ff',
    feature: 'shop/help',
    purpose: 'evaluation',
  });
  const scores = rows
    .filter(row => row.failed === 0)
    .map((row, at) =>
      scoreRow({
        at: '2026-11-20T02:00:00Z',
        score_id: `s${at}`,
        ...{ trace_id: row.trace_id, span_id: row.span_id, inclusion_probability: 1 },
        ...(at % 6 === 5 ? { value: 0, label: 'wrong' } : { value: 1, label: 'right' }),
      }),
    );
  await engine.clickhouse.insert('calls', [...rows, judge]);
  await engine.clickhouse.insert('scores', scores);
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

async function cardOf(query = ''): Promise<ModelCard> {
  const { status, body } = await api.ask('GET', `${path}${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as ModelCard;
}

it('tells of a version what its calls tell', async () => {
  const card = await cardOf('?version=prompt:answer%20v2');
  expect(card).toMatchObject({
    feature: 'shop/help',
    calls: 20,
    latency: { calls: 18, p50_ms: 900 },
    failures: { failed_calls: 2, refusals: null },
    tokens: { input: { calls: 20, mean: 100 }, output: { calls: 18, mean: 20 } },
    texts: { intended_use: null, limits: null, owner: null },
    golden: { runs: [], gates: [] },
    fairness: null,
  });
  expect(card.versions.prompt).toMatchObject([{ name: 'answer v2', calls: 20, share: 1 }]);
  expect(card.failures.error_types).toMatchObject([{ name: 'timeout', calls: 2, share: 0.1 }]);
  expect(card.failures.error_types[0]!.examples).toHaveLength(2);
  const [quality] = card.quality;
  expect(quality).toMatchObject({
    score: 'answer_quality',
    n: 18,
    calls: 18,
    coverage: 1,
    basis: 'weighted',
  });
  expect(quality!.low).toBeLessThan(quality!.value!);
  expect(card.failures.lowest).toMatchObject([{ score: 'answer_quality', label: 'wrong', n: 3, mean: 0 }]);
  expect(card.missing).toContain('Nobody has written: intended use, limits, owner.');
});

it('takes the cost of a release from the calls, because the ledger does not know releases', async () => {
  const { cost } = await cardOf('?version=release:2.0');
  expect(cost).toMatchObject({
    source: 'calls',
    calls: 20,
    priced_calls: 18,
    usd_per_1000_calls: '0.027000000',
  });
  const all = await cardOf();
  expect(all).toMatchObject({ calls: 40, version: [] });
  expect(all.versions.release.map(({ name }) => name).sort()).toEqual(['1.0', '2.0']);
});

it('shows a feature without calls as not known', async () => {
  const { body } = await api.ask('GET', '/api/v1/features/nothing/card');
  expect(body).toMatchObject({
    calls: 0,
    first_call: null,
    quality: [],
    latency: { calls: 0, p50_ms: null },
    cost: { priced_calls: 0, usd_per_1000_calls: null, total_usd: null },
  });
});

it('keeps every version of what people write, and shows the newest', async () => {
  const put = (body: object) => api.ask('PUT', `${path}/texts`, body);
  await put({ intended_use: 'Questions of shoppers', owner: 'Shop team', author: 'Ada' });
  await put({ intended_use: 'Questions of shoppers', limits: 'No medical questions', author: 'Ben' });
  const second = await put({ intended_use: 'Questions of shoppers and staff', author: 'Ben' });
  expect(second.body).toMatchObject({
    texts: {
      intended_use: { version: 2, author: 'Ben' },
      limits: { version: 1 },
      owner: { version: 1, author: 'Ada' },
    },
  });
  await put({ owner: '' });
  expect((await cardOf()).texts.owner).toBeNull();
  const { body } = await api.ask('GET', `${path}/texts`);
  expect(body.texts).toHaveLength(5);
});

it('is Markdown when asked for it', async () => {
  const asked = await api.fetch(`${path}?format=md`);
  expect(asked.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
  expect(asked.headers.get('content-disposition')).toBe('attachment; filename="model-card-shop-help.md"');
  expect(await asked.text()).toContain('# Model card: shop/help');
  const accepted = await api.fetch(path, { headers: { accept: 'text/markdown' } });
  expect(await accepted.text()).toContain('> Questions of shoppers and staff');
  const wrong = await api.ask('GET', `${path}?version=tenant:acme`);
  expect(wrong.status).toBe(400);
});
