import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { PriceBook } from '#store/prices/price-book.ts';
import { entryOfListed, type PriceEntry, type PriceOverlay } from '#store/prices/price-entry.ts';
import { pricesFrom, readPriceList } from '#store/prices/price-list.ts';
import { makerOf } from './makers.ts';
import { type Cost, priceCall } from './price-call.ts';
import type { PricedCall } from './priced-call.ts';

const startMs = Date.UTC(2026, 10, 5);
const context = 2_000_000;
const longest = 500_000;

let book: PriceBook;
beforeAll(async () => {
  const file = new URL('../../store/prices/model-prices.json', import.meta.url);
  const models = readPriceList(JSON.parse(await readFile(file, 'utf8')));
  const entries = models.map(({ listed }) => entryOf(listed.model, listed));
  const inEuro = { ...entries[0]!, model: 'euro-1', provider: 'aleph', aliases: [], currency: 'EUR' };
  const limited = { ...entries[0]!, model: 'limited-1', provider: 'acme', aliases: [] };
  const bySearch = { ...limited, model: 'searching-1', prices: { ...limited.prices, search: 10n ** 13n } };
  book = new PriceBook(
    [...entries, inEuro, { ...limited, maxInputTokens: context, maxOutputTokens: longest }, bySearch],
    { overlays, rates: [{ currency: 'EUR', dayMs: 0, usdPerUnit: '1.0834', knownFromMs: 0 }] },
  );
});

function entryOf(priceVersion: string, listed: Parameters<typeof entryOfListed>[0]): PriceEntry {
  return entryOfListed(listed, {
    priceVersion,
    validFromMs: 0,
    validToMs: null,
    knownFromMs: 0,
    ended: false,
  });
}

const agreed: Omit<PriceOverlay, 'overlayId' | 'projectId' | 'percentOff' | 'model' | 'prices'> = {
  version: 1,
  provider: '',
  currency: 'USD',
  validFromMs: 0,
  validToMs: null,
  knownFromMs: 0,
  withdrawn: false,
};
const overlays: PriceOverlay[] = [
  { ...agreed, overlayId: 'off', projectId: 'discount', percentOff: '12.5', model: '', prices: {} },
  {
    ...agreed,
    overlayId: 'dear',
    projectId: 'dear',
    percentOff: null,
    model: 'gpt-*',
    // Dearer than anything on sale, in euros.
    prices: pricesFrom({ input: '200', output: '900' }),
    currency: 'EUR',
  },
];

const count = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: longest }));
const share = fc.integer({ min: 0, max: 100 });
const tier = fc.constantFrom('', '', 'default', 'priority', 'flex', 'batch', 'scale');
const project = fc.constantFrom('default', 'discount', 'dear');

/** Any call of a model of the book, its subsets inside their wholes. */
const anyCall = fc
  .record({
    index: fc.nat(),
    input: count,
    output: count,
    shares: fc.array(share, { minLength: 6, maxLength: 6 }),
  })
  .chain(({ index, input: anyInput, output: anyOutput, shares }) =>
    fc.record({ serviceTier: tier, projectId: project, searches: fc.nat({ max: 3 }) }).map(more => {
      const entry = book.entries[index % book.entries.length]!;
      // No model takes or gives more than it can.
      const input = Math.min(anyInput, entry.maxInputTokens ?? longest);
      const output = Math.min(anyOutput, entry.maxOutputTokens ?? longest);
      const embeds = entry.mode === 'embedding';
      const part = (whole: number, at: number) => Math.floor((whole * shares[at]!) / 100);
      const cacheRead = part(input, 0);
      const cacheWrite = part(input - cacheRead, 1);
      const call: PricedCall = {
        projectId: more.projectId,
        provider: entry.provider,
        requestModel: entry.model,
        responseModel: '',
        operation: embeds ? 'embeddings' : 'chat',
        serviceTier: more.serviceTier,
        startMs,
        failed: false,
        httpStatus: null,
        attempts: 1,
        maxOutputTokens: null,
        tokens: {
          input: embeds ? null : input,
          cacheRead: embeds ? null : cacheRead,
          cacheWrite: embeds ? null : cacheWrite,
          cacheWrite1h: embeds ? null : part(cacheWrite, 2),
          output: embeds ? null : output,
          reasoning: embeds ? null : part(output, 3),
          audioInput: embeds ? null : part(input, 4),
          audioOutput: embeds ? null : part(output, 5),
          imageInput: embeds ? null : 0,
          imageOutput: embeds ? null : 0,
          embedding: embeds ? input : null,
          total: null,
        },
        pieces: { images: null, searches: entry.prices.search ? more.searches : null, rerankUnits: null },
      };
      return call;
    }),
  );

