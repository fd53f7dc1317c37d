import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PriceBook } from '#store/prices/price-book.ts';
import {
  type CallsToReprice,
  hoursToReprice,
  streamCallsToReprice,
} from '#store/queries/calls-to-reprice.ts';
import { engineClock } from '#store/queries/spend-changes.ts';
import type { Hour } from '#store/spend-roll-up.ts';
import { changePosting, type PostingRow, unfinishedPostings } from '#store/state/postings.ts';
import type { LedgerDeps } from '../deps.ts';
import { pricedColumns } from '../price/priced-call.ts';
import { type Difference, differenceOf, type RepricedRow } from './difference.ts';
import { Effect } from './effect.ts';
import { specOf } from './repricing.ts';

const hourMs = 3_600_000;
const pageRows = 200_000;
const batchRows = 5_000;
/** Pricing these takes a few milliseconds: in between others are served. */
const callsPerTurn = 300;
/** An insert is stamped when it begins and may be seen this much later. */
const overlapUs = 90_000_000n;
const attemptsMax = 3;

export interface PostingDeps extends LedgerDeps {
  readBook(): Promise<PriceBook>;
  /** Called after each page with what it took, to leave the engine to others. Default: no pause. */
  pause?: ((tookMs: number) => Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

/** Previews and posts what waits for it, one after the other; after a restart from the beginning, which changes nothing twice. */
export function createPoster(deps: PostingDeps) {
  const { state, projectId, log, readBook } = deps;
  const failures = new Map<string, number>();

  return async function runPostings(): Promise<void> {
    for (const row of await unfinishedPostings(state, projectId)) {
      if (deps.signal?.aborted) return;
      try {
        await work(row, await readBook());
      } catch (error) {
        if (deps.signal?.aborted) return;
        const failed = (failures.get(row.posting_id) ?? 0) + 1;
        failures.set(row.posting_id, failed);
        log.error({ err: error, posting: row.posting_id }, 'repricing failed');
        // What was posted already stays posted: it is tried again for as long as it takes.
        if (row.state === 'posting' || failed < attemptsMax) throw error;
        const message = error instanceof Error ? error.message : String(error);
        await changePosting(
          state,
          { postingId: row.posting_id, from: row.state },
          { state: 'failed', error: message },
        );
      }
    }
  };

  async function work(row: PostingRow, book: PriceBook): Promise<void> {
    const effect = new Effect();
    const asked = questionOf(row, projectId);
    if (row.state === 'previewing') {
      await eachPage({ ...deps, row, asked, book, effect, upTo: 1 }, async () => {});
      await finish(row, effect, { state: 'previewed', progress: 1 });
      return;
    }
    const began = await engineClock(deps.clickhouse);
    const post = (page: Changed[]) => insert(deps, row, page);
    await eachPage({ ...deps, row, asked, book, effect, upTo: 0.95 }, post);
    // Calls that were stored meanwhile may have been priced by a collector that did not know the price yet.
    const storedSince = (BigInt(began) - overlapUs).toString();
    await eachPage(
      { ...deps, row, asked: { ...asked, storedSince }, book, effect: new Effect(), upTo: 1 },
      post,
    );
    await finish(row, effect, { state: 'posted', progress: 1, posted_at: row.posted_at });
    log.info({ posting: row.posting_id, calls: effect.result().total.calls }, 'repricing posted');
  }

  async function finish(row: PostingRow, effect: Effect, change: Partial<PostingRow>): Promise<void> {
    const result = JSON.stringify(effect.result());
    await changePosting(
      state,
      { postingId: row.posting_id, from: row.state },
      { ...change, result, error: null },
    );
  }
}

function questionOf(row: PostingRow, projectId: string): CallsToReprice {
  const { from, to, models, where, zone } = specOf(row);
  return {
    projectId,
    fromMs: Date.parse(from),
    toMs: Date.parse(to),
    models,
    where,
    zone,
    postingId: row.posting_id,
  };
}

interface Changed {
  row: RepricedRow;
  difference: Difference;
}

interface Pages extends PostingDeps {
  row: PostingRow;
  asked: CallsToReprice;
  book: PriceBook;
  effect: Effect;
  /** Progress when the last page is done. */
  upTo: number;
}

/** Looks at every call of the question, some hours at a time, and gives what changes to `take`, some thousands at a time. */
async function eachPage(pages: Pages, take: (changed: Changed[]) => Promise<void>): Promise<void> {
  const { clickhouse, state, asked, row, effect, upTo, pause, signal } = pages;
  const hours = await hoursToReprice(clickhouse, asked);
  const all = [...hours.values()].reduce((sum, n) => sum + n, 0);
  let done = 0;
  for (const page of pagesOf(hours)) {
    signal?.throwIfAborted();
    const began = performance.now();
    const within = {
      ...asked,
      fromMs: Math.max(asked.fromMs, page.from * hourMs),
      toMs: Math.min(asked.toMs, (page.to + 1) * hourMs),
    };
    await onePage(pages, within, take);
    done += page.rows;
    const progress = {
      progress: upTo * Math.min(0.999, done / all),
      result: JSON.stringify(effect.result()),
    };
    await changePosting(state, { postingId: row.posting_id, from: row.state }, progress);
    await pause?.(performance.now() - began);
  }
}

async function onePage(
  { clickhouse, book, row: { created_at }, effect, signal }: Pages,
  within: CallsToReprice,
  take: (changed: Changed[]) => Promise<void>,
): Promise<void> {
  const knownMs = Date.parse(created_at);
  let waiting: Changed[] = [];
  for await (const rows of streamCallsToReprice<RepricedRow>(clickhouse, within, pricedColumns, signal)) {
    effect.look(rows.length);
    for (let at = 0; at < rows.length; at += callsPerTurn) {
      for (const row of rows.slice(at, at + callsPerTurn)) {
        const difference = differenceOf(row, book, knownMs);
        if (difference === null) continue;
        effect.add(row, difference);
        waiting.push({ row, difference });
      }
      await nextTurn();
    }
    if (waiting.length >= batchRows) {
      await take(waiting);
      waiting = [];
    }
  }
  await take(waiting);
}

function pagesOf(hours: ReadonlyMap<Hour, number>): { from: Hour; to: Hour; rows: number }[] {
  const pages: { from: Hour; to: Hour; rows: number }[] = [];
  for (const [hour, rows] of hours) {
    const last = pages.at(-1);
    if (last && last.rows + rows <= pageRows && hour - last.from < 24 * 8)
      Object.assign(last, { to: hour, rows: last.rows + rows });
    else pages.push({ from: hour, to: hour, rows });
  }
  return pages;
}

/** One row per call: the same posting again writes the same rows. */
async function insert(
  { clickhouse, projectId }: LedgerDeps,
  row: PostingRow,
  changed: Changed[],
): Promise<void> {
  const posted_at = (row.posted_at ?? row.created_at).slice(0, 23).replace('T', ' ');
  await clickhouse.insert(
    'call_repricings',
    changed.map(({ row: call, difference }) => ({
      project_id: projectId,
      start_time: call.start_time,
      trace_id: call.trace_id,
      span_id: call.span_id,
      against_version: call.version,
      posting_id: row.posting_id,
      posted_at,
      price_version_before: call.price_version_now,
      price_version: difference.priceVersion,
      unpriced_calls: difference.unpricedCalls,
      unbounded_calls: difference.unboundedCalls,
      cost_nanos: difference.nanos.toString(),
      low_nanos: difference.lowNanos.toString(),
      high_nanos: difference.highNanos.toString(),
      uncached_nanos: difference.uncachedNanos.toString(),
      cost_by_kind: difference.byKind,
      units_by_kind: difference.unitsByKind,
      reductions: difference.reductions,
      moved: difference.moved?.numbers ?? {},
      moved_reductions: difference.moved?.reductions ?? {},
    })),
  );
}
