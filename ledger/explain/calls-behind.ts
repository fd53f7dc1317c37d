import type { SpendCall } from '#contract/spend.ts';
import type { SpendKind } from '#contract/spend-words.ts';
import type { PriceBook } from '#store/prices/price-book.ts';
import { decimalText } from '#store/prices/terms.ts';
import {
  type RepricingOfCall,
  readSpendCalls,
  repricingsOf,
  type SpendCallRow,
  type SpendCallsQuestion,
} from '#store/queries/spend-calls.ts';
import { pieceKinds } from '#store/queries/spend-columns.ts';
import { isoFromStore } from '#store/queries/time.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import type { LedgerDeps } from '../deps.ts';
import { type PricedRow, pricedCallOfRow, pricedColumns } from '../price/priced-call.ts';
import { fraction } from '../price/terms.ts';
import { unitPrice } from '../price/unit-prices.ts';

type Row = PricedRow & SpendCallRow;

/** How a number was computed, down to its calls: units by kind × price = cost, and what was posted since. */
export async function callsBehind(
  { clickhouse, projectId }: Pick<LedgerDeps, 'clickhouse' | 'projectId'>,
  book: PriceBook,
  asked: Omit<SpendCallsQuestion, 'projectId' | 'columns' | 'before'> & { cursor?: string | undefined },
): Promise<{ calls: SpendCall[]; next: string | null }> {
  const { cursor, ...question } = asked;
  const rows = await readSpendCalls<PricedRow>(clickhouse, {
    ...question,
    projectId,
    columns: pricedColumns,
    limit: asked.limit + 1,
    before: cursor === undefined ? undefined : readCursor(cursor),
  });
  const page = rows.slice(0, asked.limit);
  const repricings = await repricingsOf(clickhouse, projectId, page);
  const ofCall = (row: Row) =>
    repricings.filter(one => one.trace_id === row.trace_id && one.span_id === row.span_id);
  const last = page.at(-1);
  return {
    calls: page.map(row => tell(row, ofCall(row), book)),
    next: last && rows.length > asked.limit ? [last.start_time, last.trace_id, last.span_id].join('~') : null,
  };
}

function readCursor(cursor: string) {
  const [start = '', traceId = '', ...spanId] = cursor.split('~');
  return { start, traceId, spanId: spanId.join('~') };
}

/** Whether a cursor is one of ours. */
export const isCursor = (cursor: string) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}~[^~]*~.*$/.test(cursor);

const usd = (nanos: string | null) => usdFromNanos(nanos);

function tell(row: Row, repricings: readonly RepricingOfCall[], book: PriceBook): SpendCall {
  const { cost_nanos: booked } = row;
  const change = repricings.reduce((sum, { cost_nanos }) => sum + BigInt(cost_nanos), 0n);
  const stillUnpriced = booked === null && repricings.every(({ unpriced_calls: n }) => n === 0);
  const isEstimate = row.flags.includes('estimated_tokens');
  const { feature, tenant, team, environment, service, provider, model, request_model, prompt } = row;
  const { variant, service_tier, line, attempts, failed_attempts, price_version, flags } = row;
  return {
    trace_id: row.trace_id,
    span_id: row.span_id,
    start_time: isoFromStore(row.start_time),
    ...{ feature, tenant, team, environment, service, provider, model, request_model, prompt },
    ...{ variant, service_tier, line, attempts, failed_attempts, price_version, flags },
    booked_usd: usd(booked),
    low_usd: usd(row.cost_low_nanos ?? booked),
    high_usd: usd(isEstimate ? row.cost_high_nanos : (row.cost_high_nanos ?? booked)),
    list_usd: usd(listOf(row)),
    uncached_usd: usd(row.uncached_nanos),
    client_usd: usd(row.client_cost_nanos),
    kinds: kindsOf(row, book),
    repricings: repricings.map(one => ({
      posting_id: one.posting_id,
      posted_at: isoFromStore(one.posted_at),
      price_version_before: one.price_version_before,
      price_version: one.price_version,
      change_usd: usd(one.cost_nanos) ?? '',
    })),
    cost_usd: stillUnpriced ? null : usd((BigInt(booked ?? 0) + change).toString()),
  };
}

/** What the list asks for it; null where that is its cost, or unknown. */
function listOf({ cost_nanos: cost, reductions }: Row): string | null {
  const off = Object.entries(reductions).filter(([key]) => !key.startsWith('prepaid.'));
  if (cost === null || off.length === 0) return null;
  return off.reduce((sum, [, nanos]) => sum + BigInt(nanos), BigInt(cost)).toString();
}

function kindsOf(row: Row, book: PriceBook): SpendCall['kinds'] {
  const call = pricedCallOfRow(row, Date.parse(isoFromStore(row.start_time)));
  const priceVersion = row.price_version;
  const kinds = Object.keys(row.units) as SpendKind[];
  return kinds
    .filter(kind => row.units[kind] !== '0' || row.nanos[kind] !== undefined)
    .map(kind => {
      const units = BigInt(row.units[kind] ?? 0);
      const nanos = row.nanos[kind];
      const isPiece = pieceKinds.includes(kind);
      const billed = { kind, units, nanos: BigInt(nanos ?? 0), priceVersion };
      const price = nanos === undefined ? null : unitPrice(call, book, billed);
      return {
        kind,
        units: Number(units),
        price: price && usdPerMany(price, isPiece ? 1_000n : 1_000_000n),
        per: isPiece ? 'thousand_pieces' : 'million_tokens',
        cost_usd: nanos === undefined ? null : usd(nanos),
      };
    });
}

const digits = 15;

/** Nano-dollars for one as USD for many. */
function usdPerMany(nanos: string, many: bigint): string {
  const { over, under } = fraction(nanos);
  return decimalText((over * many * 10n ** BigInt(digits)) / (under * 1_000_000_000n), digits);
}
