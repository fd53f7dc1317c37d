import { femtoPerPiece } from '#store/prices/price-list.ts';
import { overlaysKnownAt, type PriceOverlayVersion } from '#store/state/price-overlays.ts';
import { addMonths, monthBounds, monthOf } from './month-bounds.ts';

/** An amount that was paid ahead for one month, USD nano-dollars and Unix milliseconds; ends are exclusive. */
export interface Purchase {
  overlayId: string;
  name: string;
  vendor: string;
  nanos: bigint;
  charge: { fromMs: number; toMs: number };
  billing: { fromMs: number; toMs: number };
}

export interface Asked {
  projectId: string;
  tz: string;
  fromMs: number;
  toMs: number;
  /** `2026-10`: what is about that month, wherever it was closed; else what is about the months of the range. */
  month: string | null;
}

/**
 * Each month's amount of every commitment that is paid ahead and covers usage, oldest month first. A month that one begins or ends in has
 * the whole amount, as its use is counted.
 */
export function amountsOf(versions: readonly PriceOverlayVersion[], asked: Asked): Purchase[] {
  const { projectId, tz, fromMs, toMs, month } = asked;
  const ahead = overlaysKnownAt(versions, always).filter(
    ({ project_id, terms }) =>
      project_id === projectId &&
      terms.paid_ahead &&
      terms.commitment_usd_per_month !== null &&
      covers(terms),
  );
  const months = month === null ? monthsOf(fromMs, toMs, tz) : [month];
  return months.flatMap(one => {
    const billing = monthBounds(one, tz);
    return ahead.flatMap(({ overlay_id, terms }) => {
      const charge = {
        fromMs: Math.max(billing.fromMs, Date.parse(terms.valid_from)),
        toMs: Math.min(billing.toMs, Date.parse(terms.valid_to ?? '9999-01-01')),
      };
      const nanos = femtoPerPiece(terms.commitment_usd_per_month ?? '0') / femtoPerNano;
      if (charge.fromMs >= charge.toMs || nanos === 0n) return [];
      const { name, provider } = terms;
      return [{ overlayId: overlay_id, name, vendor: provider || 'unknown', nanos, charge, billing }];
    });
  });
}

/** Whether a file holds the purchase: the one in which what was bought begins to hold. */
export const isBoughtIn = ({ charge }: Purchase, { month, fromMs, toMs }: Asked): boolean =>
  month !== null || (charge.fromMs >= fromMs && charge.fromMs < toMs);

/** Whether a file says what is left of an amount: the one in which its time ends, once that is over. */
export const isLeftIn = ({ charge }: Purchase, { month, fromMs, toMs }: Asked, nowMs: number): boolean =>
  charge.toMs <= nowMs && (month !== null || (charge.toMs > fromMs && charge.toMs <= toMs));

const femtoPerNano = 1_000_000n;
/** All that is known. */
const always = '9999';

// One that only says how much is committed prices no call, so none is covered by it.
const covers = ({ discount_percent, prices }: PriceOverlayVersion['terms']) =>
  discount_percent !== null || Object.keys(prices).length > 0;

function monthsOf(fromMs: number, toMs: number, tz: string): string[] {
  const months: string[] = [];
  const last = monthOf(toMs - 1, tz);
  for (let month = monthOf(fromMs, tz); month <= last; month = addMonths(month, 1)) months.push(month);
  return months;
}

/** A purchase as a row of a FOCUS file. Its cost is in the usage it covers: here it is billed and nothing else. */
export function purchaseRow(purchase: Purchase): FocusRow {
  const usd = decimal(purchase.nanos);
  return {
    ...commonOf(purchase),
    BilledCost: usd,
    ChargeCategory: 'Purchase',
    ChargeDescription: `${purchase.name}: amount committed for a month, paid ahead`,
    CommitmentDiscountQuantity: usd,
    CommitmentDiscountUnit: 'USD',
    ContractedCost: usd,
    ContractedUnitPrice: `${usd}000000000`,
    ListCost: usd,
    ListUnitPrice: `${usd}000000000`,
    PricingCategory: 'Standard',
    ...oneMonth,
  };
}

/** What was paid for and not used, more than nothing: a cost without usage behind it, which the purchase bills. */
export function unusedRow(purchase: Purchase, unused: bigint): FocusRow {
  return {
    ...commonOf(purchase),
    ChargeCategory: 'Usage',
    ChargeDescription: `${purchase.name}: not used of the amount committed for a month`,
    CommitmentDiscountQuantity: decimal(unused),
    CommitmentDiscountStatus: 'Unused',
    CommitmentDiscountUnit: 'USD',
    ContractedUnitPrice: noPrice,
    EffectiveCost: decimal(unused),
    ListUnitPrice: noPrice,
    PricingCategory: 'Committed',
    ...oneMonth,
  };
}

/**
 * What later bookings change about the amount of a closed month. Their rows cost what they cost, as covered; so less is left of the amount by
 * what it covers of them, and the rest is billed.
 */
export function correctionRows(
  purchase: Purchase,
  { used, beyond, billing }: { used: bigint; beyond: bigint; billing: Purchase['billing'] },
): FocusRow[] {
  const common = {
    ...commonOf({ ...purchase, billing }),
    ChargeCategory: 'Usage',
    ChargeClass: 'Correction',
  };
  const rows: FocusRow[] = [];
  if (used !== 0n)
    rows.push({
      ...common,
      ChargeDescription: `${purchase.name}: not used of the amount committed for a month (correction)`,
      CommitmentDiscountStatus: 'Unused',
      EffectiveCost: decimal(-used),
      PricingCategory: 'Committed',
    });
  if (beyond !== 0n)
    rows.push({
      ...common,
      BilledCost: decimal(beyond),
      ChargeDescription: `${purchase.name}: used beyond the amount committed for a month (correction)`,
      CommitmentDiscountStatus: 'Used',
      PricingCategory: 'Committed',
    });
  return rows;
}

/** Columns that are not given are null. */
type FocusRow = Record<string, string>;

const noPrice = '0.000000000000000000';
const oneMonth = { PricingQuantity: '1.000000', PricingUnit: 'Months' };

function commonOf({ overlayId, name, vendor, charge, billing }: Purchase): FocusRow {
  const zero = decimal(0n);
  const sku = `${vendor}/commitment/${overlayId}`;
  return {
    BilledCost: zero,
    BillingPeriodEnd: utc(billing.toMs),
    BillingPeriodStart: utc(billing.fromMs),
    ChargeFrequency: 'Recurring',
    ChargePeriodEnd: utc(charge.toMs),
    ChargePeriodStart: utc(charge.fromMs),
    CommitmentDiscountCategory: 'Spend',
    CommitmentDiscountId: overlayId,
    CommitmentDiscountName: name,
    CommitmentDiscountType: 'Amount committed per month',
    ContractedCost: zero,
    EffectiveCost: zero,
    InvoiceIssuerName: vendor,
    ListCost: zero,
    ProviderName: vendor,
    PublisherName: vendor,
    ServiceName: `${vendor} API`,
    SkuId: sku,
    SkuPriceId: sku,
    x_CostSource: 'agreed',
    x_Kind: 'commitment',
  };
}

const utc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function decimal(nanos: bigint): string {
  const digits = (nanos < 0n ? -nanos : nanos).toString().padStart(10, '0');
  return `${nanos < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
