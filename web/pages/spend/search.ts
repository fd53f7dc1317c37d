import type { SpendGroup } from '#contract/spend.ts';
import { isMonth } from '../../month.ts';
import { readWhere, writeWhere } from './where.ts';

/** The contract's list again, because it needs the validation library; the type keeps them equal. */
export const groupLabels: Record<SpendGroup, string> = {
  feature: 'Feature',
  model: 'Model',
  team: 'Team',
  tenant: 'Tenant',
  prompt: 'Prompt',
  kind: 'Token kind',
  line: 'Line',
  environment: 'Environment',
  service: 'Service',
  provider: 'Provider',
  variant: 'Variant',
  service_tier: 'Service tier',
  price_version: 'Price version',
  user: 'User',
};
export const groups = Object.keys(groupLabels) as SpendGroup[];

export const steps = ['day', 'hour', 'week'] as const;
export type Step = (typeof steps)[number];

export const sheets = ['change', 'calls'] as const;
export type Sheet = (typeof sheets)[number];

/** What the spend page shows; what is left out has its default. */
export interface SpendSearch {
  /** `2026-10`; the present one when left out. */
  month?: string;
  by?: SpendGroup;
  step?: Step;
  /** Conditions, as the API reads them. */
  w?: string;
  /** The open sheet, the group value it is about, and the part of the month: `from/to`. */
  sheet?: Sheet;
  v?: string;
  at?: string;
}

const word = (value: unknown) => (typeof value === 'string' ? value.slice(0, 2000) : undefined);

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readSpendSearch(search: Record<string, unknown>): SpendSearch {
  const found: SpendSearch = {};
  if (isMonth(search.month)) found.month = search.month;
  const by = groups.find(name => name === search.by);
  if (by && by !== 'feature') found.by = by;
  const step = steps.find(name => name === search.step);
  if (step && step !== 'day') found.step = step;
  const where = writeWhere(readWhere(word(search.w) ?? ''));
  if (where) found.w = where;
  const sheet = sheets.find(name => name === search.sheet);
  if (!sheet) return found;
  found.sheet = sheet;
  const [value, at] = [word(search.v), word(search.at)];
  if (value !== undefined) found.v = value;
  if (at && at.split('/').length === 2 && at.split('/').every(one => !Number.isNaN(Date.parse(one))))
    found.at = at;
  return found;
}
