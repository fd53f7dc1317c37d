import type { StatementCentre } from '#contract/statement.ts';
import { isMonth } from '../../month.ts';

/** The contract's list again, because it needs the validation library; the type keeps them equal. */
export const centreLabels: Record<StatementCentre, string> = {
  team: 'Team',
  feature: 'Feature',
  tenant: 'Tenant',
};
export const centres = Object.keys(centreLabels) as StatementCentre[];

/** `?month=2026-10&team=payments`: one of three names says which cost centre; empty is what names none. */
export interface StatementSearch extends Partial<Record<StatementCentre, string>> {
  /** The month before the present one when left out. */
  month?: string;
  /** What a centre is, while none is named: the dearest is shown. */
  by?: StatementCentre;
}

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readStatementSearch(search: Record<string, unknown>): StatementSearch {
  const named = centres.find(name => typeof search[name] === 'string' || typeof search[name] === 'number');
  const by = centres.find(name => name === search.by && name !== 'team');
  return {
    ...(isMonth(search.month) && { month: search.month }),
    ...(named ? { [named]: String(search[named]).slice(0, 1000) } : by && { by }),
  };
}

/** What a centre is, and its name; undefined while none is chosen. */
export function centreOf(search: StatementSearch): { by: StatementCentre; value: string | undefined } {
  const by = centres.find(name => search[name] !== undefined) ?? search.by ?? 'team';
  return { by, value: search[by] };
}
