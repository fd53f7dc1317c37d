import { type FormEvent, useState } from 'react';
import type { BudgetCondition, BudgetPeriod, BudgetWithState } from '#contract/budget.ts';
import { DAY_MS, toWall } from '../../clock.ts';
import { useDeleteBudget, useSaveBudget } from '../../data/budgets.ts';
import { Failure } from '../../states/failure.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { DeleteButton, FormFoot } from '../../ui/form-foot.tsx';
import { Labelled } from '../../ui/labelled.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type Draft, type DraftErrors, draftErrors, draftOf, inputOf, newDraft } from './draft.ts';
import { FilterBuilder } from './filter-builder.tsx';
import { Preview } from './preview.tsx';

interface BudgetFormProps {
  /** Null for a new one. */
  budget: BudgetWithState | null;
  /** Conditions a new one begins with. */
  filter: BudgetCondition[];
  zone: string;
  onDone: () => void;
}

const PERIODS: { value: BudgetPeriod; label: string }[] = [
  { value: 'day', label: 'Day' },
  { value: 'week', label: 'Week' },
  { value: 'month', label: 'Month' },
];

/** A budget or an experiment: which spend, how much, and what happens near the limit. */
export function BudgetForm({ budget, filter, zone, onDone }: BudgetFormProps) {
  const today = new Date(Math.floor(toWall(Date.now(), zone) / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
  const [draft, setDraft] = useState(() => (budget ? draftOf(budget, today) : newDraft(filter, today)));
  // Nothing is wrong with a field nobody has filled in yet.
  const [tried, setTried] = useState(false);
  const save = useSaveBudget(budget?.id ?? null);
  const found = draftErrors(draft);
  const errors = tried ? found : {};
  const edit = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(found).length === 0) save.mutate(inputOf(draft), { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4 p-4">
      <TextField
        label="Name"
        value={draft.name}
        maxLength={120}
        error={errors.name}
        onChange={event => edit({ name: event.target.value })}
      />
      <FilterBuilder filter={draft.filter} onChange={next => edit({ filter: next })} />
      {errors.filter && (
        <p role="alert" className="-mt-3 text-label text-critical">
          {errors.filter}
        </p>
      )}
      <div>
        <Segmented
          label="What it is"
          value={draft.kind}
          options={[
            { value: 'budget', label: 'Again and again' },
            { value: 'experiment', label: 'Experiment with an end' },
          ]}
          onChange={kind => edit({ kind })}
        />
      </div>
      <div className="grid items-end gap-3 md:grid-cols-2">
        <TextField
          label="Amount in US dollars"
          inputMode="decimal"
          value={draft.amount}
          error={errors.amount}
          onChange={event => edit({ amount: event.target.value.trim() })}
        />
        {draft.kind === 'budget' ? (
          <Labelled label="Each">
            <Segmented
              label="Period"
              value={draft.period}
              options={PERIODS}
              onChange={period => edit({ period })}
            />
          </Labelled>
        ) : (
          <div className="grid grid-cols-2 gap-2">
            <TextField
              label="First day"
              type="date"
              value={draft.startsOn}
              error={errors.startsOn}
              onChange={event => edit({ startsOn: event.target.value })}
            />
            <TextField
              label="Last day"
              type="date"
              value={draft.endsOn}
              error={errors.endsOn}
              onChange={event => edit({ endsOn: event.target.value })}
            />
          </div>
        )}
      </div>
      <Preview draft={draft} zone={zone} />
      <TextField
        label="Say so when this many percent are spent"
        value={draft.thresholds}
        error={errors.thresholds}
        onChange={event => edit({ thresholds: event.target.value })}
      />
      <CeilingFields draft={draft} errors={errors} onEdit={edit} />
      {save.error && <Failure what="The budget was not saved." error={save.error} />}
      <FormFoot submit={budget ? 'Save' : 'Create budget'} saving={save.isPending} onCancel={onDone}>
        {budget && <Delete id={budget.id} onDone={onDone} />}
      </FormFoot>
    </form>
  );
}

interface CeilingFieldsProps {
  draft: Draft;
  errors: DraftErrors;
  onEdit: (change: Partial<Draft>) => void;
}

function CeilingFields({ draft, errors, onEdit }: CeilingFieldsProps) {
  return (
    <div className="flex flex-col gap-3">
      <CheckBox
        label="Ceiling"
        checked={draft.hasCeiling}
        onChange={event => onEdit({ hasCeiling: event.target.checked })}
      >
        <span className="block text-muted">
          Applications that ask before a call are told to use a cheaper model, or not to call.
          {draft.kind === 'experiment' && ' After the last day they are always told not to call.'}
        </span>
      </CheckBox>
      {draft.hasCeiling && (
        <div className="grid gap-3 md:grid-cols-2">
          <TextField
            label="Cheaper model from (percent)"
            inputMode="numeric"
            value={draft.degradeAt}
            error={errors.degradeAt}
            onChange={event => onEdit({ degradeAt: event.target.value.trim() })}
          />
          <TextField
            label="Which model (optional)"
            value={draft.degradeModel}
            onChange={event => onEdit({ degradeModel: event.target.value })}
          />
          <TextField
            label="Deny from (percent)"
            inputMode="numeric"
            value={draft.denyAt}
            error={errors.denyAt}
            onChange={event => onEdit({ denyAt: event.target.value.trim() })}
          />
          <TextField
            label="One lease allows (US dollars)"
            inputMode="decimal"
            placeholder="a thousandth of the amount"
            value={draft.leaseUsd}
            error={errors.leaseUsd}
            onChange={event => onEdit({ leaseUsd: event.target.value.trim() })}
          />
        </div>
      )}
    </div>
  );
}

/** Asks once more: its forecasts go with it. */
function Delete({ id, onDone }: { id: string; onDone: () => void }) {
  const remove = useDeleteBudget();
  return (
    <DeleteButton
      sure="Delete it with its forecasts"
      busy={remove.isPending}
      onDelete={() => remove.mutate(id, { onSuccess: onDone })}
    >
      {remove.error && <Failure what="The budget was not deleted." error={remove.error} />}
    </DeleteButton>
  );
}
