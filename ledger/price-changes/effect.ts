import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PriceEffect } from '#contract/price.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import type { PriceBook } from '#store/prices/price-book.ts';
import { dateText } from '#store/prices/statements.ts';
import { type CalledModel, readCalledModels, streamCallsToPrice } from '#store/queries/calls-to-price.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { priceCall } from '../price/price-call.ts';
import { type PricedCall, type PricedRow, pricedCallOfRow, pricedColumns } from '../price/priced-call.ts';

export interface EffectQuestion {
  projectId: string;
  nowMs: number;
  before: PriceBook;
  after: PriceBook;
  /** How long it may take; what was not computed by then is left out and said so. */
  withinMs?: number;
  signal?: AbortSignal;
}

const dayMs = 86_400_000;
const longDays = 90;
const shortDays = 30;
/** Pricing these takes a few milliseconds: between two turns others are served. */
const callsPerTurn = 300;

interface Figures {
  calls: number;
  before: bigint;
  after: bigint;
  unpricedBefore: number;
  unpricedAfter: number;
}

interface ModelFigures {
  provider: string;
  model: string;
  days30: Figures;
  days90: Figures;
}

/**
 * What the calls of the last 30 and 90 days would have cost with one book and with the other, each priced anew from its tokens.
 * Only calls of models whose price differs are read, day by day from the newest on, so memory stays small whatever their number.
 */
export async function effectOf(clickhouse: ClickHouse, question: EffectQuestion): Promise<PriceEffect> {
  const { projectId, nowMs, before, after, withinMs = 8000, signal } = question;
  const startedMs = performance.now();
  const range = { projectId, fromMs: nowMs - longDays * dayMs, toMs: nowMs };
  const called = await readCalledModels(clickhouse, range, signal);
  const touched = called.filter(touches(question, range.fromMs));
  const models = new Map<string, ModelFigures>();
  let coversFromMs = touched.length === 0 ? range.fromMs : nowMs;
  for (let toMs = nowMs; touched.length > 0 && toMs > range.fromMs; toMs -= dayMs) {
    if (performance.now() - startedMs > withinMs) break;
    const day = { projectId, fromMs: toMs - dayMs, toMs };
    for await (const rows of streamCallsToPrice<PricedRow>(clickhouse, day, touched, pricedColumns, signal)) {
      for (const [at, row] of rows.entries()) {
        add(models, row, { nowMs, before, after });
        if (at % callsPerTurn === callsPerTurn - 1) await nextTurn();
      }
    }
    coversFromMs = day.fromMs;
  }
  return replyOf([...models.values()], coversFromMs, range.fromMs);
}

/** Whether a model called by these names has other prices, at any time since `fromMs`. */
function touches({ projectId, nowMs, before, after }: EffectQuestion, fromMs: number) {
  const times = edgesOf([before, after], fromMs, nowMs);
  return (called: CalledModel) =>
    times.some(startMs => {
      const probe = probeOf(called, projectId, startMs);
      return priceCall(probe, before).priceVersion !== priceCall(probe, after).priceVersion;
    });
}

/** The instants between which no price, discount or rate begins or ends. */
function edgesOf(books: readonly PriceBook[], fromMs: number, toMs: number): number[] {
  const edges = new Set([fromMs]);
  for (const { entries, overlays, rates } of books) {
    for (const { validFromMs, validToMs } of [...entries, ...overlays])
      for (const edge of [validFromMs, validToMs ?? 0]) edges.add(edge);
    for (const { dayMs: edge } of rates) edges.add(edge);
  }
  return [...edges].filter(edge => edge >= fromMs && edge < toMs);
}

const unknownTokens = {
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
  audioInput: null,
  audioOutput: null,
  imageInput: null,
  imageOutput: null,
  embedding: null,
  total: null,
};

/** An ordinary call under these names, to see which prices hold for it. */
function probeOf(called: CalledModel, projectId: string, startMs: number): PricedCall {
  return {
    projectId,
    provider: called.provider,
    requestModel: called.request_model,
    responseModel: called.response_model,
    operation: 'chat',
    tokens: { ...unknownTokens, input: 1000, output: 1000 },
    pieces: { images: null, searches: null, rerankUnits: null },
    maxOutputTokens: null,
    attempts: 1,
    serviceTier: '',
    startMs,
    failed: false,
    httpStatus: null,
  };
}

const none = (): Figures => ({ calls: 0, before: 0n, after: 0n, unpricedBefore: 0, unpricedAfter: 0 });

function add(
  models: Map<string, ModelFigures>,
  row: PricedRow & { model: string; start_ms: string },
  { nowMs, before, after }: { nowMs: number; before: PriceBook; after: PriceBook },
): void {
  const startMs = Number(row.start_ms);
  const call = pricedCallOfRow(row, startMs);
  const [old, now] = [priceCall(call, before), priceCall(call, after)];
  const key = `${row.provider}\n${row.model}`;
  const known = models.get(key);
  const of = known ?? { provider: row.provider, model: row.model, days30: none(), days90: none() };
  if (!known) models.set(key, of);
  for (const figures of startMs >= nowMs - shortDays * dayMs ? [of.days30, of.days90] : [of.days90]) {
    figures.calls += 1;
    figures.before += old.nanos ?? 0n;
    figures.after += now.nanos ?? 0n;
    // One that was refused costs nothing, which is known.
    if (old.nanos === null && old.highNanos !== 0n) figures.unpricedBefore += 1;
    if (now.nanos === null && now.highNanos !== 0n) figures.unpricedAfter += 1;
  }
}

function replyOf(models: ModelFigures[], coversFromMs: number, fromMs: number): PriceEffect {
  const changes = ({ days90: { before, after } }: ModelFigures) =>
    after > before ? after - before : before - after;
  const sorted = models.sort((a, b) => (changes(a) < changes(b) ? 1 : -1));
  return {
    covers_from: dateText(coversFromMs),
    complete: coversFromMs <= fromMs,
    days_30: figuresOf(sum(models.map(({ days30 }) => days30))),
    days_90: figuresOf(sum(models.map(({ days90 }) => days90))),
    models: sorted.map(({ provider, model, days30, days90 }) => ({
      provider,
      model,
      days_30: figuresOf(days30),
      days_90: figuresOf(days90),
    })),
  };
}

function sum(all: readonly Figures[]): Figures {
  return all.reduce(
    (total, one) => ({
      calls: total.calls + one.calls,
      before: total.before + one.before,
      after: total.after + one.after,
      unpricedBefore: total.unpricedBefore + one.unpricedBefore,
      unpricedAfter: total.unpricedAfter + one.unpricedAfter,
    }),
    none(),
  );
}

const usd = (nanos: bigint) => usdFromNanos(nanos.toString()) ?? '';

const figuresOf = (figures: Figures) => ({
  calls: figures.calls,
  before_usd: usd(figures.before),
  after_usd: usd(figures.after),
  unpriced_before: figures.unpricedBefore,
  unpriced_after: figures.unpricedAfter,
});
