import type { Router } from 'express';
import {
  addOverlay,
  addRates,
  changeOverlay,
  listOverlays,
  listRates,
  type OverlayTerms,
  overlayHistory,
  previewOverlay,
  previewRates,
  withdrawOverlay,
} from '#contract/price.ts';
import { instantMs } from '#contract/range.ts';
import { effectOf } from '#ledger/price-changes/effect.ts';
import {
  changeOverlay as change,
  nextVersion,
  type OverlayChange,
  OverlayRefused,
  overlayProblem,
  overlayReply,
} from '#ledger/price-changes/overlays.ts';
import { type PriceStatements, priceBookOf, readPriceStatements } from '#store/prices/load.ts';
import { addExchangeRates, listExchangeRates, ratesKnownAt } from '#store/state/exchange-rates.ts';
import { listOverlayVersions, overlaysKnownAt } from '#store/state/price-overlays.ts';
import { changePriceBook } from '#store/state/prices.ts';
import { reportingZone } from '../asked.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { commitmentMonths } from '../view/commitments.ts';

/** Later than any time something is known from, which may be ahead of a clock that was put back. */
const everything = '9999-12-31T00:00:00.000Z';

/** What stands beside the prices of vendors: what was negotiated, and exchange rates. */
export function priceTermsRoutes(router: Router, services: Services): void {
  overlayRoutes(router, services);
  rateRoutes(router, services);
}

function overlayRoutes(router: Router, services: Services): void {
  const { state, projectId, nowMs } = services;
  const knownAt = (asked: string | undefined) =>
    asked === undefined ? everything : new Date(instantMs(asked, nowMs())).toISOString();
  const ofProject = async () =>
    (await listOverlayVersions(state)).filter(
      ({ project_id }) => project_id === projectId || project_id === '',
    );
  const write = async (one: Pick<OverlayChange, 'overlayId' | 'version' | 'terms' | 'notedBy' | 'note'>) =>
    overlayReply(await change(state, { ...one, projectId, nowMs: nowMs() }).catch(refused));

  serve(router, listOverlays, async ({ known_at }) => {
    const zone = await reportingZone(services);
    const overlays = overlaysKnownAt(await ofProject(), knownAt(known_at));
    const months = await commitmentMonths(services, zone);
    return {
      overlays: overlays.map(one => ({ ...overlayReply(one), months: months.get(one.overlay_id) ?? [] })),
    };
  });

  serve(router, overlayHistory, async (_, { params }) => {
    const versions = (await ofProject()).filter(({ overlay_id }) => overlay_id === params.id);
    if (versions.length === 0) throw notFound(`There is no overlay ${params.id}.`);
    return { versions: versions.reverse().map(overlayReply) };
  });

  serve(router, previewOverlay, async ({ overlay_id, terms }, { signal }) => {
    if (terms) checkTerms(terms);
    const book = await readPriceStatements(state);
    const last = book.overlays.findLast(one => one.overlay_id === overlay_id);
    const planned = {
      projectId,
      overlayId: overlay_id,
      version: last?.version ?? 0,
      terms,
      notedBy: '',
      note: '',
    };
    const now = nowMs();
    const version = planOverlay(book, { ...planned, nowMs: now });
    const after = { ...book, overlays: [...book.overlays, version] };
    const asOfMs = Math.max(now, terms ? Date.parse(terms.valid_from) : 0);
    return { effect: await effectBetween(services, { book, after, now, asOfMs, signal }) };
  });

  serve(router, addOverlay, async ({ terms, noted_by: notedBy, note }) => {
    checkTerms(terms);
    return write({ overlayId: null, version: 0, terms, notedBy, note });
  });

  serve(router, changeOverlay, async ({ terms, version, noted_by: notedBy, note }, { params }) => {
    checkTerms(terms);
    return write({ overlayId: params.id, version, terms, notedBy, note });
  });

  serve(router, withdrawOverlay, async ({ version, noted_by: notedBy, note }, { params }) =>
    write({ overlayId: params.id, version, terms: null, notedBy, note }),
  );
}

function rateRoutes(router: Router, services: Services): void {
  const { state, nowMs } = services;

  serve(router, listRates, async ({ known_at, currency }) => {
    const knownAt =
      known_at === undefined ? everything : new Date(instantMs(known_at, nowMs())).toISOString();
    const rates = ratesKnownAt(await listExchangeRates(state), knownAt)
      .filter(rate => currency === '' || rate.currency === currency.toUpperCase())
      .sort((a, b) => (a.day === b.day ? (a.currency < b.currency ? -1 : 1) : a.day < b.day ? 1 : -1));
    return { rates: rates.map(({ note: _, ...rate }) => rate) };
  });

  serve(router, previewRates, async ({ rates }, { signal }) => {
    checkRates(rates);
    const now = nowMs();
    const book = await readPriceStatements(state);
    const noted = { known_from: latest(book, now), source: '', noted_by: '', note: '' };
    const after = { ...book, rates: [...book.rates, ...rates.map(rate => ({ ...rate, ...noted }))] };
    const asOfMs = Math.max(now, ...rates.map(({ day }) => Date.parse(day)));
    return { effect: await effectBetween(services, { book, after, now, asOfMs, signal }) };
  });

  serve(router, addRates, async ({ rates, source, noted_by, note }) => {
    checkRates(rates);
    await changePriceBook(state, nowMs(), async (transaction, known_from) => {
      const rows = rates.map(rate => ({ ...rate, known_from, source, noted_by, note }));
      await addExchangeRates(transaction, rows);
      return rows;
    });
    return { added: rates.length };
  });
}

interface Between {
  book: PriceStatements;
  after: PriceStatements;
  now: number;
  asOfMs: number;
  signal: AbortSignal;
}

const effectBetween = ({ clickhouse, projectId }: Services, { book, after, now, asOfMs, signal }: Between) =>
  effectOf(clickhouse, {
    projectId,
    nowMs: now,
    before: priceBookOf(book),
    after: priceBookOf(after),
    asOfMs,
    signal,
  });

/** Later than everything known, as what is written down next will be. */
function latest(book: PriceStatements, nowMs: number): string {
  const known = [...book.rates, ...book.overlays].map(({ known_from }) => Date.parse(known_from) + 1);
  return new Date(known.reduce((a, b) => Math.max(a, b), nowMs)).toISOString();
}

function planOverlay(book: PriceStatements, planned: OverlayChange) {
  try {
    return nextVersion(book.overlays, planned, latest(book, planned.nowMs));
  } catch (error) {
    return refused(error);
  }
}

function checkTerms(terms: OverlayTerms): void {
  const problem = overlayProblem(terms);
  if (problem !== null) throw new HttpProblem(400, `terms: ${problem}`);
}

function checkRates(rates: readonly { currency: string; day: string; usd_per_unit: string }[]): void {
  const keys = rates.map(({ currency, day }) => `${currency} ${day}`);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw new HttpProblem(400, `rates: ${twice} is given twice`);
  if (rates.some(({ currency }) => currency === 'USD'))
    throw new HttpProblem(400, 'rates: a dollar is a dollar; USD needs no rate');
  if (rates.some(({ usd_per_unit }) => Number(usd_per_unit) === 0))
    throw new HttpProblem(400, 'rates: a currency that is worth nothing has no price');
}

function refused(error: unknown): never {
  if (!(error instanceof OverlayRefused)) throw error;
  if (error.reason === 'unknown') throw notFound(error.message);
  throw new HttpProblem(409, error.message);
}
