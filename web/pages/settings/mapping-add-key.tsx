import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { MappedField, MappingKey } from '#contract/mapping.ts';
import type { TriedSpan } from '../../data/mapping.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { fieldWords, refusal, seenKeys } from './mapping-draft.ts';

const PLACES: { value: MappingKey['from']; label: string }[] = [
  { value: 'attribute', label: 'Attribute' },
  { value: 'resource', label: 'Resource' },
];

interface AddKeyProps {
  field: MappedField;
  keys: readonly MappingKey[];
  /** Recent spans, whose keys are offered. */
  spans: readonly TriedSpan[];
  onAdd: (key: MappingKey) => void;
  onClose: () => void;
}

/** A key by name, with those of recent spans offered while typing. */
export function MappingAddKey({ field, keys, spans, onAdd, onClose }: AddKeyProps) {
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [from, setFrom] = useState<MappingKey['from']>('attribute');
  const [name, setName] = useState('');
  const [error, setError] = useState<string>();
  useEffect(() => input.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const added = { from, key: name.trim() };
    const why = refusal(keys, added);
    setError(why ?? undefined);
    if (why === null) onAdd(added);
  };
  return (
    <form
      onSubmit={submit}
      aria-label={`Add a key to ${fieldWords[field].label}`}
      className="flex flex-wrap items-start gap-2 py-1"
      onKeyDown={event => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <Select label="Look in" value={from} options={PLACES} onChange={setFrom} />
      <TextField
        ref={input}
        label={`Key of the ${from}`}
        quietLabel
        className="flex-[1_1_200px]"
        list={listId}
        maxLength={256}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={from === 'attribute' ? 'shop.journey' : 'k8s.namespace.name'}
        value={name}
        error={error}
        onChange={event => {
          setName(event.target.value);
          setError(undefined);
        }}
      />
      <datalist id={listId}>
        {seenKeys(spans, from).map(({ key, example }) => (
          <option key={key} value={key} label={`${key} = ${example.slice(0, 40)}`} />
        ))}
      </datalist>
      <Button type="submit">Add</Button>
      <Button look="quiet" onClick={onClose}>
        Cancel
      </Button>
    </form>
  );
}
