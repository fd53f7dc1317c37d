import { FileUp } from 'lucide-react';
import { type DragEvent, useId, useRef, useState } from 'react';
import { useCompare } from '../../data/reconcile.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';

interface DropZoneProps {
  /** A result is shown below. */
  small: boolean;
  onDone: (id: string) => void;
}

interface Chosen {
  name: string;
  content: string;
}

/** Takes files by drop or choice and compares them at once. */
export function DropZone({ small, onDone }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [chosen, setChosen] = useState<Chosen[]>([]);
  const compare = useCompare();
  const needsRate = compare.error instanceof Error && compare.error.message.includes('usd_per_unit');

  const send = (files: Chosen[], usdPerUnit?: string) =>
    compare.mutate(
      { files, ...(usdPerUnit && { usd_per_unit: usdPerUnit }) },
      { onSuccess: made => onDone(made.reconciliation_id) },
    );
  const take = async (list: FileList | null) => {
    const files = await Promise.all(
      [...(list ?? [])].map(async file => ({ name: file.name, content: await file.text() })),
    );
    if (files.length === 0) return;
    setChosen(files);
    send(files);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  };

  return (
    <section aria-label="Files to compare" className="mb-4">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is beside the button, which does the same */}
      <div
        onDragOver={event => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={classes(
          'flex flex-wrap items-center gap-3 rounded-card border border-dashed px-4',
          small ? 'py-3' : 'py-8',
          over ? 'border-accent bg-surface' : 'border-control',
        )}
      >
        <FileUp size={24} aria-hidden className="text-muted max-md:hidden" />
        <div className="min-w-0 flex-1 max-md:basis-full">
          <p className="font-semibold">
            {compare.isPending
              ? `Comparing ${chosen.map(({ name }) => name).join(', ')} …`
              : 'Drop a file here'}
          </p>
          <p className="text-muted">
            Usage or costs of OpenAI, usage or cost of Anthropic (CSV or JSON), or FOCUS 1.2. Usage and cost
            of the same time may be dropped together.
          </p>
        </div>
        <input
          ref={input}
          type="file"
          multiple
          accept=".csv,.tsv,.json,.jsonl,.txt,text/csv,application/json"
          className="sr-only"
          tabIndex={-1}
          aria-hidden
          onChange={event => {
            void take(event.target.files);
            event.target.value = '';
          }}
        />
        <Button
          look={small ? 'plain' : 'primary'}
          disabled={compare.isPending}
          onClick={() => input.current?.click()}
        >
          Choose files
        </Button>
      </div>
      {compare.error &&
        (needsRate ? (
          <Rate why={compare.error.message} onRate={rate => send(chosen, rate)} />
        ) : (
          <Failure what="The file could not be compared." error={compare.error} />
        ))}
    </section>
  );
}

/** What one unit of the file's currency was, in dollars. */
function Rate({ why, onRate }: { why: string; onRate: (rate: string) => void }) {
  const id = useId();
  const [rate, setRate] = useState('');
  const good = /^\d{1,6}(\.\d{1,9})?$/.test(rate);
  return (
    <form
      className="flex flex-wrap items-end gap-2 p-4"
      onSubmit={event => {
        event.preventDefault();
        if (good) onRate(rate);
      }}
    >
      <label htmlFor={id} className="w-full">
        {why.replace(/ \(usd_per_unit\)/, '').replace(/^[^:]*: /, '')}
      </label>
      <input
        id={id}
        inputMode="decimal"
        placeholder="1.08"
        value={rate}
        onChange={event => setRate(event.target.value.trim())}
        className="h-8 w-32 rounded-control border border-control bg-bg px-2 pointer-coarse:h-11"
      />
      <Button type="submit" look="primary" disabled={!good}>
        Compare
      </Button>
    </form>
  );
}
