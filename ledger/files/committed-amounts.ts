import { femtoPerPiece } from '#store/prices/price-list.ts';
import { type ClosedMonth, type KeptAmount, listClosedMonths } from '#store/state/closed-months.ts';
import type { StateDb } from '#store/state/open.ts';
import {
  listOverlayVersions,
  overlaysKnownAt,
  type PriceOverlayVersion,
} from '#store/state/price-overlays.ts';
import { addMonths, monthBounds, monthOf } from './month-bounds.ts';

/**
 * What an amount is used by: `paid_ahead` by what it covers of the calls that it prices, `priced` by what the calls that it prices cost,
 * `spent` (it prices none) by what all calls of its provider and model cost.
 */
export type CommitmentBasis = KeptAmount['basis'];

/** An amount committed for one month, USD nano-dollars and Unix milliseconds; ends are exclusive. */
export interface CommittedAmount {
  overlayId: string;
  name: string;
  /** Empty: every one. */
  provider: string;
  model: string;
  basis: CommitmentBasis;
  /** 0: nothing was agreed for that month, and something is used all the same. */
  nanos: bigint;
  /** What of the month it is for. */
  charge: { fromMs: number; toMs: number };
  billing: { fromMs: number; toMs: number };
  /** Of a month that was closed when files did not say yet what is left of an amount and what is beyond it. */
  isUntold: boolean;
}

/** Everything that was agreed, and what was known of it when months were closed. */
export interface Agreed {
  versions: readonly PriceOverlayVersion[];
  closed: readonly ClosedMonth[];
}

export interface Asked {
  projectId: string;
  tz: string;
  fromMs: number;
  toMs: number;
  /** `2026-10`: what is about that month, wherever it was closed; else what is about the months of the range. */
  month: string | null;
}

export const readAgreed = async (state: StateDb, projectId: string): Promise<Agreed> => ({
  versions: await listOverlayVersions(state),
  closed: await listClosedMonths(state, projectId),
});

/**
 * Each month's amounts, the oldest month first. A month that one begins or ends in has the whole amount. A closed month keeps those that were
 * known when it was closed, in the zone it was closed in.
 */
export function amountsOf({ versions, closed }: Agreed, asked: Asked): CommittedAmount[] {
  const { projectId, tz, fromMs, toMs, month } = asked;
  const known = overlaysKnownAt(versions, always).filter(one => one.project_id === projectId);
  const months = month === null ? monthsOf(fromMs, toMs, tz) : [month];
  return months.flatMap(one => {
    const billing = monthBounds(one, tz);
    const kept = closedMonthOf(closed, one, tz);
    if (kept?.amounts) return kept.amounts.map(amount => amountOfKept(amount, billing));
    return known
      .flatMap(overlay => amountOf(overlay, billing) ?? [])
      .map(amount => ({ ...amount, isUntold: kept !== undefined }));
  });
}

export const closedMonthOf = (closed: readonly ClosedMonth[], month: string, tz: string) =>
  closed.find(one => one.month === month && one.zone === tz);

/** As `closed_months` keeps them. */
export function keptAmounts(amounts: readonly CommittedAmount[]): KeptAmount[] {
  return amounts.map(({ overlayId, name, provider, model, basis, nanos, charge }) => ({
    ...{ overlay_id: overlayId, name, provider, model, basis, nanos: nanos.toString() },
    from_at: new Date(charge.fromMs).toISOString(),
    to_at: new Date(charge.toMs).toISOString(),
  }));
}

/** Nothing, for an overlay that has no amount in a month in which something is used of it all the same. */
export function noAmount(
  { versions }: Agreed,
  overlayId: string,
  billing: CommittedAmount['billing'],
): CommittedAmount | null {
  const last = versions.findLast(({ overlay_id }) => overlay_id === overlayId);
  if (!last) return null;
  const { name, provider, model } = last.terms;
  const nothing = { nanos: 0n, charge: billing, billing, isUntold: false };
  return { overlayId, name, provider, model, basis: 'paid_ahead', ...nothing };
}

function amountOfKept(kept: KeptAmount, billing: CommittedAmount['billing']): CommittedAmount {
  const { name, provider, model, basis } = kept;
  const charge = { fromMs: Date.parse(kept.from_at), toMs: Date.parse(kept.to_at) };
  const nanos = BigInt(kept.nanos);
  return {
    overlayId: kept.overlay_id,
    name,
    provider,
    model,
    basis,
    nanos,
    charge,
    billing,
    isUntold: false,
  };
}

function amountOf(
  { overlay_id, terms }: PriceOverlayVersion,
  billing: CommittedAmount['billing'],
): Omit<CommittedAmount, 'isUntold'> | null {
  const charge = {
    fromMs: Math.max(billing.fromMs, Date.parse(terms.valid_from)),
    toMs: Math.min(billing.toMs, Date.parse(terms.valid_to ?? '9999-01-01')),
  };
  const nanos = femtoPerPiece(terms.commitment_usd_per_month ?? '0') / femtoPerNano;
  if (charge.fromMs >= charge.toMs || nanos === 0n) return null;
  const { name, provider, model } = terms;
  const basis = !pricesCalls(terms) ? 'spent' : terms.paid_ahead ? 'paid_ahead' : 'priced';
  return { overlayId: overlay_id, name, provider, model, basis, nanos, charge, billing };
}

const femtoPerNano = 1_000_000n;
/** All that is known. */
const always = '9999';

/** One that only says how much is committed prices no call, so none is covered by it. */
const pricesCalls = ({ discount_percent, prices }: PriceOverlayVersion['terms']) =>
  discount_percent !== null || Object.keys(prices).length > 0;

/** Every overlay of a project that was for an amount at some time and prices calls: what FOCUS names as a commitment. */
export const pricingCommitments = ({ versions }: Agreed, projectId: string): string[] => [
  ...new Set(
    versions
      .filter(({ project_id }) => project_id === projectId || project_id === '')
      .filter(({ terms }) => terms.commitment_usd_per_month !== null && pricesCalls(terms))
      .map(({ overlay_id }) => overlay_id),
  ),
];

function monthsOf(fromMs: number, toMs: number, tz: string): string[] {
  const months: string[] = [];
  const last = monthOf(toMs - 1, tz);
  for (let month = monthOf(fromMs, tz); month <= last; month = addMonths(month, 1)) months.push(month);
  return months;
}
