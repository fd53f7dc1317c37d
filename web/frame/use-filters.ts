import type { Condition } from '#contract/dimension.ts';
import { toggleFilter, writeFilters } from '../state/filters.ts';
import { useView } from '../state/use-view.ts';

/** The filters of the view, and the ways to change them. */
export function useFilters() {
  const { view, setView } = useView();
  return {
    filters: view.filters,
    toggle: (one: Condition) => setView({ f: writeFilters(toggleFilter(view.filters, one)) || undefined }),
    clear: () => setView({ f: undefined, env: undefined }),
  };
}
