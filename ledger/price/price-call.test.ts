import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPriceBook } from '#store/prices/load.ts';
import type { PriceBook } from '#store/prices/price-book.ts';
import { openState } from '#store/state/open.ts';
import { type Cost, type PricedCall, priceCall } from './price-call.ts';
import type { CallPieces, CallTokens } from './token-split.ts';

let book: PriceBook;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-cost-'));
  const state = await openState({ dataDir });
  book = await loadPriceBook(state);
  await state.destroy();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const noTokens: CallTokens = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  output: null,
  reasoning: null,
  audioInput: null,
  audioOutput: null,
  imageInput: null,
  imageOutput: null,
  embedding: null,
  total: null,
};
const noPieces: CallPieces = { images: null, searches: null, rerankUnits: null };

function cost(model: string, tokens: Partial<CallTokens>, more: Partial<PricedCall> = {}): Cost {
  const call: PricedCall = {
    projectId: 'default',
    provider: '',
    requestModel: '',
    responseModel: model,
    operation: 'chat',
    serviceTier: '',
    startMs: Date.UTC(2026, 10, 1),
    failed: false,
    httpStatus: null,
    attempts: 1,
    maxOutputTokens: null,
    pieces: noPieces,
    ...more,
    tokens: { ...noTokens, ...tokens },
  };
  return priceCall(call, book);
}

