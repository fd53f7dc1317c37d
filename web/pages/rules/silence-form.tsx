import { type FormEvent, useState } from 'react';
import type { Matcher } from '#contract/route.ts';
import { useCreateSilence } from '../../data/rules.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Labelled } from '../../ui/labelled.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** What can be asked of an alert, each with a value to show how. */
const EXAMPLES: Record<Matcher['label'], string> = {
  feature: 'support-bot',
  rule: 'Answers too slow',
  environment: 'staging',
  model: 'gpt-4o*',
  kind: 'drift',
  severity: 'warning',
  metric: 'latency_*',
  reason: 'no_data',
};
const LABELS = Object.keys(EXAMPLES) as Matcher['label'][];
const HOURS = [
  { value: '1', label: '1 h' },
  { value: '4', label: '4 h' },
  { value: '24', label: '24 h' },
  { value: '168', label: '7 days' },
] as const;

/** Which alerts, for how long or from when to when, and why. */
export function SilenceForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useStored('name');
  const [kind, setKind] = useState<'silence' | 'maintenance'>('silence');
  const [label, setLabel] = useState<Matcher['label']>('feature');
  const [value, setValue] = useState('');
  const [hours, setHours] = useState<(typeof HOURS)[number]['value']>('4');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [comment, setComment] = useState('');
  const [who, setWho] = useState(name);
  const [tried, setTried] = useState(false);
  const create = useCreateSilence();
  const planned = kind === 'maintenance';
  const timesRight = !planned || (from !== '' && to !== '' && to > from);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (value.trim() === '' || comment.trim() === '' || !timesRight) return;
    setName(who.trim());
    const op = value.includes('*') ? 'like' : '=';
    const now = Date.now();
    create.mutate(
      {
        kind,
        match: [{ label, op, value: value.trim() }],
        ...(planned && { from: new Date(from).toISOString() }),
        to: planned ? new Date(to).toISOString() : new Date(now + Number(hours) * 3_600_000).toISOString(),
        comment: comment.trim(),
        by: who.trim() || 'on-call',
      },
      { onSuccess: onDone },
    );
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4 p-4">
      <Segmented
        label="Kind"
        value={kind}
        options={[
          { value: 'silence', label: 'From now on' },
          { value: 'maintenance', label: 'Planned maintenance' },
        ]}
        onChange={setKind}
      />
      <div className="grid items-end gap-3 md:grid-cols-[auto_1fr]">
        <Labelled label="Alerts whose">
          <Select
            label="Alerts whose"
            value={label}
            options={LABELS.map(one => ({ value: one, label: one }))}
            onChange={setLabel}
          />
        </Labelled>
        <TextField
          label="is (* for any text)"
          value={value}
          placeholder={EXAMPLES[label]}
          error={tried && value.trim() === '' ? 'What it is about' : undefined}
          onChange={event => setValue(event.target.value)}
        />
      </div>
      {planned ? (
        <div className="grid items-end gap-3 md:grid-cols-2">
          <TextField
            label="From"
            type="datetime-local"
            value={from}
            onChange={event => setFrom(event.target.value)}
          />
          <TextField
            label="To"
            type="datetime-local"
            value={to}
            error={tried && !timesRight ? 'A time after its beginning' : undefined}
            onChange={event => setTo(event.target.value)}
          />
        </div>
      ) : (
        <Labelled label="For">
          <Segmented label="For how long" value={hours} options={HOURS} onChange={setHours} />
        </Labelled>
      )}
      <TextField
        label="Why"
        value={comment}
        maxLength={500}
        placeholder="Provider migration"
        error={tried && comment.trim() === '' ? 'Others will want to know' : undefined}
        onChange={event => setComment(event.target.value)}
      />
      <TextField
        label="Your name"
        autoComplete="name"
        placeholder="on-call"
        maxLength={128}
        value={who}
        onChange={event => setWho(event.target.value)}
      />
      {create.error && <Failure what="It was not silenced." error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" disabled={create.isPending}>
          {create.isPending ? 'Saving' : 'Silence'}
        </Button>
      </div>
    </form>
  );
}
