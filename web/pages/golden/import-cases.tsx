import { FileUp } from 'lucide-react';
import { type DragEvent, useId, useState } from 'react';
import { useImportCases } from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { Button, controlClasses } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { plural } from './words.ts';

interface ImportCasesProps {
  set: string;
  open: boolean;
  onClose: () => void;
}

/** A file of cases, looked at before anything is changed. */
export function ImportCases({ set, open, onClose }: ImportCasesProps) {
  return (
    <Dialog title="Import cases" open={open} onClose={onClose} shape="side">
      <Steps set={set} onClose={onClose} />
    </Dialog>
  );
}

interface Chosen {
  name: string;
  format: 'jsonl' | 'csv';
  text: string;
}

function Steps({ set, onClose }: { set: string; onClose: () => void }) {
  const look = useImportCases(set);
  const take = useImportCases(set);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const read = async (file: File) => {
    const format = /\.csv$/i.test(file.name) ? 'csv' : 'jsonl';
    const next: Chosen = { name: file.name, format, text: await file.text() };
    setChosen(next);
    look.mutate({ format, text: next.text, dry_run: true });
  };
  const found = look.data;
  const news = found ? found.added + found.changed : 0;
  return (
    <div className="flex flex-col gap-3 p-4">
      <DropZone busy={look.isPending} onFile={file => void read(file)} />
      <p className="text-muted">
        CSV with the columns input, reference, context, tags, language and case_id (only input is needed), or
        JSONL with the same names. A case of a known id is changed.
      </p>
      {look.error && <Failure what="The file could not be read." error={look.error} />}
      {chosen && found && (
        <section aria-label={chosen.name} className="flex flex-col gap-2 rounded-card border border-line p-4">
          <h3 className="break-words">{chosen.name}</h3>
          <p>
            {plural(found.added, 'new case')}, {found.changed} changed, {found.unchanged} as they are.
          </p>
          {found.errors.length > 0 && (
            <>
              <p className="font-semibold text-warning">
                {plural(found.errors.length, 'line')} cannot be taken:
              </p>
              <ul className="max-h-60 overflow-auto">
                {found.errors.slice(0, 100).map(({ line, message }) => (
                  <li key={line}>
                    Line {line}: <span className="text-muted">{message}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
          {take.error && <Failure what="The cases could not be taken." error={take.error} />}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              look="primary"
              disabled={news === 0 || take.isPending}
              onClick={() =>
                take.mutate(
                  { format: chosen.format, text: chosen.text, note: `from ${chosen.name}`.slice(0, 500) },
                  { onSuccess: onClose },
                )
              }
            >
              Take {plural(news, 'case')}
            </Button>
          </div>
        </section>
      )}
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
      aria-label="File of cases"
      onDragOver={event => hold(event, true)}
      onDragLeave={event => hold(event, false)}
      onDrop={event => {
        hold(event, false);
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
      className={classes(
        'flex flex-col items-center gap-3 rounded-card border border-dashed px-4 py-8 text-center',
        over ? 'border-accent bg-surface' : 'border-control',
      )}
    >
      <FileUp size={24} aria-hidden className="text-muted" />
      <p>{busy ? 'Reading the file' : 'Drop a file here, or'}</p>
      <input
        id={id}
        type="file"
        accept=".csv,.jsonl,.ndjson,.json,text/csv,application/x-ndjson"
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
