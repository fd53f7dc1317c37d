import { ArrowLeftRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Dimension } from '#contract/dimension.ts';
import { useValues } from '../../data/series.ts';
import { format } from '../../format.ts';
import { dimensionLabels, writeFilters } from '../../state/filters.ts';
import { useView } from '../../state/use-view.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { armDimensions, type CompareSearch } from './search.ts';

export type Change = (part: { [Name in keyof CompareSearch]: CompareSearch[Name] | undefined }) => void;

interface PickersProps {
  search: CompareSearch;
  change: Change;
}

/** Which two are compared: values of one dimension, from what has arrived. */
export function Pickers({ search, change }: PickersProps) {
  const { view, setView } = useView();
  const by = search.d ?? 'variant';
  const values = useValues(view, by, true).data ?? [];
  const features = useValues(view, 'feature', true).data ?? [];
  const feature = view.filters.find(({ dimension }) => dimension === 'feature')?.value ?? '';
  const choices = (chosen: string | undefined) => [
    { value: '', label: 'Choose' },
    ...values
      .filter(({ value }) => value)
      .map(({ value, calls }) => ({ value, label: `${value} (${format.count(calls)} calls)` })),
    // A link may name what this time has no calls of.
    ...(chosen && !values.some(({ value }) => value === chosen)
      ? [{ value: chosen, label: `${chosen} (no calls)` }]
      : []),
  ];
  const inFeature = (value: string) => {
    const rest = view.filters.filter(({ dimension }) => dimension !== 'feature');
    setView({
      f: writeOrNothing(value ? [...rest, { dimension: 'feature', value }] : rest),
    });
  };
  return (
    <section
      aria-label="What is compared"
      className="mb-4 flex flex-wrap items-end gap-x-4 gap-y-2 rounded-card border border-line p-4"
    >
      <Labelled text="Compare by">
        <Select
          label="Compare by"
          value={by}
          options={armDimensions.map(value => ({ value, label: dimensionLabels[value] }))}
          onChange={d => change({ d: d === 'variant' ? undefined : d, a: undefined, b: undefined })}
        />
      </Labelled>
      <Labelled text="Control (A)">
        <Select
          label="Control (A)"
          value={search.a ?? ''}
          options={choices(search.a)}
          onChange={a => change({ a: a || undefined })}
        />
      </Labelled>
      <Button
        square
        look="quiet"
        aria-label="Swap control and candidate"
        title="Swap"
        onClick={() => change({ a: search.b, b: search.a })}
      >
        <ArrowLeftRight size={16} aria-hidden />
      </Button>
      <Labelled text="Candidate (B)">
        <Select
          label="Candidate (B)"
          value={search.b ?? ''}
          options={choices(search.b)}
          onChange={b => change({ b: b || undefined })}
        />
      </Labelled>
      <Labelled text="Within">
        <Select
          label="Within the feature"
          value={feature}
          options={[
            { value: '', label: 'All features' },
            ...features.filter(({ value }) => value).map(({ value }) => ({ value, label: value })),
          ]}
          onChange={inFeature}
        />
      </Labelled>
    </section>
  );
}

const writeOrNothing = (filters: { dimension: Dimension; value: string }[]) =>
  filters.length > 0 ? writeFilters(filters) : undefined;

function Labelled({ text, children }: { text: string; children: ReactNode }) {
  return (
    <div className="max-w-full min-w-0">
      <span aria-hidden className="mb-1 block text-label font-semibold">
        {text}
      </span>
      {children}
    </div>
  );
}
