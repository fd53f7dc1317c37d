import { type FormEvent, useState } from 'react';
import { useCreateQueue } from '../../data/review.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { newQueue, type QueueDraft, queueOfDraft } from './queue-draft.ts';

interface NewQueueProps {
  open: boolean;
  onClose: () => void;
  onMade: (queue: string) => void;
}

/** What brings calls in, and what people say of them. */
export function NewQueue({ open, onClose, onMade }: NewQueueProps) {
  const [draft, setDraft] = useState(newQueue);
  const [tried, setTried] = useState(false);
  const create = useCreateQueue();
  const found = queueOfDraft(draft);
  const edit = (change: Partial<QueueDraft>) => setDraft({ ...draft, ...change });
  const text = (name: keyof QueueDraft & string) => ({
    value: String(draft[name]),
    onChange: (event: { target: { value: string } }) => edit({ [name]: event.target.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof found === 'string') return;
    create.mutate(found, {
      onSuccess: ({ queue }) => {
        onClose();
        onMade(queue);
      },
    });
  };
  return (
    <Dialog title="New review queue" shape="side" open={open} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5 p-4">
        <div className="grid gap-3 md:grid-cols-2">
          <TextField label="Name" placeholder="support" maxLength={60} {...text('name')} />
          <TextField label="Only this feature (optional)" {...text('feature')} />
        </div>
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 font-semibold">What brings calls in</legend>
          <div className="grid gap-3 md:grid-cols-2">
            <TextField label="A low score, by name" placeholder="relevancy" {...text('lowScore')} />
            <TextField label="Below" inputMode="decimal" {...text('below')} />
            <TextField
              label="Disagreement on a score, by name"
              placeholder="relevancy"
              {...text('disagreement')}
            />
            <TextField
              label="A share of all calls, by chance (%)"
              inputMode="decimal"
              placeholder="1"
              {...text('sample')}
            />
          </div>
          <CheckBox
            label="Flags and thumbs down of users"
            checked={draft.flagged}
            onChange={event => edit({ flagged: event.target.checked })}
          />
          <CheckBox
            label="Calls of open incidents"
            checked={draft.drift}
            onChange={event => edit({ drift: event.target.checked })}
          />
          <p className="text-label text-muted">
            Only labels of a queue that is filled by chance alone speak for all calls; those of chosen calls
            are kept apart.
          </p>
        </fieldset>
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 font-semibold">What people are asked</legend>
          <TextField label="A scale from 1 to 5" {...text('scale')} />
          <TextField label="Yes or no" placeholder="Could this be sent as it is?" {...text('yesNo')} />
          <TextField
            label="Categories, with commas"
            placeholder="wrong, rude, off topic"
            {...text('categories')}
          />
          <CheckBox
            label="The better answer"
            checked={draft.correction}
            onChange={event => edit({ correction: event.target.checked })}
          />
          <CheckBox
            label="A note"
            checked={draft.note}
            onChange={event => edit({ note: event.target.checked })}
          />
          <TextField label="Items that two people get, blind (%)" inputMode="decimal" {...text('second')} />
        </fieldset>
        {tried && typeof found === 'string' && (
          <p role="alert" className="text-critical">
            {found}
          </p>
        )}
        {create.error && <Failure what="The queue was not made." error={create.error} />}
        <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap justify-end gap-2 border-t border-line bg-bg px-4 py-3">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={create.isPending}>
            {create.isPending ? 'Making' : 'Make queue'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
