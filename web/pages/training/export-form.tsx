import { type FormEvent, useState } from 'react';
import { useMakeExport } from '../../data/training.ts';
import { useView } from '../../state/use-view.ts';
import { whereOf } from '../../state/view.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { exportOfDraft, type FilterDraft, newFilter } from './draft.ts';
import { FilterFields } from './filter-fields.tsx';
import { Preview } from './preview.tsx';

interface ExportFormProps {
  open: boolean;
  onClose: () => void;
}

/** A file to train on, now. */
export function ExportForm({ open, onClose }: ExportFormProps) {
  return (
    <Dialog title="New export" shape="side" open={open} onClose={onClose}>
      <Form onClose={onClose} />
    </Dialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { view } = useView();
  // What another page was filtered by is likely what is wanted, and it can be seen and changed here.
  const [draft, setDraft] = useState<FilterDraft>(() => ({ ...newFilter(), where: whereOf(view) }));
  const [days, setDays] = useState('14');
  const [tried, setTried] = useState(false);
  const preview = useMakeExport();
  const make = useMakeExport();
  const request = exportOfDraft(draft, days);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof request !== 'string') make.mutate({ ...request, dry_run: false }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3 p-4">
      <FilterFields
        draft={draft}
        onChange={next => {
          setDraft(next);
          // Counts of another filter must not stand beside this one.
          preview.reset();
        }}
      />
      <TextField
        label="Days back"
        inputMode="numeric"
        className="w-32"
        value={days}
        onChange={event => {
          setDays(event.target.value);
          preview.reset();
        }}
      />
      <Preview make={preview} request={request} />
      {tried && typeof request === 'string' && (
        <p role="alert" className="text-critical">
          {request}
        </p>
      )}
      {make.error && <Failure what="The export was not made." error={make.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={make.isPending}>
          {make.isPending ? 'Working' : 'Make export'}
        </Button>
      </div>
    </form>
  );
}
