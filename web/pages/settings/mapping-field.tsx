import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import type { MappedField, MappingKey } from '#contract/mapping.ts';
import type { TriedSpan } from '../../data/mapping.ts';
import { Button } from '../../ui/button.tsx';
import { MappingAddKey } from './mapping-add-key.tsx';
import { fieldWords, mostKeys } from './mapping-draft.ts';
import { MappingKeyList } from './mapping-key-list.tsx';

interface MappingFieldProps {
  field: MappedField;
  keys: readonly MappingKey[];
  spans: readonly TriedSpan[];
  onChange: (keys: MappingKey[]) => void;
}

/** Where one field is looked for: the configured keys in order, then the built-in rules. */
export function MappingField({ field, keys, spans, onChange }: MappingFieldProps) {
  const [adding, setAdding] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { label, builtIn } = fieldWords[field];
  const close = () => {
    setAdding(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <li className="grid gap-x-4 border-t border-line px-4 py-2 first:border-t-0 sm:grid-cols-[120px_minmax(0,1fr)_auto]">
      <h3 className="flex min-h-8 items-center text-body">{label}</h3>
      <div className="min-w-0">
        <MappingKeyList field={field} keys={keys} onChange={onChange} />
        {adding && (
          <MappingAddKey
            field={field}
            keys={keys}
            spans={spans}
            onClose={close}
            onAdd={key => {
              onChange([...keys, key]);
              close();
            }}
          />
        )}
        <p className="flex min-h-8 items-center text-label break-words text-muted">
          {builtIn
            ? `${keys.length > 0 ? 'Else built in' : 'Built in'}: ${builtIn}`
            : keys.length > 0
              ? 'Kept with the span.'
              : 'Not looked for until a key is named.'}
        </p>
      </div>
      {!adding && (
        <Button
          ref={opener}
          look="quiet"
          className="justify-self-start max-sm:-ml-3"
          disabled={keys.length >= mostKeys}
          aria-label={`Add a key to ${label}`}
          onClick={() => setAdding(true)}
        >
          <Plus size={16} aria-hidden />
          Add key
        </Button>
      )}
    </li>
  );
}
