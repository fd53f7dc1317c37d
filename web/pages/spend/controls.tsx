import { X } from 'lucide-react';
import type { SpendGroup } from '#contract/spend.ts';
import { usePhone } from '../../state/use-media.ts';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { groupLabels, groups, type Step } from './search.ts';
import type { SpendView } from './use-spend-view.ts';
import { writeWhere } from './where.ts';
import { dimensionLabels, valueLabel } from './words.ts';

const NEAR: SpendGroup[] = ['feature', 'model', 'team', 'tenant', 'prompt', 'kind'];
const STEPS: { value: Step; label: string }[] = [
  { value: 'day', label: 'Daily' },
  { value: 'hour', label: 'Hourly' },
  { value: 'week', label: 'Weekly' },
];

interface ControlsProps {
  view: SpendView;
  onGroup: (by: SpendGroup) => void;
  onStep: (step: Step) => void;
}

/** By what spend is split, and how long a bar is. */
export function Controls({ view, onGroup, onStep }: ControlsProps) {
  const phone = usePhone();
  const options = (names: readonly SpendGroup[]) =>
    names.map(value => ({ value, label: groupLabels[value] }));
  const further = groups.filter(name => !NEAR.includes(name));
  return (
    <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
      <div className="flex min-w-0 items-center gap-2">
        <span className="text-muted max-sm:sr-only">By</span>
        {phone ? (
          <Select label="Group by" value={view.by} options={options(groups)} onChange={onGroup} />
        ) : (
          <>
            <Segmented label="Group by" value={view.by} options={options(NEAR)} onChange={onGroup} />
            <Select
              label="Group by something else"
              value={further.includes(view.by) ? view.by : 'more'}
              options={[{ value: 'more' as const, label: 'More' }, ...options(further)]}
              onChange={value => value !== 'more' && onGroup(value)}
            />
          </>
        )}
      </div>
      <Select label="Length of a bar" value={view.step} options={STEPS} onChange={onStep} />
    </div>
  );
}

interface ConditionsProps {
  view: SpendView;
  onChange: (where: string | undefined) => void;
}

/** What the page is narrowed to, each with its way out. */
export function Conditions({ view, onChange }: ConditionsProps) {
  const { conditions } = view;
  if (conditions.length === 0) return null;
  const without = (at: number) => writeWhere(conditions.filter((_, index) => index !== at)) || undefined;
  return (
    <ul aria-label="Filters" className="mb-3 flex flex-wrap items-center gap-2">
      {conditions.map(({ dimension, value }, at) => (
        <li key={`${dimension}:${value}`} className="min-w-0">
          <span className="inline-flex max-w-full items-center rounded-control border border-control bg-surface pl-3">
            <span className="truncate">
              <span className="text-muted">{dimensionLabels[dimension]}</span> {valueLabel(dimension, value)}
            </span>
            <button
              type="button"
              aria-label={`Remove the filter ${dimensionLabels[dimension]} ${value}`}
              onClick={() => onChange(without(at))}
              className="ml-1 inline-flex size-8 shrink-0 items-center justify-center rounded-control text-muted hover:text-ink pointer-coarse:size-11"
            >
              <X size={14} aria-hidden />
            </button>
          </span>
        </li>
      ))}
      <li>
        <Button look="quiet" onClick={() => onChange(undefined)}>
          Clear
        </Button>
      </li>
    </ul>
  );
}
