import { useState } from 'react';
import { useCreateSet } from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface NewSetProps {
  open: boolean;
  onClose: () => void;
  onMade: (set: string) => void;
}

export function NewSet({ open, onClose, onMade }: NewSetProps) {
  return (
    <Dialog title="New golden set" open={open} onClose={onClose}>
      <Form onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,79}$/;

function Form({ onClose, onMade }: Omit<NewSetProps, 'open'>) {
  const create = useCreateSet();
  const [set, setSet] = useState('');
  const [description, setDescription] = useState('');
  const [feature, setFeature] = useState('');
  const isBad = set !== '' && !namePattern.test(set);
  return (
    <form
      className="flex w-full flex-col gap-3 p-4"
      onSubmit={event => {
        event.preventDefault();
        if (set === '' || isBad) return;
        create.mutate({ set, description, feature }, { onSuccess: () => onMade(set) });
      }}
    >
      <TextField
        label="Name"
        value={set}
        placeholder="support-answers"
        autoComplete="off"
        required
        error={
          isBad ? 'Lower-case letters, digits, dots, "_" and "-"; it stands on command lines.' : undefined
        }
        onChange={event => setSet(event.target.value.trim())}
      />
      <TextField
        label="What it holds"
        value={description}
        placeholder="Questions about refunds"
        onChange={event => setDescription(event.target.value)}
      />
      <TextField
        label="Feature"
        value={feature}
        placeholder="support-bot"
        onChange={event => setFeature(event.target.value)}
      />
      {create.error && <Failure what="The set could not be made." error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={set === '' || isBad || create.isPending}>
          Make the set
        </Button>
      </div>
    </form>
  );
}