/** Every line reckoned by hand from the list: USD per million tokens × 1000 = nano-dollars per token. */
describe('by hand', () => {
  test.each<[string, Partial<CallTokens>, Record<string, bigint>, Partial<PricedCall>?]>([
    ['gpt-4o-mini-2024-07-18', { input: 1000, output: 500 }, { input: 150_000n, output: 300_000n }],
    [
      'gpt-4o',
      { input: 1000, cacheRead: 400, output: 10 },
      { input: 1_500_000n, cache_read: 500_000n, output: 100_000n },
    ],
    // Reasoning is part of output and costs the same where it is not priced apart.
    ['gpt-5', { input: 100, output: 900, reasoning: 800 }, { input: 125_000n, output: 9_000_000n }],
    // Anthropic: 130 uncached + 64 read + 30 written, ten of these for an hour.
    [
      'claude-sonnet-4-5-20250929',
      { input: 224, cacheRead: 64, cacheWrite: 30, cacheWrite1h: 10, output: 50 },
      {
        input: 390_000n,
        cache_read: 19_200n,
        cache_write: 75_000n,
        cache_write_1h: 60_000n,
        output: 750_000n,
      },
    ],
    // 200,001 tokens are long context, 200,000 are not.
    [
      'claude-sonnet-4-5',
      { input: 200_001, cacheRead: 1, cacheWrite: 10, cacheWrite1h: 10, output: 2 },
      { input: 199_990n * 6_000n, cache_read: 600n, cache_write_1h: 120_000n, output: 45_000n },
    ],
    ['claude-sonnet-4-5', { input: 200_000, output: 2 }, { input: 600_000_000n, output: 30_000n }],
    // The tier lists writes but no one-hour writes: these are not cheaper than the others.
    [
      'claude-sonnet-4-20250514',
      { input: 300_000, cacheWrite: 100, cacheWrite1h: 100, output: 0 },
      { input: 299_900n * 6_000n, cache_write: 750_000n },
    ],
    [
      'gemini-2.5-flash',
      { input: 100, output: 60, reasoning: 40, audioInput: 30 },
      { input: 21_000n, input_audio: 30_000n, output: 50_000n, reasoning: 100_000n },
    ],
    // 100 of 120 tokens were cached; text (90) first, so 10 of the 30 audio tokens.
    [
      'gemini-2.0-flash',
      { input: 120, cacheRead: 100, audioInput: 30, output: 1 },
      { cache_read: 2_500n, input_audio: 14_000n, output: 400n },
    ],
    [
      'gpt-realtime-mini',
      { input: 100, cacheRead: 80, audioInput: 60, output: 10, audioOutput: 10 },
      { cache_read: 24_000n, cache_read_audio: 12_000n, input_audio: 200_000n, output_audio: 200_000n },
    ],
    [
      'gpt-4o-audio-preview',
      { input: 50, audioInput: 40, output: 30, audioOutput: 20 },
      { input: 25_000n, input_audio: 1_600_000n, output: 100_000n, output_audio: 1_600_000n },
    ],
    ['gpt-4o-transcribe', { input: 100, output: 10 }, { input: 250_000n, output: 100_000n }],
    // Draws only: every token that comes out is a picture.
    [
      'gpt-image-1',
      { input: 40, imageInput: 30, output: 1000, imageOutput: 1000 },
      { input: 50_000n, input_image: 300_000n, output_image: 40_000_000n },
    ],
    ['text-embedding-3-small', { embedding: 8 }, { embedding: 160n }, { operation: 'embeddings' }],
    // 7 × 0.0036250 = 25.375 → 25 nano-dollars; 3 × 0.435 × 1000 = 1305.
    ['deepseek-v4-pro', { input: 10, cacheRead: 7, output: 0 }, { input: 1_305n, cache_read: 25n }],
    // No discount is listed for cached tokens of gpt-4-turbo.
    ['gpt-4-turbo', { input: 10, cacheRead: 4, output: 0 }, { input: 60_000n, cache_read: 40_000n }],
    ['gpt-5', { input: 10, output: 10 }, { input: 25_000n, output: 200_000n }, { serviceTier: 'priority' }],
    ['gpt-5', { input: 10, output: 10 }, { input: 12_500n, output: 100_000n }, { serviceTier: 'default' }],
    ['gpt-5.4', { input: 10, output: 10 }, { input: 12_500n, output: 75_000n }, { serviceTier: 'batch' }],
    // Reasoning follows its tier's output price, not the ordinary reasoning price.
    [
      'gemini-3.6-flash',
      { input: 10, output: 10, reasoning: 10 },
      { input: 27_000n, output: 135_000n },
      { serviceTier: 'priority' },
    ],
  ])('%s %o', (model, tokens, byKind, more) => {
    const nanos = Object.values(byKind).reduce((sum, part) => sum + part, 0n);
    expect(cost(model, tokens, more)).toEqual({
      nanos,
      lowNanos: nanos,
      highNanos: nanos,
      byKind,
      reductions: {},
      uncachedNanos: expect.any(BigInt),
      priceVersion: expect.stringMatching(/^[\w.-]+#[0-9a-f]{12}$/),
    });
  });

  test('half a nano-dollar is rounded up, for each kind by itself', () => {
    // 0.0375 and 0.01875 USD per million: 2 × 37.5 = 75; 1 × 18.75 → 19.
    expect(cost('gemini-2.0-flash-lite', { input: 3, cacheRead: 2, output: 0 }).byKind).toEqual({
      input: 75n,
      cache_read: 38n,
    });
    expect(cost('gemini-2.0-flash-lite', { input: 2, cacheRead: 1, output: 0 }).nanos).toBe(75n + 19n);
  });
});

describe('unpriced is never 0', () => {
  const bounds = ({ nanos, lowNanos, highNanos, unpricedReason }: Cost) => [
    nanos,
    lowNanos,
    highNanos,
    unpricedReason,
  ];

  test.each<[string, Cost | (() => Cost), unknown[]]>([
    [
      'a model nobody listed',
      () => cost('llama-at-home', { input: 1, output: 1 }),
      [null, 0n, 187_500n + 750_000n, 'unknown_model'],
    ],
    // As much as the model takes, 128,000, and gives, 16,384: each sum 7 nano-dollars wider.
    [
      'no tokens reported',
      () => cost('gpt-4o', {}),
      [null, 0n, 128_000n * 2_500n + 7n + 16_384n * 10_000n + 7n, 'no_usage'],
    ],
    [
      'no tokens reported, of a model whose limits nobody knows',
      () => cost('gpt-realtime', {}),
      [null, null, null, 'no_usage'],
    ],
    [
      'a refused request: nothing is billed',
      () => cost('gpt-4o', {}, { failed: true, httpStatus: 429 }),
      [null, 0n, 0n, 'not_billed'],
    ],
    [
      'a call that broke off: nobody knows',
      () => cost('gpt-4o', {}, { failed: true }),
      [null, 0n, 128_000n * 2_500n + 7n + 16_384n * 10_000n + 7n, 'no_usage'],
    ],
    [
      'output unknown',
      () => cost('gpt-4o', { input: 10 }),
      [null, 25_000n, 25_000n + 16_384n * 10_000n + 7n, 'usage_incomplete'],
    ],
    [
      'output unknown, more allowed than the model gives',
      () => cost('gpt-4o', { input: 10 }, { maxOutputTokens: 100_000 }),
      [null, 25_000n, 25_000n + 16_384n * 10_000n + 7n, 'usage_incomplete'],
    ],
    [
      'output unknown of several answers',
      () => cost('gpt-4o', { input: 10 }, { severalAnswers: true }),
      [null, 25_000n, null, 'usage_incomplete'],
    ],
    [
      'input unknown',
      () => cost('gpt-4o', { output: 10 }),
      [null, 100_000n, 100_000n + 128_000n * 2_500n + 7n, 'usage_incomplete'],
    ],
    // Text 2.5 in, 10 out; sound 40 in, 80 out.
    [
      'a model that speaks, without the share of sound',
      () => cost('gpt-4o-audio-preview', { input: 10, output: 10 }),
      [null, 125_000n, 1_200_000n, 'modality_unknown'],
    ],
    [
      'a batch of a model without batch price',
      () => cost('claude-haiku-4-5', { input: 10, output: 10 }, { serviceTier: 'batch' }),
      [null, 0n, 60_000n, 'service_tier_unpriced'],
    ],
    [
      'a dearer tier that is not listed',
      () => cost('claude-haiku-4-5', { input: 10, output: 10 }, { serviceTier: 'priority' }),
      [null, 60_000n, 10n * 187_500n + 10n * 750_000n, 'service_tier_unpriced'],
    ],
    [
      'long context in a service tier: between the two',
      () => cost('gpt-5.5', { input: 300_000, output: 0 }, { serviceTier: 'flex' }),
      [null, 750_000_000n, 3_000_000_000n, 'service_tier_unpriced'],
    ],
    [
      'text from a model that only embeds',
      () => cost('text-embedding-3-small', { embedding: 10, output: 5 }, { operation: 'embeddings' }),
      [null, 200n, 200n + 5n * 750_000n, 'kind_unpriced'],
    ],
  ])('%s', (_, make, expected) => {
    const made = typeof make === 'function' ? make() : make;
    expect(bounds(made)).toEqual(expected);
    expect(made.byKind).toEqual({});
  });

  test('tokens that were reported as 0 cost 0', () => {
    expect(cost('gpt-4o', { input: 0, output: 0 }).nanos).toBe(0n);
  });
});

describe('for any call', () => {
  const count = fc.integer({ min: 0, max: 2_000_000 });
  const maybe = fc.option(count, { nil: null });
  const tokens = fc.record({
    input: maybe,
    cacheRead: maybe,
    cacheWrite: maybe,
    cacheWrite1h: maybe,
    output: maybe,
    reasoning: maybe,
    audioInput: maybe,
    audioOutput: maybe,
    imageInput: maybe,
    imageOutput: maybe,
    embedding: fc.constant(null),
    total: fc.constant(null),
  });
  const tier = fc.constantFrom('', 'default', 'priority', 'flex', 'batch', 'scale');
  const operation = fc.constantFrom('chat', 'text_completion', 'embeddings', 'rerank');
  const model = fc.nat().map(index => book.entries[index % book.entries.length]!.model);

  test('kinds sum to the total and bounds enclose it; what is not certain has no total', () => {
    fc.assert(
      fc.property(model, tokens, tier, operation, (name, used, serviceTier, op) => {
        const priced = cost(name, used, { serviceTier, operation: op });
        const sum = Object.values(priced.byKind).reduce((total, part) => total + part, 0n);
        if (priced.nanos === null) {
          expect(priced.byKind).toEqual({});
          expect(priced.unpricedReason).toBeDefined();
          if (priced.lowNanos !== null && priced.highNanos !== null) {
            expect(priced.lowNanos <= priced.highNanos).toBe(true);
          }
        } else {
          expect([priced.lowNanos, priced.highNanos, sum]).toEqual([
            priced.nanos,
            priced.nanos,
            priced.nanos,
          ]);
        }
      }),
    );
  });

  test('more tokens never cost less', () => {
    fc.assert(
      fc.property(model, tokens, count, count, tier, (name, used, input, output, serviceTier) => {
        // Known totals that hold their subsets, so that only their size changes.
        const subsets = (used.cacheRead ?? 0) + (used.cacheWrite ?? 0);
        const less = { ...used, input: (used.input ?? 0) + subsets, output: used.output ?? 0 };
        const more = { ...less, input: less.input + input, output: less.output + output };
        const [before, after] = [cost(name, less, { serviceTier }), cost(name, more, { serviceTier })];
        if (before.lowNanos !== null) expect(after.lowNanos! >= before.lowNanos).toBe(true);
        if (before.nanos !== null && after.nanos !== null) expect(after.nanos >= before.nanos).toBe(true);
      }),
    );
  });

  test('a long request never makes a token cheaper, whatever the list says', () => {
    const write = { input: 150_000, cacheWrite: 150_000, output: 0 };
    expect(cost('gemini-2.5-pro', write).nanos).toBe(150_000n * 1250n);
    expect(cost('gemini-2.5-pro', { ...write, input: 250_000 }).nanos).toBe(250_000n * 2500n);
  });

  test('two calls cost what one of both would, give or take the rounding of each kind', () => {
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const one = cost('deepseek-v4-pro', { input: a + b, cacheRead: a, output: 0 }).nanos!;
        const two = cost('deepseek-v4-pro', { input: a + b + c + d, cacheRead: a + c, output: 0 }).nanos!;
        const rest = cost('deepseek-v4-pro', { input: c + d, cacheRead: c, output: 0 }).nanos!;
        const off = two - one - rest;
        expect(off >= -2n && off <= 2n).toBe(true);
      }),
    );
  });
});
