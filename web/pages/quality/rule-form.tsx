import { type FormEvent, useState } from 'react';
import type { EvaluatorInfo, ScoringRule } from '#contract/evaluator.ts';
import { useSaveRule } from '../../data/quality.ts';
import { useValues } from '../../data/series.ts';
import { dimensionLabels } from '../../state/filters.ts';
import { useView } from '../../state/use-view.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { draftErrors, draftOf, hasSettings, readSettings, samplingOf, settingsHelp } from './rule-draft.ts';
import { cohortDimensions } from './search.ts';

interface RuleFormProps {
  info: EvaluatorInfo;
  /** The one that is edited; a new one without. */
  rule?: ScoringRule;
  onDone?: () => void;
}

const strata = (['feature', ...cohortDimensions] as const).map(value => ({
  value,
  label: dimensionLabels[value],
}));

/** Which calls an evaluator scores. */
export function RuleForm({ info, rule, onDone }: RuleFormProps) {
  const { view } = useView();
  const [draft, setDraft] = useState(() => draftOf(rule, ''));
  const [tried, setTried] = useState(false);
  const features = useValues(view, 'feature', rule === undefined).data ?? [];
  const save = useSaveRule();
  const found = draftErrors(draft);
  const errors = tried ? found : {};
  const edit = (change: Partial<typeof draft>) => {
    save.reset();
    setDraft({ ...draft, ...change });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(found).length > 0) return;
    const settings = readSettings(draft.settings) ?? {};
    const request = { feature: draft.feature, enabled: true, settings, sampling: samplingOf(draft) };
    save.mutate({ name: info.name, request }, { onSuccess: () => onDone?.() });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col items-start gap-3 py-2">
      {!rule && (
        <div className="max-w-full">
          <span className="mb-1 block text-label font-semibold">Calls of</span>
          <Select
            label={`Feature that ${info.name} scores`}
            value={draft.feature}
            options={[
              { value: '', label: 'Every feature without a rule of its own' },
              ...features.filter(({ value }) => value).map(({ value }) => ({ value, label: value })),
            ]}
            onChange={feature => edit({ feature })}
          />
        </div>
      )}
      <Segmented
        label={`How ${info.name} chooses calls${rule ? ` of ${rule.feature || 'every other feature'}` : ''}`}
        value={draft.design}
        options={[
          { value: 'uniform', label: 'A share of all' },
          { value: 'stratified', label: 'Rare ones more' },
        ]}
        onChange={design => edit({ design })}
      />
      {draft.design === 'uniform' ? (
        <TextField
          label="Percent of the calls"
          inputMode="decimal"
          value={draft.percent}
          error={errors.percent}
          onChange={event => edit({ percent: event.target.value.trim() })}
        />
      ) : (
        <div className="flex flex-wrap items-end gap-3">
          <TextField
            label="Scores an hour"
            inputMode="numeric"
            value={draft.perHour}
            error={errors.perHour}
            onChange={event => edit({ perHour: event.target.value.trim() })}
          />
          <div>
            <span className="mb-1 block text-label font-semibold">of each</span>
            <Select
              label={`Evenly over, for ${info.name}`}
              value={draft.by as (typeof strata)[number]['value']}
              options={strata}
              onChange={by => edit({ by })}
            />
          </div>
        </div>
      )}
      {hasSettings(info) && (
        <div className="w-full">
          <TextArea
            label="Settings as JSON"
            rows={3}
            value={draft.settings}
            aria-invalid={errors.settings !== undefined}
            onChange={event => edit({ settings: event.target.value })}
          />
          {errors.settings && (
            <p role="alert" className="text-label text-critical">
              {errors.settings}
            </p>
          )}
          <ul className="mt-1 text-label text-muted">
            {settingsHelp(info).map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      <Button type="submit" look="primary" disabled={save.isPending}>
        {rule ? 'Save' : 'Switch on'}
      </Button>
      {save.isSuccess && !rule && (
        <p role="status" className="text-good">
          Switched on: calls that arrive from now on are scored.
        </p>
      )}
      {save.error && <Failure what="Could not save it." error={save.error} />}
    </form>
  );
}
