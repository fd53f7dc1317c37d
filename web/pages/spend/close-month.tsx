import { type FormEvent, useState } from 'react';
import type { Month } from '#contract/spend.ts';
import { useCloseMonth } from '../../data/spend.ts';
import { format } from '../../format.ts';
import { exactUsd, nanosOf, signedUsd } from '../../money.ts';
import { monthName } from '../../month.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface CloseMonthProps {
  month: Month;
  open: boolean;
  onClose: () => void;
}

/** What will be booked, what follows from it, and a confirmation: closing cannot be undone. */
export function CloseMonth({ month, open, onClose }: CloseMonthProps) {
  const name = monthName(month.month);
  return (
    <Dialog title={`Close ${name}`} open={open} onClose={onClose}>
      <Form month={month} name={name} onClose={onClose} />
    </Dialog>
  );
}

function Form({ month, name, onClose }: { month: Month; name: string; onClose: () => void }) {
  const [by, setBy] = useState('');
  const [sure, setSure] = useState(false);
  const close = useCloseMonth();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    close.mutate({ month: month.month, by: by.trim() }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-4">
      <dl className="grid grid-cols-[1fr_auto] gap-y-1 rounded-card border border-line px-4 py-2">
        <dt className="font-semibold">Will be booked</dt>
        <dd className="text-right font-semibold" title={exactUsd(month.cost_usd)}>
          {format.usd(month.cost_usd)}
        </dd>
        {nanosOf(month.from_earlier_usd) !== 0n && (
          <>
            <dt className="text-muted">of it for months closed before</dt>
            <dd className="text-right">{signedUsd(month.from_earlier_usd)}</dd>
          </>
        )}
        <dt className="text-muted">Requests</dt>
        <dd className="text-right">{format.full(month.calls)}</dd>
        <dt className="text-muted">Time zone</dt>
        <dd className="text-right">{month.zone}</dd>
      </dl>
      {month.unpriced_calls > 0 && (
        <p className="flex items-start gap-2">
          <StatusIcon status="warning" />
          <span>
            {format.full(month.unpriced_calls)} requests have no price and are not in this number
            {month.high_usd &&
              month.unbounded_calls === 0 &&
              `; with them it is at most ${format.usd(month.high_usd)}`}
            . Add their prices first if you can: afterwards they are booked in a later month.
          </span>
        </p>
      )}
      <ul className="list-disc pl-5">
        <li>
          The number, the page’s total and the files of {name} stay as they are, byte by byte, for ever.
        </li>
        <li>
          Calls that arrive late and prices that are corrected are booked in the month that is open then, with
          their reason.
        </li>
        <li>A closed month cannot be opened again.</li>
      </ul>
      <TextField
        label="Your name, for the record (optional)"
        value={by}
        maxLength={200}
        onChange={event => setBy(event.target.value)}
      />
      <CheckBox
        label={`Close ${name} for good`}
        checked={sure}
        onChange={event => setSure(event.target.checked)}
      />
      {close.error && <Failure what={`${name} was not closed.`} error={close.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={!sure || close.isPending}>
          {close.isPending ? 'Closing' : 'Close the month'}
        </Button>
      </div>
    </form>
  );
}
