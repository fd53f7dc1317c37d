import type { ClickHouseSettings } from '@clickhouse/client';
import { type SpendKey, spendKeys } from './spend-columns.ts';

/** Sums that the engine keeps beside `spend_15m` (store/schema), each with what it knows, the one with fewest rows first. */
const OF_DAYS: readonly Sums[] = [
  ['by_day_tenant', ['tenant']],
  ['by_day_model', ['feature', 'team', 'provider', 'model', 'environment', 'line']],
  ['by_day', spendKeys.filter(key => key !== 'tenant')],
  ['by_tenant_day', spendKeys],
];
const OF_QUARTERS: readonly Sums[] = [
  ['by_line', ['feature', 'line', 'service_tier', 'price_version']],
  ['by_prompt', ['feature', 'prompt_name', 'prompt_version', 'variant']],
  ['by_feature', ['feature', 'team', 'service', 'provider', 'model', 'environment']],
  ['by_tenant', ['tenant']],
];
const OF_MAPS: readonly Sums[] = [
  ['by_day_reductions', spendKeys.filter(key => !['tenant', 'service', 'line', 'variant'].includes(key))],
];
type Sums = readonly [name: string, keys: readonly SpendKey[]];

/**
 * What a part of a question may be answered from. Left to itself the engine works out for each of the sums whether it would do, which
 * takes it longer than adding up a month of days.
 */
export interface Wanted {
  /** Days of UTC, with `entry`; or quarters of an hour, without. */
  unit: 'day' | 'quarter';
  /** SQL that says which keys of `spend_15m` are asked for. */
  keys: readonly string[];
  /** Columns that are added up. */
  numbers: readonly string[];
  /** Those that are added up key by key. */
  maps?: readonly string[];
}

/** `SETTINGS …` for the end of one SELECT over `ledgerFor` the same; its query has to be asked with `mayChoose`. */
export function chosenSums(wanted: Wanted): string {
  const name = sumsFor(wanted);
  return name
    ? `SETTINGS preferred_optimize_projection_name = '${name}'`
    : 'SETTINGS optimize_use_projections = 0';
}

/**
 * What such a SELECT is FROM. Inside of another query `optimize_use_projections` is not heard, and all sums would be gone through in vain
 * (18 ms): between the table and its sums an ARRAY JOIN, of one, is where the engine gives up looking.
 */
export const ledgerFor = (wanted: Wanted): string =>
  isSummed(wanted) ? 'spend_15m' : 'spend_15m ARRAY JOIN [1] AS row_by_row';

/** Whether the engine has any: if not it reads row by row. */
export const isSummed = (wanted: Wanted): boolean => sumsFor(wanted) !== null;

/** Settings of a query that has `chosenSums` in it: it still changes nothing but how it is answered. */
export const mayChoose: ClickHouseSettings = { readonly: '2' };

function sumsFor({ unit, keys, numbers, maps = [] }: Wanted): string | null {
  const sql = keys.join(' ');
  const asks = (column: string) => new RegExp(`\\b${column}\\b`).test(sql);
  if (numbers.some(number => number.startsWith('estimated_'))) return null;
  if (unit === 'quarter' && (asks('entry') || maps.length)) return null;
  if (maps.length && numbers.length) return null;
  const asked = spendKeys.filter(asks);
  const known = maps.length ? OF_MAPS : unit === 'day' ? OF_DAYS : OF_QUARTERS;
  const fitting = known.filter(([, of]) => asked.every(key => of.includes(key))).map(([name]) => name);
  // Tenants may be many: a question that names none does not go through them.
  return fitting.find(name => asks('tenant') || name !== 'by_day_tenant') ?? null;
}
