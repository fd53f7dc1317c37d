import { useState } from 'react';
import { instantMs, type Range } from '../../state/range.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { Change } from './pickers.tsx';
import type { CompareSearch } from './search.ts';
import { fieldOf, rangeOfFields, type WindowChoice, windowChoices, windowLabels } from './windows.ts';

interface WindowPickersProps {
  search: CompareSearch & { w: WindowChoice };
  /** The window of A as it stands. */
  control: Range;
  change: Change;
}

/** Which window the shown time is compared with. */
export function WindowPickers({ search, control, change }: WindowPickersProps) {
  const nowMs = Date.now();
  return (
    <section
      aria-label="What is compared"
      className="mb-4 flex flex-wrap items-end gap-x-4 gap-y-2 rounded-card border border-line p-4"
    >
      <div className="max-w-full min-w-0">
        <span aria-hidden className="mb-1 block text-label font-semibold">
          Window A
        </span>
        <Select
          label="Window A"
          value={search.w}
          options={windowChoices.map(value => ({ value, label: windowLabels[value] }))}
          onChange={w => change({ w, wf: undefined, wt: undefined })}
        />
      </div>
      {search.w === 'own' && (
        <OwnWindow
          key={`${control.from} ${control.to}`}
          fromMs={instantMs(control.from, nowMs)}
          toMs={instantMs(control.to, nowMs)}
          onChange={range => change({ wf: range.from, wt: range.to })}
        />
      )}
      <p className="min-w-0 basis-full text-muted">
        Window B is the time shown above, with the same filters. Choose both before you look at the result.
      </p>
    </section>
  );
}

function OwnWindow({
  fromMs,
  toMs,
  onChange,
}: {
  fromMs: number;
  toMs: number;
  onChange: (range: Range) => void;
}) {
  const [from, setFrom] = useState(fieldOf(fromMs));
  const [to, setTo] = useState(fieldOf(toMs));
  const range = rangeOfFields(from, to);
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={event => {
        event.preventDefault();
        if (range) onChange(range);
      }}
    >
      <TextField
        label="From"
        type="datetime-local"
        value={from}
        onChange={event => setFrom(event.target.value)}
      />
      <TextField
        label="To"
        type="datetime-local"
        value={to}
        error={range ? undefined : 'after the start'}
        onChange={event => setTo(event.target.value)}
      />
      <Button type="submit" disabled={!range}>
        Compare
      </Button>
    </form>
  );
}
