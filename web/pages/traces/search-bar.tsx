import { Search } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useAction } from '../../frame/use-action.ts';
import type { TraceQuery } from '../../state/trace-query.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';

const STATUSES = [
  { value: 'any', label: 'Any' },
  { value: 'error', label: 'Failed' },
  { value: 'ok', label: 'Fine' },
] as const;

const SORTS = [
  { value: 'newest', label: 'Newest first' },
  { value: 'slowest', label: 'Slowest first' },
  { value: 'costliest', label: 'Most expensive first' },
  { value: 'worst_score', label: 'Worst score first' },
] as const;

const TYPING_MS = 400;

interface SearchBarProps {
  query: TraceQuery;
  /** Scores seen in the list, to sort by. */
  scoreNames: string[];
  onChange: (part: Partial<TraceQuery>) => void;
}

/** Words, status and order of the list. */
export function SearchBar({ query, scoreNames, onChange }: SearchBarProps) {
  const [text, setText] = useState(query.q);
  const field = useRef<HTMLInputElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  useAction('search', () => field.current?.focus());
  useEffect(() => () => clearTimeout(typing.current), []);
  // A cleared or shared search arrives through the URL.
  useEffect(() => {
    if (document.activeElement !== field.current) setText(query.q);
  }, [query.q]);
  const search = (words: string, waitMs: number) => {
    clearTimeout(typing.current);
    typing.current = setTimeout(() => onChange({ q: words.trim() }), waitMs);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    search(text, 0);
  };
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2">
      <search className="relative min-w-0 flex-[1_1_280px]">
        <form onSubmit={submit}>
          <Search
            size={16}
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-2 z-10 -translate-y-1/2 text-muted"
          />
          <TextField
            ref={field}
            quietLabel
            label="Search traces"
            type="search"
            placeholder="Trace id, span name, or attribute as key=value"
            className="[&_input]:pl-8"
            value={text}
            onChange={event => {
              setText(event.target.value);
              search(event.target.value, TYPING_MS);
            }}
          />
        </form>
      </search>
      <Segmented
        label="Status"
        value={query.status}
        options={STATUSES}
        onChange={status => onChange({ status })}
      />
      <Select label="Order" value={query.sort} options={SORTS} onChange={sort => onChange({ sort })} />
      {query.sort === 'worst_score' && scoreNames.length > 1 && (
        <Select
          label="Score"
          value={query.score}
          options={scoreNames.map(name => ({ value: name, label: name }))}
          onChange={score => onChange({ score })}
        />
      )}
    </div>
  );
}
