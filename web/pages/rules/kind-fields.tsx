import { Labelled } from '../../ui/labelled.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { RuleDraft } from './draft.ts';

const METRICS: { value: string; label: string; unit: string }[] = [
  { value: 'error_rate', label: 'Error rate', unit: '%' },
  { value: 'refusal_rate', label: 'Refusal rate', unit: '%' },
  { value: 'latency_p50', label: 'Median latency', unit: 'ms' },
  { value: 'latency_p95', label: 'Latency (p95)', unit: 'ms' },
  { value: 'latency_p99', label: 'Latency (p99)', unit: 'ms' },
  { value: 'ttft_p95', label: 'Time to first token (p95)', unit: 'ms' },
  { value: 'cost_usd', label: 'Cost in the window', unit: 'US dollars' },
  { value: 'cost_per_call_usd', label: 'Cost per call', unit: 'US dollars' },
  { value: 'requests', label: 'Requests in the window', unit: 'requests' },
];

interface KindFieldsProps {
  draft: RuleDraft;
  errors: Partial<Record<keyof RuleDraft, string>>;
  onEdit: (change: Partial<RuleDraft>) => void;
}

/** What a rule asks, by its kind. */
export function KindFields(props: KindFieldsProps) {
  const { kind } = props.draft;
  if (kind === 'threshold') return <ThresholdFields {...props} />;
  if (kind === 'slo') return <SloFields {...props} />;
  if (kind === 'absence')
    return (
      <Field
        {...props}
        name="silent"
        label="Nothing received for (minutes), of what reported in the week before"
      />
    );
  return (
    <div className="grid items-end gap-3 md:grid-cols-2">
      <Field {...props} name="budget" label="Budget" placeholder="any" />
      <Field {...props} name="percent" label="Reaches (percent; one of its thresholds)" />
    </div>
  );
}

function ThresholdFields(props: KindFieldsProps) {
  const { draft, onEdit } = props;
  const known = METRICS.find(({ value }) => value === draft.metric);
  const options = [...METRICS, { value: 'score', label: 'Mean of a score', unit: '' }];
  return (
    <>
      <div className="grid items-end gap-3 md:grid-cols-2">
        <Labelled label="What">
          <Select
            label="What"
            value={known?.value ?? 'score'}
            options={options}
            onChange={metric => onEdit({ metric: metric === 'score' ? 'score:quality' : metric })}
          />
        </Labelled>
        {known === undefined && (
          <TextField
            label="Name of the score"
            value={draft.metric.replace(/^score:/, '')}
            onChange={event => onEdit({ metric: `score:${event.target.value.trim()}` })}
          />
        )}
      </div>
      <div className="grid items-end gap-3 md:grid-cols-[auto_1fr_1fr_1fr]">
        <Segmented
          label="Side"
          value={draft.side}
          options={[
            { value: 'above', label: 'Above' },
            { value: 'below', label: 'Below' },
          ]}
          onChange={side => onEdit({ side })}
        />
        <Field {...props} name="threshold" label={known?.unit ? `Threshold (${known.unit})` : 'Threshold'} />
        <Field
          {...props}
          name="resolveAt"
          label={draft.side === 'above' ? 'Over only below' : 'Over only above'}
          placeholder={draft.threshold}
        />
        <Field {...props} name="window" label="Over the last (minutes)" />
      </div>
    </>
  );
}

function SloFields(props: KindFieldsProps) {
  const { draft, onEdit } = props;
  return (
    <>
      <div className="max-w-full overflow-x-auto p-0.5">
        <Segmented
          label="Good is"
          value={draft.indicator}
          options={[
            { value: 'errors', label: 'No error' },
            { value: 'latency', label: 'In time' },
            { value: 'quality', label: 'Good answers' },
          ]}
          onChange={indicator => onEdit({ indicator })}
        />
      </div>
      <div className="grid items-end gap-3 md:grid-cols-3">
        <Field {...props} name="objective" label="Objective (percent, 30 days)" />
        {draft.indicator === 'latency' && <Field {...props} name="belowMs" label="Within (ms)" />}
        {draft.indicator === 'quality' && (
          <>
            <Field {...props} name="score" label="Score" />
            <Field {...props} name="atLeast" label="Mean of at least" />
          </>
        )}
      </div>
      <p className="text-muted">
        Fires when the error budget burns 14.4 times too fast over 1 h, or 6 times over 6 h. A file can say
        other windows.
      </p>
    </>
  );
}

type TextName =
  | 'silent'
  | 'budget'
  | 'percent'
  | 'threshold'
  | 'resolveAt'
  | 'window'
  | 'objective'
  | 'belowMs'
  | 'score'
  | 'atLeast';

function Field({
  draft,
  errors,
  onEdit,
  name,
  label,
  placeholder,
}: KindFieldsProps & { name: TextName; label: string; placeholder?: string }) {
  return (
    <TextField
      label={label}
      inputMode={name === 'budget' || name === 'score' ? 'text' : 'decimal'}
      value={draft[name]}
      placeholder={placeholder}
      error={errors[name]}
      onChange={event => onEdit({ [name]: event.target.value })}
    />
  );
}
