import { ChevronLeft, ListFilter, X } from 'lucide-react';
import { useState } from 'react';
import type { Condition, Dimension } from '#contract/dimension.ts';
import { useValues } from '../data/series.ts';
import { format } from '../format.ts';
import { dimensionLabels, dimensions, toggleFilter, writeFilters } from '../state/filters.ts';
import { useView } from '../state/use-view.ts';
import { Failure } from '../states/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';
import { TextField } from '../ui/text-field.tsx';
import { ChoiceList } from './choice-list.tsx';
import { CompareList } from './compare-list.tsx';

function useFilters() {
  const { view, setView } = useView();
  return {
    filters: view.filters,
    toggle: (one: Condition) => setView({ f: writeFilters(toggleFilter(view.filters, one)) || undefined }),
    clear: () => setView({ f: undefined, env: undefined }),
  };
}

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

function FilterPanel({ compare }: { compare: boolean }) {
  const [dimension, setDimension] = useState<Dimension | null>(null);
  const [section, setSection] = useState<'compare' | null>(null);
  const { view, setView } = useView();
  const { filters, toggle } = useFilters();
  const back = (
    <Button
      look="quiet"
      className="mb-1"
      onClick={() => {
        setDimension(null);
        setSection(null);
      }}
    >
      <ChevronLeft size={16} aria-hidden />
      {dimension ? dimensionLabels[dimension] : 'Compare with'}
    </Button>
  );
  if (section === 'compare')
    return (
      <div className="w-72 max-w-full">
        {back}
        <CompareList onChosen={() => setSection(null)} />
      </div>
    );
  if (dimension)
    return (
      <div className="w-72 max-w-full">
        {back}
        <ValueList
          dimension={dimension}
          isChosen={value =>
            dimension === 'environment'
              ? view.env === value
              : filters.some(one => one.dimension === dimension && one.value === value)
          }
          onChoose={value =>
            dimension === 'environment'
              ? setView({ env: view.env === value ? undefined : value })
              : toggle({ dimension, value })
          }
        />
      </div>
    );
  return (
    <ul className="grid w-72 max-w-full grid-cols-2">
      {compare && (
        <li className="md:hidden">
          <Button look="quiet" className="w-full !justify-start" onClick={() => setSection('compare')}>
            Compare with
          </Button>
        </li>
      )}
      {dimensions.map(name => (
        <li key={name} className={name === 'environment' ? 'lg:hidden' : ''}>
          <Button look="quiet" className="w-full !justify-start" onClick={() => setDimension(name)}>
            {dimensionLabels[name]}
          </Button>
        </li>
      ))}
    </ul>
  );
}

interface ValueListProps {
  dimension: Dimension;
  /** Label of the choice of no value. */
  all?: string;
  isChosen: (value: string) => boolean;
  onChoose: (value: string) => void;
}

/** Values of a dimension in the shown time, most frequent first. */
export function ValueList({ dimension, all, isChosen, onChoose }: ValueListProps) {
  const { view } = useView();
  const values = useValues(view, dimension, true);
  const [text, setText] = useState('');
  if (values.error)
    return (
      <Failure what="Could not load the values." error={values.error} onRetry={() => void values.refetch()} />
    );
  if (!values.data) return <p className="appear p-2 text-muted">Loading</p>;
  const shown = values.data.filter(({ value }) => value.toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      {values.data.length > 8 && (
        <TextField
          label="Find a value"
          quietLabel
          className="p-1 pb-2"
          placeholder="Find"
          value={text}
          onChange={event => setText(event.target.value)}
        />
      )}
      <ChoiceListWithAll
        all={all}
        isChosen={isChosen}
        onChoose={onChoose}
        values={shown}
        dimension={dimension}
      />
      {shown.length === 0 && !all && <p className="p-2 text-muted">No values in this time range.</p>}
    </>
  );
}

function ChoiceListWithAll({
  all,
  values,
  dimension,
  isChosen,
  onChoose,
}: ValueListProps & { all: string | undefined; values: { value: string; calls: number }[] }) {
  const choices = values
    .filter(({ value }) => !(all && value === ''))
    .map(({ value, calls }) => ({ value, label: value || '(none)', note: format.count(calls) }));
  return (
    <ChoiceList
      label={dimensionLabels[dimension]}
      choices={all ? [{ value: '', label: all, note: '' }, ...choices] : choices}
      isChosen={isChosen}
      onChoose={onChoose}
    />
  );
}

/** The filters that are set, each with its way out. Takes no room while there is none. */
export function FilterChips() {
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