const runs = { numRuns: 4000, seed: 20261121 };

/** That the true cost lies between the bounds, where there are any. */
function encloses({ lowNanos, highNanos }: Cost, truth: bigint, call: PricedCall): void {
  if ((lowNanos ?? 0n) <= truth && (highNanos === null || highNanos >= truth)) return;
  expect({ call, lowNanos, highNanos, truth }).toBe('the true cost within the bounds');
}

describe('the true cost lies within the bounds', () => {
  test('of a model nobody listed, which always has both', () => {
    fc.assert(
      fc.property(anyCall, call => {
        const truth = priceCall(call, book).nanos;
        if (truth === null) return;
        const hidden = priceCall({ ...call, requestModel: 'hidden-1', provider: 'acme' }, book);
        expect(hidden).toMatchObject({ nanos: null, unpricedReason: 'unknown_model' });
        expect([hidden.lowNanos, typeof hidden.highNanos]).toEqual([0n, 'bigint']);
        encloses(hidden, truth, call);
      }),
      runs,
    );
  });

  test('of one whose maker is known, and nearer to each other', () => {
    let narrower = 0;
    fc.assert(
      fc.property(anyCall, call => {
        const truth = priceCall(call, book).nanos;
        if (truth === null || !makerOf(call.provider, '')) return;
        const hidden = priceCall({ ...call, requestModel: 'hidden-1' }, book);
        expect(hidden).toMatchObject({ nanos: null, unpricedReason: 'unknown_model' });
        encloses(hidden, truth, call);
        const any = priceCall({ ...call, requestModel: 'hidden-1', provider: 'acme' }, book);
        expect(hidden.highNanos! <= any.highNanos!).toBe(true);
        if (hidden.highNanos! * 2n < any.highNanos!) narrower += 1;
      }),
      runs,
    );
    expect(narrower).toBeGreaterThan(100);
  });

  test('of one whose maker is known, though its price list lacks the dearest half of what it sells', () => {
    const text = (entry: PriceEntry) => entry.prices.output ?? entry.prices.input ?? 0n;
    fc.assert(
      fc.property(fc.array(anyCall, { minLength: 20, maxLength: 20 }), calls => {
        const median = new Map<string, bigint>();
        for (const { provider } of book.entries) {
          const prices = book.entries.filter(one => one.provider === provider).map(text);
          median.set(provider, prices.toSorted((a, b) => Number(a - b))[Math.floor(prices.length / 2)]!);
        }
        const cheap = new PriceBook(
          book.entries.filter(entry => text(entry) <= (median.get(entry.provider) ?? 0n)),
          book,
        );
        for (const call of calls) {
          const truth = priceCall(call, book).nanos;
          const without = priceCall(call, cheap);
          if (truth !== null && without.unpricedReason === 'unknown_model') encloses(without, truth, call);
        }
      }),
      { ...runs, numRuns: 40 },
    );
  });

  test('of one that contradicts itself, with more in the cache than there was', () => {
    fc.assert(
      fc.property(anyCall, count, count, count, (call, cacheRead, cacheWrite, audioInput) => {
        const tokens = { ...call.tokens, cacheRead, cacheWrite, audioInput };
        const truth = priceCall({ ...call, tokens }, book).nanos;
        if (truth === null) return;
        encloses(
          priceCall({ ...call, tokens, requestModel: 'hidden-1', provider: 'acme' }, book),
          truth,
          call,
        );
      }),
      runs,
    );
  });

  test('when every tenth model is hidden, by its name or from the book, in any book of the rest', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9 }), fc.array(anyCall, { minLength: 20, maxLength: 20 }), (nth, calls) => {
        const smaller = new PriceBook(
          book.entries.filter((_, at) => at % 10 !== nth),
          book,
        );
        for (const call of calls) {
          const truth = priceCall(call, book).nanos;
          const without = priceCall(call, smaller);
          if (truth !== null && without.unpricedReason === 'unknown_model') encloses(without, truth, call);
        }
      }),
      { ...runs, numRuns: 100 },
    );
  });

  test('when the output is unknown and the request limited it', () => {
    fc.assert(
      fc.property(anyCall, count, fc.integer({ min: 1, max: 3 }), (call, spare, attempts) => {
        const truth = priceCall(call, book).nanos;
        const { output } = call.tokens;
        if (truth === null || output === null) return;
        const tokens = {
          ...call.tokens,
          output: null,
          reasoning: null,
          audioOutput: null,
          imageOutput: null,
        };
        const cost = priceCall({ ...call, tokens, attempts, maxOutputTokens: output + spare }, book);
        expect(cost.nanos).toBeNull();
        if (output + spare > 0) expect(cost.highNanos).not.toBeNull();
        encloses(cost, truth, call);
      }),
      runs,
    );
  });

  test('when nothing is known but the limits of the model, or the sum of input and output', () => {
    fc.assert(
      fc.property(anyCall, fc.boolean(), (call, isLimited) => {
        const named = isLimited ? { ...call, provider: 'acme', requestModel: 'limited-1' } : call;
        const truth = priceCall(named, book).nanos;
        const { input, output } = named.tokens;
        if (truth === null || input === null || output === null) return;
        const none = Object.fromEntries(Object.keys(named.tokens).map(kind => [kind, null]));
        const tokens = { ...named.tokens, ...none };
        encloses(priceCall({ ...named, tokens }, book), truth, named);
        const total = { ...tokens, total: input + output };
        // A counted kind that the sum does not tell of would have to be added to it.
        if (named.pieces.searches) return;
        const summed = priceCall({ ...named, tokens: total }, book);
        expect(summed.highNanos).not.toBeNull();
        encloses(summed, truth, named);
      }),
      runs,
    );
  });
});

