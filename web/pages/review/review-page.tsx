import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Pencil, Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { type ReviewQueue, useReviewQueues } from '../../data/review.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { AgreementPanel } from './agreement-panel.tsx';
import { ItemList } from './item-list.tsx';
import { QueueSheet } from './queue-sheet.tsx';
import { type ReviewSearch, reviewTabs } from './search.ts';
import { plural } from './words.ts';
import { Work } from './work.tsx';

/** What should a person judge next? */
export function ReviewPage() {
  const search = useSearch({ from: '/review' });
  const navigate = useNavigate({ from: '/review' });
  const change = (part: ReviewSearch) => void navigate({ search: before => ({ ...before, ...part }) });
  const query = useReviewQueues();
  const [sheet, setSheet] = useState<'new' | 'edit' | null>(null);
  const [reviewer, setReviewer] = useStored('reviewer');
  const queues = query.data?.queues ?? [];
  const queue = queues.find(one => one.queue === search.q) ?? queues[0];
  const actions = (
    <div className="flex max-w-full flex-wrap items-center gap-2">
      {queue && (
        <Select
          label="Queue"
          value={queue.queue}
          options={queues.map(one => ({ value: one.queue, label: `${one.queue} (${one.open} open)` }))}
          onChange={q => change({ q })}
        />
      )}
      {queue && (
        <Button onClick={() => setSheet('edit')}>
          <Pencil size={16} aria-hidden />
          Edit queue
        </Button>
      )}
      <Button look={queue ? 'plain' : 'primary'} onClick={() => setSheet('new')}>
        <Plus size={16} aria-hidden />
        New queue
      </Button>
    </div>
  );
  return (
    <>
      <PageTitle title="Review" actions={actions}>
        <p className="max-w-text text-muted">
          Answers that a person should look at, the most telling first. Labels become scores, corrections
          become golden cases and{' '}
          <Link to="/training" className="text-accent underline hover:no-underline">
            training data
          </Link>
          .
        </p>
        {queue && <QueueFacts queue={queue} />}
      </PageTitle>
      <Tabs
        label="Review"
        value={search.tab ?? 'next'}
        onChange={tab => change({ tab: reviewTabs.find(one => one === tab) })}
        tabs={[
          { value: 'next', label: 'Next' },
          { value: 'items', label: 'Items' },
          { value: 'agreement', label: 'Agreement' },
        ]}
      >
        {query.data === undefined ? (
          query.error ? (
            <Failure
              what="Could not load the review queues."
              error={query.error}
              onRetry={() => void query.refetch()}
            />
          ) : (
            <div role="status" className="appear h-48 rounded-card bg-surface">
              <span className="sr-only">Loading</span>
            </div>
          )
        ) : queue === undefined ? (
          <div className="rounded-card border border-line">
            <Note title="There is no review queue yet.">
              <span>Make one: say what brings calls in, and what people are asked about them.</span>
            </Note>
          </div>
        ) : (
          <OfQueue queue={queue} tab={search.tab} reviewer={reviewer} onReviewer={setReviewer} />
        )}
      </Tabs>
      <QueueSheet
        open={sheet !== null}
        queue={sheet === 'edit' && queue ? queue : null}
        onClose={() => setSheet(null)}
        onDone={q => change(sheet === 'edit' && q ? { q } : { q: q === '' ? undefined : q, tab: undefined })}
      />
    </>
  );
}

/** What the chosen queue is for, and what fills it. */
function QueueFacts({ queue }: { queue: ReviewQueue }) {
  const paused = queue.rules.filter(({ enabled }) => !enabled).length;
  const filled =
    queue.rules.length === 0
      ? 'filled by hand'
      : paused === queue.rules.length
        ? 'paused: nothing comes in by itself'
        : `filled by ${plural(queue.rules.length - paused, 'rule')}${paused > 0 ? `, ${paused} paused` : ''}`;
  return (
    <p className="mt-1 max-w-text text-label text-muted">
      <span className="font-semibold">{queue.queue}</span>
      {queue.description && `: ${queue.description}`} ({filled})
    </p>
  );
}

interface OfQueueProps {
  queue: ReviewQueue;
  tab: ReviewSearch['tab'];
  reviewer: string;
  onReviewer: (name: string) => void;
}

function OfQueue({ queue, tab, reviewer, onReviewer }: OfQueueProps) {
  if (tab === 'items') return <ItemList key={queue.queue} queue={queue.queue} />;
  if (tab === 'agreement') return <AgreementPanel queue={queue.queue} />;
  if (reviewer === '') return <WhoAreYou onSaid={onReviewer} />;
  return (
    <>
      <Work key={`${queue.queue} ${reviewer}`} queue={queue} reviewer={reviewer} />
      <p className="mt-4 flex flex-wrap items-center gap-2 text-label text-muted">
        You label as {reviewer}.
        <Button look="quiet" onClick={() => onReviewer('')}>
          Somebody else
        </Button>
      </p>
    </>
  );
}

/** Labels say whose they are, or agreement could not be told. */
function WhoAreYou({ onSaid }: { onSaid: (name: string) => void }) {
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) onSaid(name.trim());
  };
  return (
    <form onSubmit={submit} className="flex max-w-text flex-col gap-3 rounded-card border border-line p-4">
      <p>Who are you? Labels say whose they are, so that agreement can be told. Kept in this browser.</p>
      <div className="flex flex-wrap items-end gap-2">
        <TextField
          label="Your name"
          className="grow"
          value={name}
          maxLength={128}
          autoComplete="name"
          onChange={event => setName(event.target.value)}
        />
        <Button type="submit" look="primary">
          Begin
        </Button>
      </div>
    </form>
  );
}
