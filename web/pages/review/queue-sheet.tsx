import { type FormEvent, useState } from 'react';
import { useQuality } from '../../data/quality.ts';
import { type ReviewQueue, useChangeQueue, useCreateQueue, useDeleteQueue } from '../../data/review.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { FieldList } from './field-list.tsx';
import { draftOfQueue, newQueue, type QueueDraft, queueOfDraft } from './queue-draft.ts';
import { RuleList, SCORE_LIST } from './rule-list.tsx';
import { plural } from './words.ts';

interface QueueSheetProps {
  open: boolean;
  /** The one to change; null makes a new one. */
  queue: ReviewQueue | null;
  onClose: () => void;
  /** Name of the queue that was made or changed; empty when it was removed. */
  onDone: (queue: string) => void;
}

/** What brings calls in, and what people say of them. */
export function QueueSheet({ open, queue, onClose, onDone }: QueueSheetProps) {
  return (
    <Dialog
      title={queue ? `Queue ${queue.queue}` : 'New review queue'}
      shape="side"
      open={open}
      onClose={onClose}
    >
      <Form queue={queue} onClose={onClose} onDone={onDone} />
    </Dialog>
  );
}

function Form({ queue, onClose, onDone }: Omit<QueueSheetProps, 'open'>) {
  const scores = useQuality({ from: 'now-7d', to: 'now' }).data?.scores.map(({ name }) => name) ?? [];
  const [changed, setDraft] = useState<QueueDraft | null>(null);
  const draft = changed ?? (queue ? draftOfQueue(queue) : newQueue(scores[0] ?? ''));
  const [tried, setTried] = useState(false);
  const create = useCreateQueue();
  const change = useChangeQueue();
  const found = queueOfDraft(draft);
  const save = queue ? change : create;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof found === 'string') return;
    save.mutate(found, {
      onSuccess: ({ queue: name }) => {
        onClose();
        onDone(name);
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-5 p-4">
      <datalist id={SCORE_LIST}>
        {scores.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="grid gap-3 md:grid-cols-2">
        {!queue && (
          <TextField
            label="Name"
            placeholder="support"
            maxLength={60}
            value={draft.name}
            onChange={event => setDraft({ ...draft, name: event.target.value })}
          />
        )}
        <TextField
          label="Only these calls (optional)"
          placeholder="feature:support-bot"
          value={draft.where}
          onChange={event => setDraft({ ...draft, where: event.target.value })}
        />
        <TextField
          label="What it is for (optional)"
          className={queue ? '' : 'md:col-span-2'}
          maxLength={2_000}
          value={draft.description}
          onChange={event => setDraft({ ...draft, description: event.target.value })}
        />
      </div>
      <RuleList rules={draft.rules} onChange={rules => setDraft({ ...draft, rules })} />
      <FieldList fields={draft.fields} onChange={fields => setDraft({ ...draft, fields })} />
      <div>
        <TextField
          label="Items that two people get, blind (%)"
          inputMode="decimal"
          className="max-w-60"
          value={draft.second}
          onChange={event => setDraft({ ...draft, second: event.target.value })}
        />
        {queue && (
          <p className="mt-2 text-label text-muted">
            Items and labels stay. Other questions make version {queue.schema_version + 1} of them; labels say
            which one they answer.
          </p>
        )}
      </div>
      {tried && typeof found === 'string' && (
        <p role="alert" className="text-critical">
          {found}
        </p>
      )}
      {save.error && (
        <Failure what={queue ? 'The queue was not changed.' : 'The queue was not made.'} error={save.error} />
      )}
      <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap justify-end gap-2 border-t border-line bg-bg px-4 py-3">
        {queue && (
          <Remove
            queue={queue}
            onRemoved={() => {
              onClose();
              onDone('');
            }}
          />
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={save.isPending}>
          {save.isPending ? 'Saving' : queue ? 'Save queue' : 'Make queue'}
        </Button>
      </div>
    </form>
  );
}

/** Asks once more: items cannot be brought back. */
function Remove({ queue, onRemoved }: { queue: ReviewQueue; onRemoved: () => void }) {
  const [asking, setAsking] = useState(false);
  const remove = useDeleteQueue();
  if (!asking)
    return (
      <Button look="quiet" className="mr-auto text-critical" onClick={() => setAsking(true)}>
        Remove
      </Button>
    );
  return (
    <div className="mr-auto flex min-w-0 flex-wrap items-center gap-2">
      <Button
        look="danger"
        disabled={remove.isPending}
        onClick={() => remove.mutate(queue.queue, { onSuccess: onRemoved })}
      >
        Remove it with {plural(queue.open + queue.done, 'item')}
      </Button>
      <span className="text-label text-muted">Scores that labels became stay.</span>
      {remove.error && <Failure what="The queue was not removed." error={remove.error} />}
    </div>
  );
}
