import type { Ref } from 'react';
import type { ReviewField } from '../../data/review.ts';
import { classes } from '../../ui/classes.ts';
import { KeyHint } from '../../ui/key-hint.tsx';
import { activeField, choicesOf, type Draft } from './draft.ts';

interface LabelFormProps {
  fields: readonly ReviewField[];
  draft: Draft;
  onChange: (draft: Draft) => void;
  correctionRef: Ref<HTMLTextAreaElement>;
}

/** What a person says of an answer, field by field; the one that keys speak to is marked. */
export function LabelForm({ fields, draft, onChange, correctionRef }: LabelFormProps) {
  const active = activeField(fields, draft);
  const set = (name: string, value: string) => onChange({ ...draft, [name]: value });
  return (
    <div className="flex flex-col gap-4">
      {fields.map(field =>
        field.kind === 'text' || field.kind === 'correction' ? (
          <Words
            key={field.name}
            field={field}
            value={draft[field.name] ?? ''}
            onChange={value => set(field.name, value)}
            areaRef={field.kind === 'correction' ? correctionRef : undefined}
          />
        ) : (
          <Choice
            key={field.name}
            field={field}
            isActive={field === active}
            value={draft[field.name] ?? ''}
            onChange={value => set(field.name, value)}
          />
        ),
      )}
    </div>
  );
}

interface ChoiceProps {
  field: ReviewField;
  isActive: boolean;
  value: string;
  onChange: (value: string) => void;
}

function Choice({ field, isActive, value, onChange }: ChoiceProps) {
  const ends = field.kind === 'scale' ? [field.low, field.high] : [];
  return (
    <fieldset className={classes('min-w-0 border-l-2 pl-3', isActive ? 'border-accent' : 'border-line')}>
      <legend className="float-left mb-1 w-full font-semibold">
        {field.title}
        <Optional field={field} />
      </legend>
      <div className="clear-both flex flex-wrap gap-2">
        {choicesOf(field).map(choice => (
          <label
            key={choice.value}
            className={classes(
              'relative inline-flex h-8 min-w-10 cursor-pointer items-center justify-center gap-2 rounded-control border px-2 whitespace-nowrap pointer-coarse:h-11 pointer-coarse:min-w-11',
              'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              choice.value === value
                ? 'border-accent bg-accent font-semibold text-bg'
                : 'border-control hover:bg-surface',
            )}
          >
            <input
              type="radio"
              className="absolute inset-0 cursor-pointer opacity-0"
              name={field.name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            {choice.title}
            {choice.key !== choice.title && <KeyHint keys={choice.key} />}
          </label>
        ))}
      </div>
      {ends.some(Boolean) && (
        <p className="mt-1 text-label text-muted">
          1: {ends[0] || 'worst'}, {field.kind === 'scale' ? field.points : ''}: {ends[1] || 'best'}
        </p>
      )}
    </fieldset>
  );
}

const Optional = ({ field }: { field: ReviewField }) =>
  field.required ? null : <span className="ml-2 font-normal text-label text-muted">optional</span>;

interface WordsProps {
  field: ReviewField;
  value: string;
  onChange: (value: string) => void;
  areaRef: Ref<HTMLTextAreaElement> | undefined;
}

function Words({ field, value, onChange, areaRef }: WordsProps) {
  return (
    <label className="block min-w-0">
      <span className="mb-1 flex flex-wrap items-center gap-2 font-semibold">
        <span>
          {field.title}
          <Optional field={field} />
        </span>
        {field.kind === 'correction' && <KeyHint keys="c" />}
      </span>
      <textarea
        ref={areaRef}
        value={value}
        rows={field.kind === 'correction' ? 5 : 2}
        maxLength={65_536}
        onChange={event => onChange(event.target.value)}
        className="w-full min-w-0 resize-y rounded-control border border-control bg-bg px-2 py-1.5 text-body pointer-coarse:text-lead"
      />
    </label>
  );
}
