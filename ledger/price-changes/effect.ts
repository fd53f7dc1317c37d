import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PriceEffect } from '#contract/price.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import type { PriceBook } from '#store/prices/price-book.ts';
import { dateText } from '#store/prices/statements.ts';
import { type CalledModel, readCalledModels, streamCallsToPrice } from '#store/queries/calls-to-price.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { type Cost, priceCall } from '../price/price-call.ts';
import { type PricedCall, type PricedRow, pricedCallOfRow, pricedColumns } from '../price/priced-call.ts';

export interface EffectQuestion {
  projectId: string;
  nowMs: number;
  before: PriceBook;
  after: PriceBook;
  /** A day on which all that differs holds. */
  asOfMs: number;
  /** How long it may take; what was not computed by then is left out and said so. */
  withinMs?: number;
  /** How many calls are read at most, about: of more only some hours are, and the figures are scaled. */
  mostCalls?: number;
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

interface ModelFigures extends Effects {
  provider: string;
  model: string;
}

interface Effects {
  days30: Figures;
  days90: Figures;
  asIf30: Figures;
  asIf90: Figures;
}

/**
 * What the calls of the last 30 and 90 days would have cost with one book and with the other, each priced anew from its tokens: at
 * the prices of its own time, and as if it were made on the day `asOfMs`.
 * Only calls of models whose price differs are read, the newest days first, so memory stays small whatever their number.
 */
export async function effectOf(clickhouse: ClickHouse, question: EffectQuestion): Promise<PriceEffect> {
  const { projectId, nowMs, withinMs = 8000, mostCalls = 400_000, signal } = question;
  const startedMs = performance.now();
  const range = { projectId, fromMs: nowMs - longDays * dayMs, toMs: nowMs };
  const called = await readCalledModels(clickhouse, range, signal);
  const touched = called.filter(touches(question, range.fromMs));
  const calls = touched.reduce((total, one) => total + one.calls, 0);
  const oneIn = oneHourIn(calls / mostCalls);
  const stepMs = daysAtOnce(calls) * dayMs;
  const read = { columns: pricedColumns, oneHourIn: oneIn, ...(signal && { signal }) };
  const models = new Map<string, ModelFigures>();
  let coversFromMs = touched.length === 0 ? range.fromMs : nowMs;
  for (let toMs = nowMs; touched.length > 0 && toMs > range.fromMs; toMs -= stepMs) {
    if (performance.now() - startedMs > withinMs) break;
    const days = { projectId, fromMs: Math.max(range.fromMs, toMs - stepMs), toMs };
    for await (const rows of streamCallsToPrice<PricedRow>(clickhouse, days, touched, read)) {
      for (const [at, row] of rows.entries()) {
        add(models, row, question);
        if (at % callsPerTurn === callsPerTurn - 1) await nextTurn();
      }
    }
    coversFromMs = days.fromMs;
  }
  return replyOf([...models.values()], {
    asOfMs: question.asOfMs,
    coversFromMs,
    fromMs: range.fromMs,
    oneIn,
  });
}

const callsAtOnce = 100_000;

/** Few calls are read in one go; of many only so many that it can be stopped in time. */
const daysAtOnce = (calls: number) =>
  Math.max(1, Math.min(longDays, Math.floor((longDays * callsAtOnce) / Math.max(1, calls))));

/** No common divisor with the hours of a day or of a week: over time every hour of both has its turn. */
const hourSteps = [1, 5, 11, 23, 47, 97, 191, 383, 769];

const oneHourIn = (times: number) => hourSteps.find(step => step >= times) ?? hourSteps.at(-1)!;

/** Whether a model called by these names has other prices, at any time since `fromMs`. */
function touches({ projectId, nowMs, before, after, asOfMs }: EffectQuestion, fromMs: number) {
  const times = [...edgesOf([before, after], fromMs, nowMs), asOfMs];
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

const effects = ['days30', 'days90', 'asIf30', 'asIf90'] as const;
const noEffects = (): Effects => ({ days30: none(), days90: none(), asIf30: none(), asIf90: none() });

function add(
  models: Map<string, ModelFigures>,
  row: PricedRow & { model: string; start_ms: string },
  { nowMs, before, after, asOfMs }: EffectQuestion,
): void {
  const startMs = Number(row.start_ms);
  const key = `${row.provider}\n${row.model}`;
  const known = models.get(key);
  const of = known ?? { provider: row.provider, model: row.model, ...noEffects() };
  if (!known) models.set(key, of);
  const isShort = startMs >= nowMs - shortDays * dayMs;
  const call = pricedCallOfRow(row, startMs);
  const asIf = { ...call, startMs: asOfMs };
  const dated = [priceCall(call, before), priceCall(call, after)] as const;
  const later = [priceCall(asIf, before), priceCall(asIf, after)] as const;
  count(of.days90, dated);
  count(of.asIf90, later);
  if (!isShort) return;
  count(of.days30, dated);
  count(of.asIf30, later);
}

function count(figures: Figures, [old, now]: readonly [Cost, Cost]): void {
  figures.calls += 1;
  figures.before += old.nanos ?? 0n;
  figures.after += now.nanos ?? 0n;
  // One that was refused costs nothing, which is known.
  if (old.nanos === null && old.highNanos !== 0n) figures.unpricedBefore += 1;
  if (now.nanos === null && now.highNanos !== 0n) figures.unpricedAfter += 1;
}

function replyOf(
  models: ModelFigures[],
  { asOfMs, coversFromMs, fromMs, oneIn }: Record<'asOfMs' | 'coversFromMs' | 'fromMs' | 'oneIn', number>,
): PriceEffect {
  for (const model of models) for (const name of effects) model[name] = times(model[name], oneIn);
  const size = ({ before, after }: Figures) => (after > before ? after - before : before - after);
  const changes = ({ days90, asIf90 }: ModelFigures) => size(days90) + size(asIf90);
  const sorted = models.sort((a, b) => (changes(a) < changes(b) ? 1 : -1));
  const total = noEffects();
  for (const name of effects) total[name] = sum(models.map(model => model[name]));
  return {
    as_of: dateText(asOfMs).slice(0, 10),
    one_in: oneIn,
    covers_from: dateText(coversFromMs),
    complete: coversFromMs <= fromMs,
    ...effectsOf(total),
    models: sorted.map(({ provider, model, ...of }) => ({ provider, model, ...effectsOf(of) })),
  };
}

const effectsOf = ({ days30, days90, asIf30, asIf90 }: Effects) => ({
  days_30: figuresOf(days30),
  days_90: figuresOf(days90),
  as_if_30: figuresOf(asIf30),
  as_if_90: figuresOf(asIf90),
});

const times = (figures: Figures, factor: number): Figures => ({
  calls: figures.calls * factor,
  before: figures.before * BigInt(factor),
  after: figures.after * BigInt(factor),
  unpricedBefore: figures.unpricedBefore * factor,
  unpricedAfter: figures.unpricedAfter * factor,
});

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
