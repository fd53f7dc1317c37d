import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spendKinds } from '#contract/spend-words.ts';
import { priceCall } from '#ledger/price/price-call.ts';
import { loadPriceBook } from '#store/prices/load.ts';
import { PriceBook } from '#store/prices/price-book.ts';
import { entryOfListed } from '#store/prices/price-entry.ts';
import { parseListedModel, pricesFrom } from '#store/prices/price-list.ts';
import { openState } from '#store/state/open.ts';
import { reckon } from '../../test/support/arithmetic.ts';
import { aSpan } from '../../test/support/telemetry.ts';
import type { Call } from '../request/call.ts';
import { deriveCalls } from '../request/calls.ts';
import { describeSpan } from '../request/describe.ts';
import { callToPrice } from './call-cost.ts';

interface GoldenSpan {
  id?: string;
  parent?: string;
  scope: string;
  attributes: Record<string, string>;
  status?: 'error';
  statusMessage?: string;
  startMs?: number;
  endMs?: number;
}

/** Written by hand: expressions and what they come to, in nano-dollars. */
interface GoldenCase {
  name: string;
  dialect: string;
  spans: GoldenSpan[];
  book?: string;
  project?: string;
  at?: string;
  known?: string;
  expect: {
    kinds?: Record<string, string>;
    nanos?: string;
    uncached?: string;
    uncached_nanos?: string;
    /** What the list asks for the same, where that is something else. */
    list?: string;
    list_nanos?: string;
    unpriced?: string;
    low?: string | null;
    low_nanos?: string | null;
    high?: string | null;
    high_nanos?: string | null;
    price_version?: string;
  };
}

interface GoldenBook {
  prices: { version: string; valid_from: string; known_from: string; listed: unknown }[];
  overlays: {
    id: string;
    version: number;
    project: string;
    provider: string;
    model: string;
    percent_off: string;
    prices?: Record<string, string>;
    currency?: string;
    valid_from: string;
    known_from: string;
  }[];
  rates: { currency: string; day: string; usd_per_unit: string; known_from: string }[];
}

const file = new URL('../../test/fixtures/golden-costs.json', import.meta.url);
const { cases, books } = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: GoldenCase[];
  books: Record<string, GoldenBook>;
};

let list: PriceBook;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-golden-'));
  const state = await openState({ dataDir });
  // Known before anything in the books, so that theirs is the later word.
  list = await loadPriceBook(state, { now: () => Date.UTC(2026, 7, 1) });
  await state.destroy();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function bookNamed(name: string | undefined): PriceBook {
  const more = name === undefined ? undefined : books[name];
  if (!more) return list;
  const entries = more.prices.map(({ version, valid_from, known_from, listed }) =>
    entryOfListed(parseListedModel(listed), {
      priceVersion: version,
      validFromMs: Date.parse(valid_from),
      validToMs: null,
      knownFromMs: Date.parse(known_from),
      ended: false,
    }),
  );
  const overlays = more.overlays.map(overlay => ({
    overlayId: overlay.id,
    version: overlay.version,
    projectId: overlay.project,
    provider: overlay.provider,
    model: overlay.model,
    percentOff: overlay.percent_off,
    prices: pricesFrom(overlay.prices ?? {}),
    currency: overlay.currency ?? 'USD',
    validFromMs: Date.parse(overlay.valid_from),
    validToMs: null,
    knownFromMs: Date.parse(overlay.known_from),
    withdrawn: false,
  }));
  const rates = more.rates.map(rate => ({
    currency: rate.currency,
    dayMs: Date.parse(rate.day),
    usdPerUnit: rate.usd_per_unit,
    knownFromMs: Date.parse(rate.known_from),
  }));
  return new PriceBook([...list.entries, ...entries], { overlays, rates });
}

