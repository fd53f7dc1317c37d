import { ListFilter } from 'lucide-react';
import { lazy } from 'react';
import { useView } from '../state/use-view.ts';
import { Popover } from '../ui/popover.tsx';

const FilterPanel = lazy(() => import('./filter-panel.tsx'));

/** Adds a filter: first by what, then which value, with how often each occurs. */
export function FilterButton({ compare }: { compare: boolean }) {
  const { view } = useView();
  const count = view.filters.length;
  return (
    <Popover label="Filters" look="quiet" content={() => <FilterPanel compare={compare} />}>
      <ListFilter size={16} aria-hidden className="text-muted" />
      <span className="max-lg:sr-only">Filter</span>
      {count > 0 && (
        <span className="rounded-full bg-accent px-1.5 text-label font-semibold text-bg lg:hidden">
          {count}
          <span className="sr-only"> set</span>
        </span>
      )}
    </Popover>
  );
}
