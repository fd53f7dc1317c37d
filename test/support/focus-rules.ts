/**
 * The FinOps Open Cost and Usage Specification 1.0 and 1.2, as rules over the columns that apply to usage of a token-priced
 * service. Written from the specification's requirements, not from what is exported.
 */

type Row = Record<string, string | null>;
type Version = '1.0' | '1.2';
type Rule = (row: Row) => string | null;

interface Column {
  since?: Version;
  level: 'mandatory' | 'recommended' | 'conditional';
  type: 'decimal' | 'string' | 'time' | 'json';
  nulls: boolean;
  allowed?: readonly string[];
  /** Lowest value of a decimal. */
  min?: number;
}

const mandatory = (type: Column['type'], nulls = false, allowed?: readonly string[]): Column => ({
  level: 'mandatory',
  type,
  nulls,
  ...(allowed && { allowed }),
});
const conditional = (type: Column['type'], more: Partial<Column> = {}): Column => ({
  level: 'conditional',
  type,
  nulls: true,
  ...more,
});

const columns: Record<string, Column> = {
  BilledCost: mandatory('decimal'),
  BillingAccountId: mandatory('string'),
  BillingAccountName: mandatory('string', true),
  BillingCurrency: mandatory('string'),
  BillingPeriodEnd: mandatory('time'),
  BillingPeriodStart: mandatory('time'),
  ChargeCategory: mandatory('string', false, ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']),
  ChargeClass: mandatory('string', true, ['Correction']),
  ChargeDescription: mandatory('string', true),
  ChargePeriodEnd: mandatory('time'),
  ChargePeriodStart: mandatory('time'),
  ContractedCost: mandatory('decimal'),
  EffectiveCost: mandatory('decimal'),
  InvoiceIssuerName: mandatory('string'),
  ListCost: mandatory('decimal'),
  PricingQuantity: mandatory('decimal', true),
  PricingUnit: mandatory('string', true),
  ProviderName: mandatory('string'),
  PublisherName: mandatory('string'),
  ServiceCategory: mandatory('string', false, ['AI and Machine Learning']),
  ServiceName: mandatory('string'),
  ChargeFrequency: {
    level: 'recommended',
    type: 'string',
    nulls: false,
    allowed: ['One-Time', 'Recurring', 'Usage-Based'],
  },
  ServiceSubcategory: {
    since: '1.2',
    level: 'recommended',
    type: 'string',
    nulls: false,
    allowed: [
      'Bots',
      'Generative AI',
      'Machine Learning',
      'Natural Language Processing',
      'Other (AI and Machine Learning)',
    ],
  },
  CommitmentDiscountCategory: conditional('string', { allowed: ['Spend', 'Usage'] }),
  CommitmentDiscountId: conditional('string'),
  CommitmentDiscountName: conditional('string'),
  CommitmentDiscountQuantity: conditional('decimal', { since: '1.2' }),
  CommitmentDiscountStatus: conditional('string', { allowed: ['Used', 'Unused'] }),
  CommitmentDiscountType: conditional('string'),
  CommitmentDiscountUnit: conditional('string', { since: '1.2' }),
  ConsumedQuantity: conditional('decimal'),
  ConsumedUnit: conditional('string'),
  ContractedUnitPrice: conditional('decimal', { min: 0 }),
  ListUnitPrice: conditional('decimal', { min: 0 }),
  PricingCategory: conditional('string', { allowed: ['Standard', 'Dynamic', 'Committed', 'Other'] }),
  SkuId: conditional('string'),
  SkuMeter: conditional('string', { since: '1.2' }),
  SkuPriceDetails: conditional('json', { since: '1.2' }),
  SkuPriceId: conditional('string'),
  Tags: conditional('json'),
};

const isUsage = (row: Row) => row.ChargeCategory === 'Usage';
const isPurchase = (row: Row) => row.ChargeCategory === 'Purchase';
/** What is left of a commitment: usage by its category, and nothing that was consumed. */
const isUnused = (row: Row) => row.CommitmentDiscountStatus === 'Unused';
const isCorrection = (row: Row) => row.ChargeClass === 'Correction';
/** Calculated from charges that stand elsewhere: what corrects usage, or adjusts it. */
const isOfOthers = (row: Row) => isCorrection(row) || row.ChargeCategory === 'Adjustment';
const notNullFor = (when: (row: Row) => boolean, names: readonly string[]): Rule[] =>
  names.map(name => row => (when(row) && row[name] === null ? `${name} must not be null` : null));

const rules: Rule[] = [
  ...notNullFor(
    row => isUsage(row) && !isUnused(row) && !isCorrection(row),
    ['ConsumedQuantity', 'ConsumedUnit'],
  ),
  ...notNullFor(
    row => (isUsage(row) || isPurchase(row)) && !isCorrection(row),
    [
      'ContractedUnitPrice',
      'ListUnitPrice',
      'PricingCategory',
      'PricingQuantity',
      'PricingUnit',
      'SkuId',
      'SkuPriceId',
    ],
  ),
  row =>
    (!isUsage(row) || isUnused(row)) && (row.ConsumedQuantity !== null || row.ConsumedUnit !== null)
      ? 'only usage is consumed'
      : null,
  row =>
    (row.ConsumedQuantity === null) !== (row.ConsumedUnit === null)
      ? 'a consumed quantity has a unit, and a unit a quantity'
      : null,
  row =>
    (row.PricingQuantity === null) !== (row.PricingUnit === null)
      ? 'a pricing quantity has a unit, and a unit a quantity'
      : null,
  row => productIs(row, 'ListUnitPrice', 'ListCost'),
  row => productIs(row, 'ContractedUnitPrice', 'ContractedCost'),
  // Where a charge is calculated from others, so are these costs.
  ...(['Contracted', 'List'] as const).map(
    (name): Rule =>
      row =>
        row[`${name}UnitPrice`] === null && !isOfOthers(row) && row[`${name}Cost`] !== row.BilledCost
          ? `without a unit price ${name}Cost is the billed cost`
          : null,
  ),
  row =>
    isPurchase(row) && row.CommitmentDiscountId !== null && Number(row.EffectiveCost) !== 0
      ? 'what is bought to cover later charges costs nothing by itself'
      : null,
  row =>
    isPurchase(row) && row.ChargeFrequency === 'Usage-Based' ? 'a purchase is not based on usage' : null,
  // The cost of what is neither used nor bought is what is billed, unless it is calculated from other charges.
  row =>
    !isUsage(row) && !isPurchase(row) && !isOfOthers(row) && row.EffectiveCost !== row.BilledCost
      ? 'the effective cost is the billed cost'
      : null,
  ...['CommitmentDiscountCategory', 'CommitmentDiscountType'].map(
    (name): Rule =>
      row =>
        (row[name] === null) !== (row.CommitmentDiscountId === null)
          ? `${name} is there for a commitment and for nothing else`
          : null,
  ),
  row =>
    (row.CommitmentDiscountStatus !== null) !== (row.CommitmentDiscountId !== null && isUsage(row))
      ? 'usage of a commitment has a status, and nothing else has'
      : null,
  row =>
    isUsage(row) &&
    !isCorrection(row) &&
    (row.PricingCategory === 'Committed') !== (row.CommitmentDiscountId !== null)
      ? 'usage of a commitment is priced as committed, and nothing else is'
      : null,
  row =>
    isPurchase(row) && row.PricingCategory === 'Committed'
      ? 'the purchase of a commitment is not subject to it'
      : null,
  row => {
    if (row.CommitmentDiscountQuantity === undefined || isCorrection(row)) return null;
    const isDue = row.CommitmentDiscountId !== null && (isUsage(row) || isPurchase(row));
    if (row.CommitmentDiscountQuantity === null)
      return isDue ? 'a commitment that is bought or used has a quantity' : null;
    if (!isDue) return 'what is no commitment bought or used has no quantity of it';
    return Number(row.CommitmentDiscountQuantity) > 0 ? null : 'a quantity of a commitment is positive';
  },
  row =>
    row.CommitmentDiscountQuantity !== undefined &&
    (row.CommitmentDiscountQuantity === null) !== (row.CommitmentDiscountUnit === null)
      ? 'a quantity of a commitment has a unit, and a unit a quantity'
      : null,
  row => (row.ChargePeriodStart! < row.ChargePeriodEnd! ? null : 'the charge period is empty'),
  row => (row.BillingPeriodStart! < row.BillingPeriodEnd! ? null : 'the billing period is empty'),
  row =>
    !isCorrection(row) &&
    (row.ChargePeriodStart! < row.BillingPeriodStart! || row.ChargePeriodEnd! > row.BillingPeriodEnd!)
      ? 'a charge that is no correction lies in its billing period'
      : null,
  row =>
    isCorrection(row) && row.ChargePeriodStart! >= row.BillingPeriodStart!
      ? 'a correction is of an earlier billing period'
      : null,
  row => (/^[A-Z]{3}$/.test(row.BillingCurrency!) ? null : 'the currency is not of ISO 4217'),
  row => unitProblem(row.PricingUnit ?? null) ?? unitProblem(row.ConsumedUnit ?? null),
];

/** What a file in CSV says against the specification; empty when nothing. */
export function focusProblems(rows: readonly Row[], version: Version): string[] {
  const known = Object.entries(columns).filter(
    ([, { since }]) => version === '1.2' || since === undefined || since === '1.0',
  );
  const names = Object.keys(rows[0] ?? {});
  const missing = known
    .filter(([name]) => !names.includes(name))
    .map(([name]) => `there is no column ${name}`);
  const strange = names
    .filter(name => !name.startsWith('x_') && !known.some(([column]) => column === name))
    .map(name => `${name} is no column of ${version}, and has no x_`);
  const wrong = rows.flatMap((row, at) =>
    [
      ...known.map(([name, column]) => valueProblem(name, column, row[name] ?? null)),
      ...rules.map(rule => rule(row)),
    ]
      .filter(problem => problem !== null)
      .map(problem => `row ${at + 1}: ${problem}`),
  );
  return [...missing, ...strange, ...wrong];
}

function valueProblem(name: string, column: Column, value: string | null): string | null {
  if (value === null) return column.nulls ? null : `${name} must not be null`;
  if (column.allowed && !column.allowed.includes(value)) return `${name}: ${value} is not allowed`;
  if (column.type === 'time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value))
    return `${name}: ${value} is not a UTC time`;
  if (column.type === 'decimal' && !/^-?\d+(\.\d+)?$/.test(value)) return `${name}: ${value} is not a number`;
  if (column.min !== undefined && Number(value) < column.min)
    return `${name}: ${value} is less than ${column.min}`;
  if (column.type === 'string' && value.trim() === '') return `${name} is blank`;
  return column.type === 'json' ? keyValueProblem(name, value) : null;
}

/** KeyValueFormat: an object of text, numbers, booleans and nulls; own properties of a SKU price have an x_. */
function keyValueProblem(name: string, text: string): string | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${name} is no object`;
  if (Object.values(value).some(inner => typeof inner === 'object' && inner !== null))
    return `${name} is nested`;
  return name === 'SkuPriceDetails' && Object.keys(value).some(key => !key.startsWith('x_'))
    ? `${name} has keys without x_`
    : null;
}

/** UnitFormat: plural units with a capital, after a quantity or not. */
const unitProblem = (unit: string | null) =>
  unit === null || /^(\d+ )?[A-Z][a-z]*s$/.test(unit) ? null : `${unit} is not a unit`;

function productIs(row: Row, price: string, cost: string): string | null {
  if (isCorrection(row) || row[price] === null || row.PricingQuantity === null) return null;
  // Units are of 10^-18, 10^-6 and 10^-9; half a nano-dollar up is the next.
  const product = scaled(row[price]!, 18) * scaled(row.PricingQuantity!, 6);
  const rounded = (product + 10n ** 15n / 2n) / 10n ** 15n;
  return rounded === scaled(row[cost]!, 9) ? null : `${price} × PricingQuantity is not ${cost}`;
}

/** A decimal text as an integer of 10^-places. */
export function scaled(text: string, places: number): bigint {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  if (fraction.length > places) throw new Error(`${text} has more than ${places} places`);
  const size = BigInt(whole + fraction.padEnd(places, '0'));
  return negative ? -size : size;
}
