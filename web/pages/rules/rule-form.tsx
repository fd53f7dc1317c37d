import { type FormEvent, useState } from 'react';
import type { RuleView } from '#contract/rule.ts';
import { useDeleteRule, useSaveRule } from '../../data/rules.ts';
import { Failure } from '../../states/failure.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { DeleteButton, FormFoot } from '../../ui/form-foot.tsx';
import { Labelled } from '../../ui/labelled.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { draftOfRule, inputOfRule, newRule, type RuleDraft, ruleErrors } from './draft.ts';
import { KindFields } from './kind-fields.tsx';
import { Preview } from './preview.tsx';

const KINDS = [
  { value: 'threshold', label: 'Threshold' },
  { value: 'slo', label: 'SLO' },
  { value: 'absence', label: 'Absence' },
  { value: 'budget', label: 'Budget' },
] as const;

const DIMENSIONS = ['feature', 'model', 'environment'] as const;

/** A plain rule: what it asks, of which calls, how patient it is, and what it would have done. */
export function RuleForm({ rule, onDone }: { rule: RuleView | null; onDone: () => void }) {
  const [draft, setDraft] = useState(() => (rule?.definition ? draftOfRule(rule.definition) : newRule()));
  const [tried, setTried] = useState(false);
  const save = useSaveRule(rule?.id ?? null);
  const found = ruleErrors(draft);
  const errors = tried ? found : {};
  const edit = (change: Partial<RuleDraft>) => setDraft({ ...draft, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(found).length === 0) save.mutate(inputOfRule(draft), { onSuccess: onDone });
  };
  const field = (name: 'hold' | 'keep' | 'least', label: string) => (
    <TextField
      label={label}
      inputMode="numeric"
      value={draft[name]}
      error={errors[name]}
      onChange={event => edit({ [name]: event.target.value.trim() })}
    />
  );
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4 p-4">
      <div className="max-w-full overflow-x-auto p-0.5">
        <Segmented label="Kind" value={draft.kind} options={KINDS} onChange={kind => edit({ kind })} />
      </div>
      <TextField
        label="Name"
        placeholder="error-rate"
        value={draft.name}
        maxLength={80}
        error={errors.name}
        onChange={event => edit({ name: event.target.value.toLowerCase().replaceAll(' ', '-') })}
      />
      <KindFields draft={draft} errors={errors} onEdit={edit} />
      {draft.kind !== 'budget' && (
        <>
          <div className="grid gap-3 md:grid-cols-3">
            {DIMENSIONS.map(name => (
              <TextField
                key={name}
                label={`Only ${name}`}
                placeholder="any"
                value={draft[name]}
                onChange={event => edit({ [name]: event.target.value })}
              />
            ))}
          </div>
          <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
            <legend className="mb-1 text-label font-semibold">One alert for each</legend>
            {DIMENSIONS.map(name => (
              <CheckBox
                key={name}
                label={name}
                checked={draft.by.includes(name)}
                onChange={event =>
                  edit({
                    by: DIMENSIONS.filter(one =>
                      one === name ? event.target.checked : draft.by.includes(one),
                    ),
                  })
                }
              />
            ))}
          </fieldset>
        </>
      )}
      <Preview rule={previewOf(draft)} />
      <div className="grid items-end gap-3 md:grid-cols-3">
        {field('hold', 'Told after (minutes)')}
        {field('keep', 'Over after (minutes)')}
        {(draft.kind === 'threshold' || draft.kind === 'slo') && field('least', 'Smallest sample')}
      </div>
      <Labelled label="Severity">
        <Segmented
          label="Severity"
          value={draft.severity}
          options={[
            { value: 'warning', label: 'Warning' },
            { value: 'critical', label: 'Critical' },
          ]}
          onChange={severity => edit({ severity })}
        />
      </Labelled>
      <Disclosure summary="More">
        <div className="flex flex-col gap-3 pt-2">
          {(draft.kind === 'threshold' || draft.kind === 'slo') && (
            <Labelled label="When no data arrive">
              <Segmented
                label="No data"
                value={draft.noData}
                options={[
                  { value: 'notify', label: 'Tell' },
                  { value: 'keep', label: 'Stay as it is' },
                  { value: 'ok', label: 'Fine' },
                ]}
                onChange={noData => edit({ noData })}
              />
            </Labelled>
          )}
          <TextField
            label="What to know or do (link to a runbook)"
            value={draft.description}
            maxLength={1000}
            onChange={event => edit({ description: event.target.value })}
          />
          <CheckBox
            label="Switched on"
            checked={draft.enabled}
            onChange={event => edit({ enabled: event.target.checked })}
          />
        </div>
      </Disclosure>
      {save.error && <Failure what="The rule was not saved." error={save.error} />}
      <FormFoot submit={rule ? 'Save' : 'Create rule'} saving={save.isPending} onCancel={onDone}>
        {rule && <Delete id={rule.id} onDone={onDone} />}
      </FormFoot>
    </form>
  );
}

/** What can be tried: a name is not needed to look back. */
function previewOf(draft: RuleDraft) {
  const { name: _name, ...errors } = ruleErrors(draft);
  return Object.keys(errors).length === 0 ? inputOfRule({ ...draft, name: 'preview' }) : null;
}

/** Asks once more: its open alerts are resolved with it. */
function Delete({ id, onDone }: { id: string; onDone: () => void }) {
  const remove = useDeleteRule();
  return (
    <DeleteButton
      sure="Delete it and end its alerts"
      busy={remove.isPending}
      onDelete={() => remove.mutate(id, { onSuccess: onDone })}
    >
      {remove.error && <Failure what="The rule was not deleted." error={remove.error} />}
    </DeleteButton>
  );
}