/** The one call that the spans of a case make, read by the collector. */
function callOf({ spans, dialect, at = '2026-11-05T12:00:00Z' }: GoldenCase): Call {
  const startNs = BigInt(Date.parse(at)) * 1_000_000n;
  const facts = spans.map(({ id = 'f', parent, scope, attributes, status, statusMessage, startMs, endMs }) =>
    describeSpan(
      aSpan({
        spanId: id.padStart(16, '0'),
        parentSpanId: parent ? parent.padStart(16, '0') : '',
        startNs: startNs + BigInt(startMs ?? 0) * 1_000_000n,
        endNs: startNs + BigInt(endMs ?? 3000) * 1_000_000n,
        scope: { name: scope, version: '1.0.0' },
        attributes,
        ...(status && { status }),
        ...(statusMessage && { statusMessage }),
      }),
    ),
  );
  const { calls } = deriveCalls(facts, []);
  expect(calls.map(call => call.dialect)).toEqual([dialect]);
  return calls[0]!;
}

const whole = (nanos: string | null | undefined) => (nanos ? BigInt(nanos) : null);

test.each(cases)('$dialect: $name', golden => {
  const { expect: wanted, book, project = 'default', known } = golden;
  const cost = priceCall(
    callToPrice(callOf(golden), project),
    bookNamed(book),
    known === undefined ? undefined : Date.parse(known),
  );
  if (wanted.kinds) {
    const byKind = Object.fromEntries(
      Object.entries(wanted.kinds)
        .map(([kind, arithmetic]) => [kind, reckon(arithmetic)] as const)
        .filter(([kind, nanos]) => nanos !== 0n || cost.byKind[kind as 'input'] !== undefined),
    );
    const nanos = BigInt(wanted.nanos!);
    const uncached = BigInt(wanted.uncached_nanos!);
    // What was written down is what its arithmetic comes to.
    expect(Object.values(byKind).reduce((sum, part) => sum + part, 0n)).toBe(nanos);
    expect(wanted.uncached === undefined ? nanos : reckon(wanted.uncached)).toBe(uncached);
    const { priceVersion, reductions, ...money } = cost;
    expect(money).toEqual({ nanos, lowNanos: nanos, highNanos: nanos, uncachedNanos: uncached, byKind });
    expect(priceVersion).toContain(wanted.price_version ?? '');
    const off = Object.values(reductions).reduce((sum, part) => sum + part, 0n);
    if (wanted.list_nanos) {
      expect(reckon(wanted.list!)).toBe(BigInt(wanted.list_nanos));
      expect(nanos + off).toBe(BigInt(wanted.list_nanos));
    } else if (!priceVersion.includes('+')) expect(reductions).toEqual({});
  } else {
    for (const bound of ['low', 'high'] as const)
      expect(wanted[bound] ? reckon(wanted[bound]) : null).toBe(whole(wanted[`${bound}_nanos`]));
    expect(cost).toMatchObject({
      nanos: null,
      uncachedNanos: null,
      byKind: {},
      lowNanos: whole(wanted.low_nanos),
      highNanos: whole(wanted.high_nanos),
      unpricedReason: wanted.unpriced,
    });
  }
});

test('the corpus covers every dialect, every kind and every reason for doubt', () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(new Set(cases.map(({ dialect }) => dialect))).toEqual(
    new Set([
      'gen_ai',
      'native',
      'traceloop',
      'openlit',
      'openinference',
      'vercel_ai',
      'vercel_ai_7',
      'langfuse',
    ]),
  );
  expect(new Set(cases.flatMap(({ expect: { kinds = {} } }) => Object.keys(kinds)))).toEqual(
    new Set(spendKinds),
  );
  expect(new Set(cases.flatMap(({ expect: { unpriced } }) => unpriced ?? []))).toEqual(
    new Set([
      'unknown_model',
      'no_exchange_rate',
      'no_usage',
      'not_billed',
      'usage_incomplete',
      'modality_unknown',
      'service_tier_unpriced',
      'kind_unpriced',
    ]),
  );
});
