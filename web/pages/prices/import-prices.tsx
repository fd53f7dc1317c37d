import { FileUp } from 'lucide-react';
import { type DragEvent, useId, useState } from 'react';
import { type Proposal, usePreviewProposal } from '../../data/prices.ts';
import { Failure } from '../../states/failure.tsx';
import { controlClasses } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { classes } from '../../ui/classes.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Confirm } from './confirm.tsx';

/** A file of prices, looked at before anything is changed. */
export function ImportPrices({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title="Import prices" open={open} onClose={onClose} shape="side">
      <div className="p-4">
        <Steps onClose={onClose} />
      </div>
    </Dialog>
  );
}

function Steps({ onClose }: { onClose: () => void }) {
  const preview = usePreviewProposal();
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const look = (next: Proposal) => {
    setProposal(next);
    preview.mutate(next);
  };
  const read = async (file: File) => look({ file: { name: file.name, text: await file.text() } });
  const back = () => {
    setProposal(null);
    preview.reset();
  };
  if (proposal && preview.data) {
    const hasGood = preview.data.differences.length > 0 && preview.data.problems.length > 0;
    return (
      <div className="flex flex-col gap-3">
        <h3 className="font-semibold break-words">{proposal.file?.name}</h3>
        {hasGood && (
          <CheckBox
            label="Leave out the models with bad rows"
            checked={proposal.skip_bad_rows === true}
            onChange={event => look({ ...proposal, skip_bad_rows: event.target.checked })}
          >
            <p className="text-muted">All others are taken.</p>
          </CheckBox>
        )}
        <Confirm
          key={preview.data.hash}
          proposal={proposal}
          preview={preview.data}
          onBack={back}
          onClose={onClose}
        />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <DropZone busy={preview.isPending} onFile={file => void read(file)} />
      {preview.error && <Failure what="The file could not be looked at." error={preview.error} />}
      <p className="text-muted">
        A CSV or JSON file as exported here, or a newer price list such as model-prices.json. From a model's
        first day in the file on, the file says all there is; models it does not name stay as they are.
        Nothing changes before you apply it.
      </p>
    </div>
  );
}

function DropZone({ busy, onFile }: { busy: boolean; onFile: (file: File) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const hold = (event: DragEvent, isOver: boolean) => {
    event.preventDefault();
    setOver(isOver);
  };
  return (
    <section
      aria-label="File of prices"
      onDragOver={event => hold(event, true)}
      onDragLeave={event => hold(event, false)}
      onDrop={event => {
        hold(event, false);
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
      className={classes(
        'flex flex-col items-center gap-3 rounded-card border border-dashed px-4 py-10 text-center',
        over ? 'border-accent bg-surface' : 'border-control',
      )}
    >
      <FileUp size={24} aria-hidden className="text-muted" />
      <p>{busy ? 'Comparing with the price book' : 'Drop a file here, or'}</p>
      <input
        id={id}
        type="file"
        accept=".csv,.json,text/csv,application/json"
        className="peer sr-only"
        disabled={busy}
        onChange={event => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) onFile(file);
        }}
      />
      <label
        htmlFor={id}
        className={classes(
          controlClasses(),
          'cursor-pointer peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent',
          busy && 'opacity-50',
        )}
      >
        Choose a file
      </label>
    </section>
  );
}
