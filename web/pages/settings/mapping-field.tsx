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
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 border-t border-line px-4 py-2 first:border-t-0 md:grid-cols-[120px_minmax(0,1fr)_auto]">
      <h3 className="flex min-h-8 items-center text-body pointer-coarse:min-h-11">{label}</h3>
      <div className="min-w-0 max-md:col-span-2 max-md:row-start-2">
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
        <p className="py-2 text-label break-words text-muted max-md:pt-0">
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
          className="-mr-2"
          disabled={keys.length >= mostKeys}
          aria-label={`Add key to ${label}`}
          onClick={() => setAdding(true)}
        >
          <Plus size={16} aria-hidden />
          Add key
        </Button>
      )}
    </li>
  );
}
