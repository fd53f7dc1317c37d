import { X } from 'lucide-react';
import { dimensionLabels } from '../state/filters.ts';
import { useView } from '../state/use-view.ts';
import { Button } from '../ui/button.tsx';
import { useFilters } from './use-filters.ts';

/** The filters that are set, each with its way out. Takes no room while there is none. Default export, see ViewControls. */
export default function FilterChips() {
  const { view, setView } = useView();
  const { filters, toggle, clear } = useFilters();
  if (filters.length === 0 && !view.env) return null;
  return (
    <ul aria-label="Filters" className="flex flex-wrap items-center gap-2 pb-4">
      {view.env && (
        <li className="lg:hidden">
          <Chip name="Environment" value={view.env} onRemove={() => setView({ env: undefined })} />
        </li>
      )}
      {filters.map(one => (
        <li key={`${one.dimension}:${one.value}`} className="min-w-0">
          <Chip
            name={dimensionLabels[one.dimension]}
            value={one.value || '(none)'}
            onRemove={() => toggle(one)}
          />
        </li>
      ))}
      {filters.length > 0 && (
        <li>
          <Button look="quiet" onClick={clear}>
            Clear
          </Button>
        </li>
      )}
    </ul>
  );
}

function Chip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  return (
    <span className="inline-flex max-w-full items-center rounded-control border border-control bg-surface pl-3">
      <span className="truncate">
        <span className="text-muted">{name}</span> {value}
      </span>
      <button
        type="button"
        aria-label={`Remove the filter ${name} ${value}`}
        onClick={onRemove}
        className="ml-1 inline-flex size-8 shrink-0 items-center justify-center rounded-control text-muted hover:text-ink pointer-coarse:size-11"
      >
        <X size={14} aria-hidden />
      </button>
    </span>
  );
}
