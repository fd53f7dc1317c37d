import { type FormEvent, useState } from 'react';
import { useAcknowledge } from '../../data/alert-actions.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface FormProps {
  id: string;
  onDone: () => void;
}

/** Says who takes it: the one confirmation, so that a link alone never acknowledges. Default export, loaded when opened. */
export default function AcknowledgeForm({ id, onDone }: FormProps) {
  const [name, setName] = useStored('name');
  const [text, setText] = useState(name);
  const acknowledge = useAcknowledge(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setName(text.trim());
    acknowledge.mutate(text.trim() || 'on-call', { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="flex w-72 max-w-full flex-col gap-3 p-2">
      <TextField
        label="Your name"
        autoComplete="name"
        placeholder="on-call"
        maxLength={128}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <p className="text-muted">Stops repeated messages. The message that it is resolved still comes.</p>
      <Button type="submit" look="primary" disabled={acknowledge.isPending}>
        {acknowledge.isPending ? 'Acknowledging' : 'Acknowledge'}
      </Button>
      {acknowledge.error && <Failure what="It could not be acknowledged." error={acknowledge.error} />}
    </form>
  );
}
