import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ago, exact, viewerZone } from '../../clock.ts';
import { useAssign, useReviewItems } from '../../data/review.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';

const STATES = [
  { value: 'open', label: 'Open' },
  { value: 'done', label: 'Done' },
] as const;

/** What is in the queue, in the order it is asked; texts are shown one at a time only. */
export function ItemList({ queue }: { queue: string }) {
  const [state, setState] = useState<'open' | 'done'>('open');
  const query = useReviewItems(queue, state);
  return (
    <Panel
      title="Items"
      what="the items"
      query={query}
      height={120}
      actions={
        <div className="pb-2">
          <Segmented label="State" value={state} options={STATES} onChange={setState} />
        </div>
      }
      empty={({ items }) =>
        items.length === 0 ? (
          <Note title={state === 'open' ? 'Nothing is open.' : 'Nothing is done yet.'} />
        ) : null
      }
    >
      {({ items, total }) => (
        <>
          <ol>
            {items.map(item => (
              <Row key={item.item_id} item={item} />
            ))}
          </ol>
          {total > items.length && (
            <p className="border-t border-line px-4 py-2 text-muted">
              first {items.length} of {total}
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

type Item = NonNullable<ReturnType<typeof useReviewItems>['data']>['items'][number];

function Row({ item }: { item: Item }) {
  const at = Date.parse(item.call_time);
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-2">
      <div className="min-w-0">
        <p className="font-semibold">{item.reasons.map(({ sentence }) => sentence).join('; ')}</p>
        <p className="flex flex-wrap gap-x-3 text-label text-muted">
          <span>{[item.feature, item.model].filter(Boolean).join(', ')}</span>
          <span title={exact(at, viewerZone())}>{ago(at, Date.now(), viewerZone())}</span>
          <span>
            {item.opinions} of {item.opinions_wanted} labelled
          </span>
          <Link
            to="/traces/$traceId"
            params={{ traceId: item.trace_id }}
            search={{ span: item.span_id }}
            className="text-accent hover:underline"
          >
            Open trace
          </Link>
        </p>
      </div>
      {item.state === 'open' && <Assignee item={item} />}
    </li>
  );
}

function Assignee({ item }: { item: Item }) {
  const [name, setName] = useState<string | null>(null);
  const assign = useAssign();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const request = { assignee: name ?? '' };
    assign.mutate({ itemId: item.item_id, request }, { onSuccess: () => setName(null) });
  };
  if (name === null)
    return (
      <Button look="quiet" onClick={() => setName(item.assignee)}>
        {item.assignee ? `For ${item.assignee}` : 'For anybody'}
      </Button>
    );
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <TextField
        label="For whom (empty: anybody)"
        value={name}
        maxLength={128}
        onChange={event => setName(event.target.value)}
      />
      <Button type="submit" look="primary" disabled={assign.isPending}>
        Assign
      </Button>
      <Button onClick={() => setName(null)}>Cancel</Button>
      {assign.error && <Failure what="It was not assigned." error={assign.error} />}
    </form>
  );
}
