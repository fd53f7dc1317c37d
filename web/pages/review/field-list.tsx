import { X } from 'lucide-react';
import type { ReviewField } from '../../data/review.ts';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Labelled } from '../../ui/labelled.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type FieldDraft, fieldTitles, withField } from './queue-draft.ts';

const kinds = Object.keys(fieldTitles) as ReviewField['kind'][];
const MOST = 8;

interface FieldListProps {
  fields: readonly FieldDraft[];
  onChange: (fields: readonly FieldDraft[]) => void;
}

/** What people are asked; each answer becomes a score of the field's name. */
export function FieldList({ fields, onChange }: FieldListProps) {
  const hasCorrection = fields.some(({ field }) => field.kind === 'correction');
  const free = kinds.filter(kind => kind !== 'correction' || !hasCorrection);
  const set = (changed: FieldDraft) => onChange(fields.map(one => (one.key === changed.key ? changed : one)));
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 font-semibold">What people are asked</legend>
      {fields.map(one => (
        <div key={one.key} className="rounded-control border border-line p-3">
          <div className="flex items-start justify-between gap-2">
            <p className="text-label text-muted">{fieldTitles[one.field.kind]}</p>
            <Button
              square
              look="quiet"
              className="-mt-1.5 -mr-2"
              aria-label={`Remove: ${one.field.title || fieldTitles[one.field.kind]}`}
              onClick={() => onChange(fields.filter(({ key }) => key !== one.key))}
            >
              <X size={16} aria-hidden />
            </Button>
          </div>
          <OneField draft={one} onChange={set} />
        </div>
      ))}
      {fields.length < MOST && (
        <Select
          label="Add a question"
          value=""
          options={[
            { value: '', label: 'Add a question …' },
            ...free.map(value => ({ value: value as string, label: fieldTitles[value] })),
          ]}
          onChange={value => {
            const kind = kinds.find(one => one === value);
            if (kind) onChange(withField(fields, kind));
          }}
        />
      )}
    </fieldset>
  );
}

function OneField({ draft, onChange }: { draft: FieldDraft; onChange: (draft: FieldDraft) => void }) {
  const { field } = draft;
  const edit = (change: Partial<ReviewField>) =>
    onChange({ ...draft, field: { ...field, ...change } as ReviewField });
  return (
    <div className="grid gap-3 md:grid-cols-2">
      <TextField
        label="Question"
        value={field.title}
        maxLength={200}
        onChange={event => edit({ title: event.target.value })}
      />
      <TextField
        label="Name of its score"
        value={field.name}
        maxLength={128}
        onChange={event => edit({ name: event.target.value })}
      />
      {field.kind === 'scale' && (
        <>
          <TextField
            label="Points"
            inputMode="numeric"
            value={draft.points}
            onChange={event => onChange({ ...draft, points: event.target.value })}
          />
          <div className="grid grid-cols-2 gap-3">
            <TextField
              label="Lowest means"
              value={field.low}
              maxLength={60}
              onChange={event => edit({ low: event.target.value })}
            />
            <TextField
              label="Highest means"
              value={field.high}
              maxLength={60}
              onChange={event => edit({ high: event.target.value })}
            />
          </div>
        </>
      )}
      {field.kind === 'category' && (
        <TextField
          label="Categories, with commas"
          className="md:col-span-2"
          placeholder="wrong, rude, off topic"
          value={draft.options}
          onChange={event => onChange({ ...draft, options: event.target.value })}
        />
      )}
      {field.kind === 'yes_no' && (
        <Labelled label="Good is">
          <Select
            label="Good is"
            value={field.good}
            options={[
              { value: 'yes', label: 'Yes' },
              { value: 'no', label: 'No' },
            ]}
            onChange={good => edit({ good })}
          />
        </Labelled>
      )}
      <CheckBox
        className="md:col-span-2"
        label="Must be answered"
        checked={field.required}
        onChange={event => edit({ required: event.target.checked })}
      />
    </div>
  );
}
