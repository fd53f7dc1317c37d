import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { Change } from './pickers.tsx';
import { type CompareSearch, presetMargins } from './search.ts';

const fields = [
  { name: 'mq', label: 'Score, points', most: 1000 },
  { name: 'ml', label: 'Slow calls, pp', most: 100 },
  { name: 'mc', label: 'Cost, percent', most: 1000 },
  { name: 'me', label: 'Failed calls, pp', most: 100 },
] as const;

type Draft = Record<(typeof fields)[number]['name'] | 'share', string>;

/** How much worse is still accepted, and which share of users was meant to get the candidate. */
export function MarginsForm({ search, change }: { search: CompareSearch; change: Change }) {
  const [draft, setDraft] = useState<Draft>(() => ({
    mq: String(search.mq ?? presetMargins.mq),
    ml: String(search.ml ?? presetMargins.ml),
    mc: String(search.mc ?? presetMargins.mc),
    me: String(search.me ?? presetMargins.me),
    share: search.share === undefined ? '' : String(search.share),
  }));
  const wrong = (text: string, most: number) => !(Number(text) > 0 && Number(text) <= most);
  const shareWrong = draft.share !== '' && wrong(draft.share, 99.999);
  const bad = shareWrong || fields.some(({ name, most }) => wrong(draft[name], most));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (bad) return;
    const part: CompareSearch = Object.fromEntries(
      fields.map(({ name }) => [
        name,
        Number(draft[name]) === presetMargins[name] ? undefined : Number(draft[name]),
      ]),
    );
    change({ ...part, share: draft.share === '' ? undefined : Number(draft.share) });
  };
  return (
    <Disclosure summary="Margins: how much worse is accepted">
      <form onSubmit={submit} noValidate className="flex flex-wrap items-end gap-3 pt-2">
        {fields.map(({ name, label, most }) => (
          <TextField
            key={name}
            label={label}
            inputMode="decimal"
            className="w-32"
            value={draft[name]}
            error={wrong(draft[name], most) ? `Above 0, at most ${most}` : undefined}
            onChange={event => setDraft({ ...draft, [name]: event.target.value.trim() })}
          />
        ))}
        <TextField
          label="Users meant for B, percent"
          inputMode="decimal"
          className="w-48"
          placeholder="not checked"
          value={draft.share}
          error={shareWrong ? 'Above 0 and below 100' : undefined}
          onChange={event => setDraft({ ...draft, share: event.target.value.trim() })}
        />
        <Button type="submit" disabled={bad}>
          Apply
        </Button>
      </form>
    </Disclosure>
  );
}
