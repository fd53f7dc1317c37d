import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openState, type StateDb } from '../state/open.ts';
import { listPrices } from '../state/prices.ts';
import { loadPriceBook } from './load.ts';
import { listNames } from './model-names.ts';
import type { PriceBook } from './price-book.ts';
import { femtoPerToken } from './price-list.ts';

let dataDir: string;
let state: StateDb;
let book: PriceBook;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-prices-'));
  state = await openState({ dataDir });
  book = await loadPriceBook(state);
});
afterAll(async () => {
  await state.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

const atMs = Date.UTC(2026, 10, 1);
const find = (provider: string, responseModel: string, requestModel = '') =>
  book.find({ provider, responseModel, requestModel, atMs })?.model ?? null;

test.each([
  [5, 5_000_000_000n],
  [0.003625, 3_625_000n],
  ['0.1', 100_000_000n],
  [1e-7, 100n],
  ['12.500000000000', 12_500_000_000n],
  [0, 0n],
])('%s USD per million is %s femto-dollars a token', (usd, femto) => {
  expect(femtoPerToken(usd)).toBe(femto);
});

test.each([Number.NaN, -1, 'free', 1e-10, ''])('%s is no price', usd => {
  expect(() => femtoPerToken(usd)).toThrow();
});

describe('names', () => {
  test('lose their decorations one by one', () => {
    expect(listNames('us.anthropic.claude-sonnet-4-5-20250929-v1:0')).toEqual([
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'anthropic.claude-sonnet-4-5-20250929-v1:0',
      'claude-sonnet-4-5-20250929-v1:0',
      'claude-sonnet-4-5-20250929',
      'claude-sonnet-4-5',
    ]);
    expect(listNames('gpt-4.1')).toEqual(['gpt-4.1']);
    expect(listNames('  ')).toEqual([]);
  });

  test.each([
    ['openai', 'gpt-4o-mini-2024-07-18', 'gpt-4o-mini'],
    ['openai', 'gpt-4o-2026-01-31', 'gpt-4o'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['openai', 'o1', 'o1-2024-12-17'],
    ['azure.ai.openai', 'gpt-4.1-2025-04-14', 'gpt-4.1'],
    ['', 'openai/gpt-5', 'gpt-5'],
    ['litellm', 'openrouter/anthropic/claude-sonnet-4-5', 'claude-sonnet-4-5'],
    ['aws.bedrock', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5'],
    ['gcp.vertex_ai', 'claude-opus-4-1@20250805', 'claude-opus-4-1'],
    ['gcp.gemini', 'models/gemini-2.0-flash-001', 'gemini-2.0-flash'],
    ['openai', 'deepseek-chat', 'deepseek-chat'],
    ['aws.bedrock', 'amazon.titan-embed-text-v2:0', 'amazon.titan-embed-text-v2'],
    ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', 'meta-llama/Llama-3.3-70B-Instruct-Turbo'],
  ])('%s: %s is priced as %s', (provider, sent, listed) => {
    expect(find(provider, sent)).toBe(listed);
  });

  test.each([
    ['openai', 'gpt-99'],
    ['openai', 'ft:gpt-4o-mini-2024-07-18:acme::abc123'],
    ['ollama', 'deepseek-chat'],
    ['groq', 'meta-llama/Llama-3.3-70B-Instruct-Turbo'],
    ['openai', ''],
    ['openai', '__proto__'],
  ])('%s: %s has no price', (provider, sent) => {
    expect(find(provider, sent)).toBeNull();
  });

  test('the model that answered counts, the one asked for only when that has no price', () => {
    expect(find('openai', 'gpt-4o-mini', 'gpt-4o')).toBe('gpt-4o-mini');
    expect(find('mistral_ai', 'mistral-large-2411', 'mistral-large-latest')).toBe('mistral-large-latest');
    expect(find('openai', '', 'gpt-4o')).toBe('gpt-4o');
  });

  test('every name of the list finds its own model', () => {
    for (const entry of book.entries) {
      for (const name of [entry.model, ...entry.aliases])
        expect(find(entry.provider, name)).toBe(entry.model);
    }
  });
});

describe('time', () => {
  const model = (input: number, asOf: string) => ({
    provider: 'acme',
    model: 'm-1',
    mode: 'chat',
    usd_per_1m: { input, output: 1 },
    aliases: asOf > '2026-09' ? ['m-1-new-name'] : [],
    source: 'a test',
    as_of: asOf,
  });
  const load = async (name: string, ...models: object[]) => {
    const listFile = join(dataDir, `${name}.json`);
    await writeFile(listFile, JSON.stringify({ schema: 1, models }));
    return loadPriceBook(state, { listFile, now: () => atMs });
  };
  const inputAt = (from: PriceBook, day: string, responseModel = 'm-1') =>
    from.find({ provider: 'acme', responseModel, requestModel: '', atMs: Date.parse(day) })?.prices.input;

  test('the first price known holds for all that came before; a new one from its own date', async () => {
    const first = await load('a', model(2, '2026-07-01'));
    expect(inputAt(first, '2024-01-01')).toBe(femtoPerToken(2));
    const second = await load('b', model(3, '2026-10-01'));
    expect(inputAt(second, '2026-09-30T23:59:59.999Z')).toBe(femtoPerToken(2));
    expect(inputAt(second, '2026-10-01')).toBe(femtoPerToken(3));
    expect(inputAt(second, '2024-01-01', 'm-1-new-name')).toBe(femtoPerToken(2));
    // A downgrade, and the same list again, change nothing; going back to an old price is a new one.
    await load('a', model(2, '2026-07-01'));
    await load('b', model(3, '2026-10-01'));
    const third = await load('c', model(2, '2026-11-01'));
    expect(inputAt(third, '2026-10-31')).toBe(femtoPerToken(3));
    expect(inputAt(third, '2026-11-02')).toBe(femtoPerToken(2));
    const stored = (await listPrices(state)).filter(row => row.provider === 'acme');
    expect(stored.map(row => [row.valid_from, row.valid_to])).toEqual([
      ['1970-01-01', null],
      ['2026-10-01', null],
      ['2026-11-01', null],
    ]);
    expect(new Set(stored.map(row => row.price_id)).size).toBe(3);
  });

  test('a price somebody put in is not succeeded by a list', async () => {
    await state.updateTable('prices').set({ source: 'contract' }).where('model', '=', 'm-1').execute();
    const book = await load('d', model(9, '2026-12-01'));
    expect(inputAt(book, '2027-01-01')).toBe(femtoPerToken(2));
  });

  test('a list that cannot be right is refused, naming the model', async () => {
    await expect(load('e', { ...model(1, '2027-01-01'), usd_per_1m: { inptu: 1 } })).rejects.toThrow('m-1');
    await expect(load('f', { ...model(1, '2027-01-01'), surcharge: 1 })).rejects.toThrow('m-1');
  });
});
