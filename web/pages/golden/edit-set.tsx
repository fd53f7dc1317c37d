import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type GoldenSetDetail, useChangeSet, useDeleteSet } from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { plural } from './words.ts';

interface EditSetProps {
  detail: GoldenSetDetail;
  open: boolean;
  onClose: () => void;
}

/** What the set is about and by what its next runs are scored; or its end. */
export function EditSet({ detail, open, onClose }: EditSetProps) {
  return (
    <Dialog title={`Edit ${detail.set}`} open={open} onClose={onClose}>
      <Form detail={detail} onClose={onClose} />
    </Dialog>
  );
}

function Form({ detail, onClose }: Omit<EditSetProps, 'open'>) {
  const change = useChangeSet(detail.set);
  const [description, setDescription] = useState(detail.description);
  const [feature, setFeature] = useState(detail.feature);
  const [names, setNames] = useState(detail.evaluators.map(({ name }) => name).join(', '));
  const wanted = names.split(',').flatMap(name => name.trim() || []);
  const save = () => {
    const settingsOf = (name: string) => detail.evaluators.find(one => one.name === name)?.settings ?? {};
    const evaluators = wanted.map(name => ({ name, settings: settingsOf(name) }));
    change.mutate({ description, feature, evaluators }, { onSuccess: onClose });
  };
  return (
    <form
      className="flex w-full flex-col gap-3 p-4"
      onSubmit={event => {
        event.preventDefault();
        if (wanted.length > 0) save();
      }}
    >
      <TextField
        label="What it holds"
        value={description}
        onChange={event => setDescription(event.target.value)}
      />
      <TextField label="Feature" value={feature} onChange={event => setFeature(event.target.value)} />
      <TextField
        label="Evaluators, with commas; the first one decides the gate"
        value={names}
        placeholder="token_f1, exact_match"
        onChange={event => setNames(event.target.value)}
      />
      <p className="text-muted">Runs that are there keep their scores.</p>
      {change.error && <Failure what="The set could not be changed." error={change.error} />}
      <div className="flex flex-wrap justify-between gap-2">
        <RemoveSet detail={detail} />
        <div className="flex gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={wanted.length === 0 || change.isPending}>
            Save
          </Button>
        </div>
      </div>
    </form>
  );
}

function RemoveSet({ detail }: { detail: GoldenSetDetail }) {
  const navigate = useNavigate();
  const remove = useDeleteSet(detail.set);
  const [sure, setSure] = useState(false);
  if (remove.error) return <Failure what="The set could not be removed." error={remove.error} />;
  return (
    <Button
      look="danger"
      disabled={remove.isPending}
      onClick={() =>
        sure ? remove.mutate(undefined, { onSuccess: () => void navigate({ to: '/golden' }) }) : setSure(true)
      }
    >
      {sure
        ? `Really remove ${plural(detail.cases, 'case')} and ${plural(detail.runs, 'run')}`
        : 'Remove the set'}
    </Button>
  );
}
