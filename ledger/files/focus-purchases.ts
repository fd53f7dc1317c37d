import type { Asked, CommittedAmount } from './committed-amounts.ts';

/** Whether a file holds the purchase: the one in which what was bought begins to hold. */
export const isBoughtIn = ({ charge }: CommittedAmount, { month, fromMs, toMs }: Asked): boolean =>
  month !== null || (charge.fromMs >= fromMs && charge.fromMs < toMs);

/** Whether a file says what is left of an amount: the one in which its time ends, once that is over. */
export const isLeftIn = (
  { charge }: CommittedAmount,
  { month, fromMs, toMs }: Asked,
  nowMs: number,
): boolean => charge.toMs <= nowMs && (month !== null || (charge.toMs > fromMs && charge.toMs <= toMs));

/** A purchase as a row of a FOCUS file. Its cost is in the usage it covers: here it is billed and nothing else. */
export function purchaseRow(purchase: CommittedAmount): FocusRow {
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
export function unusedRow(purchase: CommittedAmount, unused: bigint): FocusRow {
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
  purchase: CommittedAmount,
  { used, beyond, billing }: { used: bigint; beyond: bigint; billing: CommittedAmount['billing'] },
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

function commonOf({ overlayId, name, provider, charge, billing }: CommittedAmount): FocusRow {
  const vendor = provider || 'unknown';
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
