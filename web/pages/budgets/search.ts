/** What the budgets page shows beside its list; what is left out is closed. */
export interface BudgetsSearch {
  /** The budget whose earlier periods are shown. */
  open?: string;
  /** The budget that is being changed, or `new`. */
  edit?: string;
  /** Conditions a new budget begins with, as the API reads them. */
  w?: string;
}

const word = (value: unknown) => (typeof value === 'string' && value ? value.slice(0, 2000) : undefined);

export function readBudgetsSearch(search: Record<string, unknown>): BudgetsSearch {
  const found: BudgetsSearch = {};
  const [open, edit, w] = [word(search.open), word(search.edit), word(search.w)];
  if (open) found.open = open;
  if (edit) found.edit = edit;
  if (edit === 'new' && w) found.w = w;
  return found;
}
