import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { classes } from '../../ui/classes.ts';

interface InboxRowProps {
  /** The page of an incident, or of a plain rule's alert. */
  to: '/a/$id' | '/alerts/$id';
  id: string;
  title: string;
  state: ReactNode;
  /** What is known of it, most important first; what is missing is left out. */
  facts: readonly (string | null | false | undefined)[];
  actions: ReactNode;
  selected: boolean;
}

/** One alert of any kind: a row that opens it, with what can be done without opening it. */
export function InboxRow({ to, id, title, state, facts, actions, selected }: InboxRowProps) {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <li
      ref={row}
      className={classes(
        'relative border-t border-line px-4 py-3 first:border-t-0 hover:bg-surface',
        selected && 'bg-surface outline-2 -outline-offset-2 outline-accent',
      )}
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <Link
          to={to}
          params={{ id }}
          className="min-w-0 text-lead font-semibold break-words after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {title}
        </Link>
        <span className="text-label">{state}</span>
      </div>
      <p className="mt-0.5 text-muted">{facts.filter(Boolean).join(' · ')}</p>
      {/* Above the link that covers the row. */}
      <div className="relative z-10 mt-2 flex w-fit flex-wrap gap-2">{actions}</div>
    </li>
  );
}
