import { useId } from 'react';
import { useQuality } from '../../data/quality.ts';
import { CheckBox } from '../../ui/check-box.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { FilterDraft } from './draft.ts';
import { FORMATS } from './words.ts';

interface FilterFieldsProps {
  draft: FilterDraft;
  onChange: (draft: FilterDraft) => void;
}

/** Which pairs are taken: of an export and of a schedule alike. */
export function FilterFields({ draft, onChange }: FilterFieldsProps) {
  const list = useId();
  const scores = useQuality({ from: 'now-7d', to: 'now' }).data?.scores ?? [];
  const set = (part: Partial<FilterDraft>) => onChange({ ...draft, ...part });
  return (
    <>
      <datalist id={list}>
        {scores.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="overflow-x-auto p-1 -m-1">
        <Segmented
          label="Format"
          value={draft.format}
          options={FORMATS}
          onChange={format => set({ format })}
        />
      </div>
      <CheckBox
        label="Only corrected answers"
        checked={draft.correctedOnly}
        onChange={event => set({ correctedOnly: event.target.checked })}
      />
      {!draft.correctedOnly && (
        <div className="grid grid-cols-2 gap-2">
          <TextField
            label="Or a good score, by name"
            placeholder="quality"
            list={list}
            maxLength={128}
            value={draft.score}
            onChange={event => set({ score: event.target.value })}
          />
          <TextField
            label="at least"
            inputMode="decimal"
            value={draft.atLeast}
            onChange={event => set({ atLeast: event.target.value })}
          />
        </div>
      )}
      {draft.format !== 'chat' && !draft.correctedOnly && (
        <TextField
          label="Better than the other answer by"
          inputMode="decimal"
          value={draft.margin}
          onChange={event => set({ margin: event.target.value })}
        />
      )}
      <div className="grid gap-2 md:grid-cols-2">
        <TextField
          label="With this label (optional)"
          placeholder="acceptable:yes"
          maxLength={256}
          value={draft.label}
          onChange={event => set({ label: event.target.value })}
        />
        <TextField
          label="Only these calls (optional)"
          placeholder="feature:support-bot"
          value={draft.where}
          onChange={event => set({ where: event.target.value })}
        />
      </div>
      <Disclosure summary="What counts as the same, and how many">
        <div className="grid grid-cols-2 gap-2 py-1">
          <TextField
            label="Nearly the same from, in %"
            inputMode="numeric"
            value={draft.near}
            onChange={event => set({ near: event.target.value })}
          />
          <TextField
            label="At most so many pairs"
            inputMode="numeric"
            value={draft.limit}
            onChange={event => set({ limit: event.target.value })}
          />
        </div>
      </Disclosure>
    </>
  );
}
