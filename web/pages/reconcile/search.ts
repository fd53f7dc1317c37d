export const parts = ['reasons', 'days', 'models', 'kinds', 'lines'] as const;
export type Part = (typeof parts)[number];

/** The comparison that is shown, and by what; what is left out has its default. */
export interface ReconcileSearch {
  id?: string;
  by?: Part;
}

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readReconcileSearch(search: Record<string, unknown>): ReconcileSearch {
  const found: ReconcileSearch = {};
  if (typeof search.id === 'string' && /^[0-9a-f-]{1,64}$/.test(search.id)) found.id = search.id;
  const by = parts.find(one => one === search.by);
  if (by && by !== 'reasons') found.by = by;
  return found;
}