/** What a stream without usage says: the model, and what was asked for. */
const silent = (call: PricedCall, asked: { maxOutputTokens: number | null; severalAnswers?: boolean }) => ({
  ...call,
  ...asked,
  tokens: Object.fromEntries(Object.keys(call.tokens).map(kind => [kind, null])) as never,
  pieces: { images: null, searches: null, rerankUnits: null },
});

describe('the true cost of a stream without usage lies within the bounds', () => {
  test('of a model with published limits always, of others never above a bound that is not known', () => {
    let bounded = 0;
    let unbounded = 0;
    fc.assert(
      fc.property(anyCall, fc.option(count), fc.integer({ min: 1, max: 3 }), (call, spare, attempts) => {
        const truth = priceCall({ ...call, pieces: { ...call.pieces, searches: null } }, book).nanos;
        const { output } = call.tokens;
        if (truth === null || output === null) return;
        const asked = spare === null ? null : output + spare;
        const cost = priceCall({ ...silent(call, { maxOutputTokens: asked }), attempts }, book);
        expect(cost).toMatchObject({ nanos: null, unpricedReason: 'no_usage' });
        encloses(cost, truth, call);
        if (call.serviceTier !== '' || call.projectId !== 'default') return;
        const { maxInputTokens, maxOutputTokens, mode } =
          book.entries.find(
            ({ model, provider }) => model === call.requestModel && provider === call.provider,
          ) ?? {};
        if (mode === 'embedding') return;
        const isLimited = !!maxInputTokens && !!(maxOutputTokens || asked);
        expect([call.requestModel, cost.highNanos !== null]).toEqual([call.requestModel, isLimited]);
        if (isLimited) bounded += 1;
        else unbounded += 1;
      }),
      runs,
    );
    expect(bounded).toBeGreaterThan(300);
    expect(unbounded).toBeGreaterThan(10);
  });

  test('and is as much output as was asked for, of each answer as much as the model gives', () => {
    fc.assert(
      fc.property(anyCall, fc.integer({ min: 2, max: 5 }), (call, answers) => {
        const entry = book.find({ ...call, atMs: call.startMs })!;
        const { output, input } = call.tokens;
        if (output === null || input === null || !entry.maxOutputTokens) return;
        // Each of the answers at the model's limit.
        const tokens = { ...call.tokens, output: entry.maxOutputTokens * answers };
        const truth = priceCall({ ...call, tokens, pieces: { ...call.pieces, searches: null } }, book).nanos;
        if (truth === null) return;
        const maxOutputTokens = entry.maxOutputTokens * answers;
        const severalAnswers = true;
        encloses(priceCall(silent(call, { maxOutputTokens, severalAnswers }), book), truth, call);
        const nothingAsked = priceCall(silent(call, { maxOutputTokens: null, severalAnswers }), book);
        expect(nothingAsked.highNanos).toBeNull();
        const one = priceCall(silent(call, { maxOutputTokens: null }), book).highNanos;
        expect(priceCall(silent(call, { maxOutputTokens }), book).highNanos).toBe(one);
      }),
      { ...runs, numRuns: 1000 },
    );
  });

  test('of any traffic: a tenth of unknown models, streams without usage, estimates, and the sum of all', () => {
    const asTold = fc.constantFrom(
      'counted',
      'counted',
      'hidden',
      'silent',
      'silent and limited',
      'estimated',
    );
    const traffic = fc.array(fc.tuple(anyCall, asTold, fc.integer({ min: 50, max: 200 })), {
      minLength: 20,
      maxLength: 20,
    });
    let whole = 0;
    fc.assert(
      fc.property(traffic, calls => {
        let [low, high, sum]: [bigint, bigint | null, bigint] = [0n, 0n, 0n];
        for (const [sent, told, percent] of calls) {
          const call = { ...sent, pieces: { ...sent.pieces, searches: null } };
          const truth = priceCall(call, book).nanos;
          const { input, output } = call.tokens;
          if (truth === null || input === null || output === null) continue;
          const isSmall = [input, output].some(tokens => tokens > 0 && tokens <= 20);
          if (told === 'estimated' && isSmall) continue;
          const off = (tokens: number) => Math.round((tokens * percent) / 100);
          const asSent: PricedCall =
            told === 'hidden'
              ? { ...call, requestModel: 'hidden-1' }
              : told === 'silent'
                ? silent(call, { maxOutputTokens: null })
                : told === 'silent and limited'
                  ? silent(call, { maxOutputTokens: output + percent })
                  : told === 'estimated'
                    ? {
                        ...call,
                        estimated: true,
                        tokens: { ...call.tokens, input: off(input), output: off(output) },
                      }
                    : call;
          const cost = priceCall(asSent, book);
          encloses(cost, truth, call);
          sum += truth;
          low += cost.lowNanos ?? 0n;
          high = high === null || cost.highNanos === null ? null : high + cost.highNanos;
        }
        expect(low <= sum && (high === null || high >= sum)).toBe(true);
        if (high !== null) whole += 1;
      }),
      { ...runs, numRuns: 300 },
    );
    expect(whole).toBeGreaterThan(20);
  });
});

