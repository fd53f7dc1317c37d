import { Link } from '@tanstack/react-router';
import { UserCheck } from 'lucide-react';
import { useState } from 'react';
import { useAddItem, useReviewQueues } from '../../data/review.ts';
import { Failure } from '../../states/failure.tsx';
import { AddDialog, Added } from '../../ui/add-dialog.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface AddToReviewProps {
  traceId: string;
  spanId: string;
}

/** Puts a call into a queue, so that a person looks at it. */
export function AddToReview(props: AddToReviewProps) {
  return (
    <AddDialog
      title="Add to review"
      icon={<UserCheck size={16} aria-hidden />}
      form={close => <Form {...props} onClose={close} />}
    />
  );
}

function Form({ traceId, spanId, onClose }: AddToReviewProps & { onClose: () => void }) {
  const queues = useReviewQueues();
  const [chosen, setChosen] = useState<string>();
  const [note, setNote] = useState('');
  const [assignee, setAssignee] = useState('');
  const add = useAddItem();
  const list = queues.data?.queues ?? [];
  const queue = chosen ?? list[0]?.queue;
  if (add.data)
    return (
      <Added onClose={onClose}>
        {add.data.state === 'done' ? 'It was labelled already, in ' : 'It is in '}
        <Link to="/review" search={{ q: add.data.queue, tab: 'items' }} className="text-accent underline">
          {add.data.queue}
        </Link>
        .
      </Added>
    );
  if (queues.data && list.length === 0)
    return (
      <p className="p-4">
        There is no review queue yet.{' '}
        <Link to="/review" className="text-accent underline">
          Make one
        </Link>
      </p>
    );
  return (
    <form
      className="flex w-full flex-col gap-3 p-4"
      onSubmit={event => {
        event.preventDefault();
        if (queue) add.mutate({ queue, request: { trace_id: traceId, span_id: spanId, note, assignee } });
      }}
    >
      <Select
        label="Review queue"
        value={queue ?? ''}
        options={list.map(one => ({ value: one.queue, label: `${one.queue} (${one.open} open)` }))}
        onChange={setChosen}
      />
      <TextField
        label="Why (optional)"
        value={note}
        maxLength={300}
        onChange={event => setNote(event.target.value)}
      />
      <TextField
        label="For whom (empty: anybody)"
        value={assignee}
        maxLength={128}
        onChange={event => setAssignee(event.target.value)}
      />
      {queues.error && <Failure what="Could not load the review queues." error={queues.error} />}
      {add.error && <Failure what="It could not be added." error={add.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={!queue || add.isPending}>
          Add
        </Button>
      </div>
    </form>
  );
}
