import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import type { BudgetCondition } from '#contract/budget.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import { useSpend } from '../../data/spend.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { dimensionLabels } from '../spend/words.ts';

const OPTIONS = (Object.entries(dimensionLabels) as [SpendDimension, string][]).map(([value, label]) => ({
  value,
  label,
}));

interface FilterBuilderProps {
  filter: readonly BudgetCondition[];
  onChange: (filter: BudgetCondition[]) => void;
}

/** Which spend counts: conditions, one a line; none means everything. */
export function FilterBuilder({ filter, onChange }: FilterBuilderProps) {
  const replace = (at: number, one: BudgetCondition) =>
    onChange(filter.map((old, index) => (index === at ? one : old)));
  return (
    <fieldset>
      <legend className="mb-1 text-label font-semibold">Which spend</legend>
      {filter.length === 0 && <p className="mb-2 text-muted">All spend of the project.</p>}
      <ul className="flex flex-col gap-2">
        {filter.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place in the list while it is typed
          <li key={at}>
            <Row
              condition={one}
              onChange={next => replace(at, next)}
              onRemove={() => onChange(filter.filter((_, index) => index !== at))}
            />
          </li>
        ))}
      </ul>
      <Button
        look="quiet"
        className="mt-1 -ml-3"
        onClick={() => onChange([...filter, { dimension: 'feature', value: '' }])}
      >
        <Plus size={16} aria-hidden />
        {filter.length === 0 ? 'Only some of it' : 'Another condition'}
      </Button>
      {filter.length > 1 && (
        <p className="text-label text-muted">
          Several values of one kind are alternatives; different kinds must all hold.
        </p>
      )}
    </fieldset>
  );
}

interface RowProps {
  condition: BudgetCondition;
  onChange: (condition: BudgetCondition) => void;
  onRemove: () => void;
}

function Row({ condition: { dimension, value }, onChange, onRemove }: RowProps) {
  const list = useId();
  // The dearest first, of the last two months.
  const known = useSpend({
    from: 'now-60d',
    to: 'now',
    group_by: dimension,
    measures: 'cost_usd',
    limit: 200,
  });
  return (
    <div className="flex items-center gap-2">
      <Select
        label="Kind of condition"
        value={dimension}
        options={OPTIONS}
        onChange={next => onChange({ dimension: next, value: '' })}
      />
      <span className="text-muted">is</span>
      <input
        aria-label={`Value of ${dimensionLabels[dimension].toLowerCase()}`}
        list={list}
        value={value}
        maxLength={512}
        onChange={event => onChange({ dimension, value: event.target.value })}
        className="h-8 min-w-0 flex-1 rounded-control border border-control bg-bg px-2 text-body pointer-coarse:h-11 pointer-coarse:text-lead"
      />
      <datalist id={list}>
        {known.data?.rows.map(row => {
          const name = String(row[dimension] ?? '');
          return name && <option key={name} value={name} />;
        })}
      </datalist>
      <Button look="quiet" square aria-label="Remove the condition" onClick={onRemove}>
        <X size={16} aria-hidden />
      </Button>
    </div>
  );
}