describe('the true cost of estimated tokens lies within the bounds', () => {
  /** What a sender may have told of a call whose tokens it estimated: each up to half or twice the true count, nothing of cache or sound. */
  const off = fc.integer({ min: 50, max: 200 });
  const estimateOf = (call: PricedCall, input: number, output: number, tells: boolean): PricedCall => {
    const of = (count: number | null, percent: number) =>
      count === null ? null : Math.round((count * percent) / 100);
    const { tokens } = call;
    const none = { cacheRead: null, cacheWrite: null, cacheWrite1h: null, reasoning: null };
    return {
      ...call,
      estimated: true,
      tokens: {
        ...tokens,
        ...(tells
          ? {}
          : { ...none, audioInput: null, audioOutput: null, imageInput: null, imageOutput: null }),
        input: of(tokens.input, input),
        output: of(tokens.output, output),
        embedding: of(tokens.embedding, input),
      },
    };
  };
  /** Rounded to whole tokens, an estimate of a few is off by more than its percentage. */
  const isCounted = (count: number | null) => count === null || count === 0 || count > 20;

  test('where all that was billed is shown, half or double, and so does the booked one', () => {
    let wide = 0;
    fc.assert(
      fc.property(anyCall, off, off, fc.boolean(), (call, input, output, tells) => {
        const truth = priceCall(call, book).nanos;
        const { tokens } = call;
        if (truth === null || ![tokens.input, tokens.output, tokens.embedding].every(isCounted)) return;
        const cost = priceCall(estimateOf(call, input, output, tells), book);
        encloses(cost, truth, call);
        if (cost.nanos !== null) encloses(cost, cost.nanos, call);
        if (cost.highNanos !== null && cost.lowNanos! < cost.highNanos) wide += 1;
      }),
      runs,
    );
    expect(wide).toBeGreaterThan(300);
  });

  test('where thoughts may be hidden, up to the limit of the model or the request', () => {
    fc.assert(
      fc.property(
        anyCall,
        off,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 5000 }),
        (call, input, shown, spare) => {
          const limited = { ...call, provider: 'acme', requestModel: 'limited-1' };
          const truth = priceCall(limited, book).nanos;
          if (truth === null || !isCounted(limited.tokens.input) || !isCounted(limited.tokens.output)) return;
          // Of what was put out the stream shows a part, and of that the sender counts what it counts.
          const estimate = {
            ...estimateOf(limited, input, shown, false),
            maxOutputTokens: (limited.tokens.output ?? 0) + spare,
          };
          const cost = priceCall(estimate, book);
          if ((limited.tokens.output ?? 0) > 0 && estimate.tokens.output === 0) return;
          // Half of what is shown is surely paid for.
          encloses(cost, truth, limited);
        },
      ),
      runs,
    );
  });

  test('and of a model nobody listed, as far as anything can be said', () => {
    fc.assert(
      fc.property(anyCall, off, off, (call, input, output) => {
        const truth = priceCall(call, book).nanos;
        const { tokens } = call;
        if (truth === null || ![tokens.input, tokens.output, tokens.embedding].every(isCounted)) return;
        const hidden = {
          ...estimateOf(call, input, output, false),
          requestModel: 'hidden-1',
          provider: 'acme',
        };
        const cost = priceCall(hidden, book);
        expect(cost.nanos).toBeNull();
        encloses(cost, truth, call);
        const atMost = { ...hidden, maxOutputTokens: (tokens.output ?? 0) + 1 };
        const bounded = priceCall(atMost, book);
        encloses(bounded, truth, call);
        expect(bounded.highNanos).not.toBeNull();
      }),
      runs,
    );
  });
});

