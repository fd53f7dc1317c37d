import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { MappedField, MappingKey } from '#contract/mapping.ts';
import { Button } from '../../ui/button.tsx';
import { fieldWords, keyId, moved } from './mapping-draft.ts';

interface KeyListProps {
  field: MappedField;
  keys: readonly MappingKey[];
  onChange: (keys: MappingKey[]) => void;
}

/** The keys of one field in the order they are asked; after a move the focus stays with the moved key. */
export function MappingKeyList({ field, keys, onChange }: KeyListProps) {
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const { label } = fieldWords[field];
  const focusAfterDraw = (at: number, control: string) =>
    requestAnimationFrame(() =>
      list.current
        ?.querySelectorAll('li')
        [at]?.querySelector<HTMLElement>(`[data-control=${control}]`)
        ?.focus(),
    );
  const move = (at: number, by: 1 | -1) => {
    if (!keys[at + by]) return;
    onChange(moved(keys, at, by));
    setSaid(`${keys[at]?.key} is now ${at + by + 1} of ${keys.length}.`);
    focusAfterDraw(at + by, by === 1 ? 'down' : 'up');
  };
  const remove = (at: number) => {
    onChange(keys.filter((_, place) => place !== at));
    setSaid(`${keys[at]?.key} is removed.`);
    focusAfterDraw(Math.min(at, keys.length - 2), 'remove');
  };
  return (
    <>
      {keys.length > 0 && (
        <ol ref={list} aria-label={`Keys of ${label}`} className="flex flex-col">
          {keys.map((key, at) => (
            <li key={keyId(key)} className="flex min-h-9 items-center gap-1 pointer-coarse:min-h-12">
              <span className="w-5 shrink-0 text-label text-muted">{at + 1}</span>
              <span className="min-w-0 flex-1 break-words">
                <code className="font-mono text-label break-all">{key.key}</code>
                {key.from === 'resource' && <span className="ml-2 text-label text-muted">resource</span>}
              </span>
              <Button
                look="quiet"
                square
                data-control="up"
                aria-disabled={at === 0}
                aria-label={`Move ${key.key} up`}
                title="Move up"
                onClick={() => move(at, -1)}
              >
                <ArrowUp size={16} aria-hidden />
              </Button>
              <Button
                look="quiet"
                square
                data-control="down"
                aria-disabled={at === keys.length - 1}
                aria-label={`Move ${key.key} down`}
                title="Move down"
                onClick={() => move(at, 1)}
              >
                <ArrowDown size={16} aria-hidden />
              </Button>
              <Button
                look="quiet"
                square
                data-control="remove"
                aria-label={`Remove ${key.key}`}
                title="Remove"
                onClick={() => remove(at)}
              >
                <X size={16} aria-hidden />
              </Button>
            </li>
          ))}
        </ol>
      )}
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  );
}
