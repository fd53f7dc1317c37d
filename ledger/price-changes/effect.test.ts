import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPriceBook, type PriceStatements, priceBookOf, readPriceStatements } from '#store/prices/load.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { effectOf } from './effect.ts';
import { planChanges } from './plan.ts';
import { saidByFile } from './read-file.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const hours = 2000;

let engine: TestEngine;
let state: StateDb;
let dataDir: string;
let book: PriceStatements;
beforeAll(async () => {
  engine = await startTestEngine();
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-effect-'));
  state = await openState({ dataDir });
  await loadPriceBook(state, { now: () => Date.parse('2026-01-01') });
  book = await readPriceStatements(state);
  // One call an hour of each of two models, for 83 days.
  await engine.clickhouse.command(
    `INSERT INTO calls (project_id, start_time, trace_id, span_id, operation, provider, model, request_model,
       response_model, attempts, input_tokens, output_tokens, version)
     SELECT 'default', toDateTime64({now:String}, 9, 'UTC') - INTERVAL (number + 1) HOUR, hex(number), hex(number), 'chat', 'openai',
       ['gpt-4o', 'gpt-4o-mini'][number % 2 + 1] AS m, m, m, 1, 1000, 100, 1
     FROM (SELECT number FROM numbers({hours:UInt32}))`,
    { now: '2026-11-21 12:00:00', hours },
    { settings: { max_partitions_per_insert_block: '0' } },
  );
});
afterAll(async () => {
  await state?.destroy();
  await engine?.stop();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
});

function effect(text: string, more: object = {}) {
  const said = saidByFile({ name: 'a.csv', text }, book);
  const noted = { knownFrom: new Date(nowMs).toISOString(), notedBy: '', note: '' };
  const { prices, lastFromMs } = planChanges(book, said, noted);
  const after = priceBookOf({ ...book, prices: [...book.prices, ...prices] });
  const asOfMs = Math.max(nowMs, lastFromMs);
  const question = { projectId: 'default', nowMs, before: priceBookOf(book), after, asOfMs };
  return effectOf(engine.clickhouse, { ...question, ...more });
}

const mini = 'provider,model,valid_from,input,output\nopenai,gpt-4o-mini,2026-12-01,0.30,0.60';

test('only models whose price differs are computed; a price to come counts as if it held already', async () => {
  const of = await effect(mini);
  expect(of).toMatchObject({ complete: true, one_in: 1, as_of: '2026-12-01' });
  expect(of.models.map(({ model }) => model)).toEqual(['gpt-4o-mini']);
  // 1,000 calls of 1,000 and 100 tokens: 210,000 nano-dollars each, 360,000 from December on.
  const figures = { calls: 1000, before_usd: '0.210000000' };
  expect(of.days_90).toMatchObject({ ...figures, after_usd: '0.210000000' });
  expect(of.as_if_90).toMatchObject({ ...figures, after_usd: '0.360000000' });
});

test('of very many calls some hours are computed, and the figures scaled', async () => {
  const of = await effect(mini.replace('2026-12-01', '2026-01-01'), { mostCalls: 250 });
  expect(of).toMatchObject({ complete: true, one_in: 5 });
  expect(of.days_90).toMatchObject({
    calls: 1000,
    before_usd: '0.210000000',
    after_usd: '0.360000000',
  });
});

test('what takes too long is left out, and said so', async () => {
  const of = await effect(mini, { withinMs: -1 });
  expect(of).toMatchObject({ complete: false, days_90: { calls: 0 }, models: [] });
});

test('a change that touches no call reads none', async () => {
  const of = await effect('provider,model,input\nacme,other,1');
  expect(of).toMatchObject({
    complete: true,
    days_90: { calls: 0 },
    covers_from: '2026-08-23T12:00:00.000Z',
  });
});
