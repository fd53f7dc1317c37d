import { ArrowLeftRight } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Dimension } from '#contract/dimension.ts';
import { useValues } from '../../data/series.ts';
import { format } from '../../format.ts';
import { dimensionLabels, writeFilters } from '../../state/filters.ts';
import { useView } from '../../state/use-view.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { armDimensions, type CompareBy, type CompareSearch, isAttribute } from './search.ts';

export type Change = (part: { [Name in keyof CompareSearch]: CompareSearch[Name] | undefined }) => void;

interface PickersProps {
  search: CompareSearch;
  change: Change;
}

/** Which two are compared: values of one dimension, from what has arrived. */
export function Pickers({ search, change }: PickersProps) {
  const { view, setView } = useView();
  const by = search.d ?? 'variant';
  const isFree = isAttribute(by);
  const values = useValues(view, isFree ? 'variant' : by, !isFree).data ?? [];
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
  /** Values of a dimension are chosen; those of an attribute nobody has listed. */
  const arm = (label: string, value = '', say: (value: string | undefined) => void) =>
    isFree ? (
      <Typed label={label} value={value} onSaid={said => say(said || undefined)} />
    ) : (
      <Labelled text={label}>
        <Select
          label={label}
          value={value}
          options={choices(value)}
          onChange={one => say(one || undefined)}
        />
      </Labelled>
    );
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
          options={[
            ...armDimensions.map(value => ({ value: value as CompareBy, label: dimensionLabels[value] })),
            { value: isFree ? by : 'attribute:', label: 'Span attribute' },
          ]}
          onChange={d => change({ d: d === 'variant' ? undefined : d, a: undefined, b: undefined })}
        />
      </Labelled>
      {isFree && (
        <Typed
          label="Attribute"
          value={by.slice('attribute:'.length)}
          onSaid={key => change({ d: `attribute:${key}` })}
        />
      )}
      {arm('Control (A)', search.a, a => change({ a }))}
      <Button
        square
        look="quiet"
        aria-label="Swap control and candidate"
        title="Swap"
        onClick={() => change({ a: search.b, b: search.a })}
      >
        <ArrowLeftRight size={16} aria-hidden />
      </Button>
      {arm('Candidate (B)', search.b, b => change({ b }))}
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

/** A word that counts when it is finished: on leaving the field, or with Enter. */
function Typed({ label, value, onSaid }: { label: string; value: string; onSaid: (text: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const say = () => {
    if (text.trim() !== value) onSaid(text.trim());
  };
  return (
    <TextField
      label={label}
      value={text}
      onChange={event => setText(event.target.value)}
      autoComplete="off"
      spellCheck={false}
      onBlur={say}
      onKeyDown={event => {
        if (event.key === 'Enter') say();
      }}
    />
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
