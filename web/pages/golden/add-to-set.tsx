import { Link } from '@tanstack/react-router';
import { ListPlus } from 'lucide-react';
import { useState } from 'react';
import { useFromTrace, useGoldenSets } from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { AddDialog, Added } from '../../ui/add-dialog.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextArea } from '../../ui/text-area.tsx';

interface AddToSetProps {
  traceId: string;
  spanId: string;
  /** Text of the answer; the reference until a better one is written. */
  answer: string;
}

/** Makes a case of what a call was asked. */
export function AddToSet(props: AddToSetProps) {
  return (
    <AddDialog
      title="Add to a golden set"
      icon={<ListPlus size={16} aria-hidden />}
      form={close => <Form {...props} onClose={close} />}
    />
  );
}

function Form({ traceId, spanId, answer, onClose }: AddToSetProps & { onClose: () => void }) {
  const sets = useGoldenSets();
  const [chosen, setChosen] = useState<string>();
  const [reference, setReference] = useState(answer);
  const add = useFromTrace();
  const list = sets.data?.sets ?? [];
  const set = chosen ?? list[0]?.set;
  if (add.data && set)
    return (
      <Added onClose={onClose}>
        {add.data.added > 0
          ? 'The case was added'
          : add.data.changed > 0
            ? 'The case was changed'
            : 'The case was there'}
        , version {add.data.version} of{' '}
        <Link to="/golden/$set" params={{ set }} className="text-accent underline">
          {set}
        </Link>
        .
      </Added>
    );
  if (sets.data && list.length === 0)
    return (
      <p className="p-4">
        There is no golden set yet.{' '}
        <Link to="/golden" className="text-accent underline">
          Make one
        </Link>
      </p>
    );
  return (
    <form
      className="flex w-full flex-col gap-3 p-4"
      onSubmit={event => {
        event.preventDefault();
        if (!set) return;
        const said = reference.trim() === '' ? null : reference;
        add.mutate({ set, request: { trace_id: traceId, span_id: spanId, reference: said } });
      }}
    >
      <Select
        label="Golden set"
        value={set ?? ''}
        options={list.map(one => ({ value: one.set, label: one.set }))}
        onChange={setChosen}
      />
      <TextArea
        label="Reference answer"
        rows={6}
        value={reference}
        placeholder="Leave empty when there is none"
        onChange={event => setReference(event.target.value)}
      />
      <p className="text-muted">The whole conversation up to the answer is the case.</p>
      {sets.error && <Failure what="Could not load the golden sets." error={sets.error} />}
      {add.error && <Failure what="The case could not be added." error={add.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={!set || add.isPending}>
          Add the case
        </Button>
      </div>
    </form>
  );
}