test('what was taken off leads from the cost to the list price, kind by kind', () => {
  const plain = new PriceBook(book.entries, {
    overlays: [],
    rates: [{ currency: 'EUR', dayMs: 0, usdPerUnit: '1.0834', knownFromMs: 0 }],
  });
  let reduced = 0;
  fc.assert(
    fc.property(anyCall, call => {
      const cost = priceCall(call, book);
      const listed = priceCall(call, plain);
      if (cost.nanos === null) expect(cost.reductions).toEqual({});
      if (cost.nanos === null) return;
      if (listed.nanos === null) return;
      const off = Object.values(cost.reductions).reduce((sum, nanos) => sum + nanos, 0n);
      expect(cost.nanos + off).toBe(listed.nanos);
      for (const [kind, nanos] of Object.entries(listed.byKind))
        expect(
          (cost.byKind[kind as never] ?? 0n) + (cost.reductions[`discount.${kind}` as never] ?? 0n),
        ).toBe(nanos);
      if (off !== 0n) reduced += 1;
    }),
    runs,
  );
  expect(reduced).toBeGreaterThan(500);
});

test('a discount, a currency and a cache change a cost, never its rules', () => {
  fc.assert(
    fc.property(anyCall, call => {
      const { nanos, uncachedNanos, byKind, priceVersion, lowNanos, highNanos } = priceCall(call, book);
      if (nanos === null) {
        expect(uncachedNanos).toBeNull();
        return;
      }
      expect(Object.values(byKind).reduce((sum, part) => sum + part, 0n)).toBe(nanos);
      expect([lowNanos, highNanos]).toEqual([nanos, nanos]);
      expect(priceVersion.includes('+off.1')).toBe(call.projectId === 'discount');
      const { cacheRead, cacheWrite } = call.tokens;
      if (!cacheRead && !cacheWrite) expect(uncachedNanos).toBe(nanos);
    }),
    runs,
  );
});
