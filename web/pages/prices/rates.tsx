import { type FormEvent, useState } from 'react';
import { dayTime, exact, viewerZone } from '../../clock.ts';
import { type Rate, useAddRates, usePreviewRates, useRates } from '../../data/prices.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { EffectView } from './effect-view.tsx';

/** What prices in other currencies are turned into dollars by. */
export function Rates() {
  const rates = useRates(true);
  return (
    <div className="flex flex-col gap-4">
      <AddRate />
      <Panel
        title="Rates"
        what="the exchange rates"
        query={rates}
        height={120}
        empty={data =>
          data.rates.length === 0 ? (
            <Note title="No exchange rate yet.">Only prices in other currencies than USD need one.</Note>
          ) : null
        }
      >
        {data => <Table rates={data.rates} />}
      </Panel>
    </div>
  );
}

function Table({ rates }: { rates: readonly Rate[] }) {
  const zone = viewerZone();
  return (
    <table className="mt-1 w-full">
      <thead>
        <tr className="text-label text-muted">
          <th scope="col" className="h-8 px-4 text-left">
            From
          </th>
          <th scope="col" className="h-8 text-left">
            Currency
          </th>
          <th scope="col" className="h-8 pl-4 text-right">
            One is, in USD
          </th>
          <th scope="col" className="h-8 px-4 text-left max-md:hidden">
            Source
          </th>
          <th scope="col" className="h-8 px-4 text-left max-md:hidden">
            Put in
          </th>
        </tr>
      </thead>
      <tbody>
        {rates.map(rate => {
          const known = Date.parse(rate.known_from);
          return (
            <tr key={`${rate.currency} ${rate.day}`} className="border-t border-line">
              <th scope="row" className="h-9 px-4 text-left font-normal whitespace-nowrap">
                {rate.day}
              </th>
              <td className="h-9">{rate.currency}</td>
              <td className="h-9 pl-4 text-right">{rate.usd_per_unit}</td>
              <td className="h-9 px-4 text-muted max-md:hidden">{rate.source}</td>
              <td className="h-9 px-4 text-muted max-md:hidden" title={exact(known, zone)}>
                {dayTime(known, zone)}
                {rate.noted_by && `, ${rate.noted_by}`}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function AddRate() {
  const preview = usePreviewRates();
  const add = useAddRates();
  const [by] = useStored('name');
  const [typed, setTyped] = useState({
    currency: '',
    day: new Date().toISOString().slice(0, 10),
    rate: '',
    source: '',
  });
  const set = (part: Partial<typeof typed>) => {
    preview.reset();
    add.reset();
    setTyped({ ...typed, ...part });
  };
  const rates = [{ currency: typed.currency, day: typed.day, usd_per_unit: typed.rate }];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview.data)
      add.mutate({ rates, source: typed.source, noted_by: by }, { onSuccess: () => set({ rate: '' }) });
    else preview.mutate(rates);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-2">
        <TextField
          label="Currency"
          required
          placeholder="EUR"
          pattern="[A-Z]{3}"
          maxLength={3}
          className="w-24"
          value={typed.currency}
          onChange={event => set({ currency: event.target.value.toUpperCase() })}
        />
        <TextField
          label="From (UTC)"
          type="date"
          required
          value={typed.day}
          onChange={event => set({ day: event.target.value })}
        />
        <TextField
          label="One is, in USD"
          required
          inputMode="decimal"
          pattern="\d{1,12}(\.\d{1,12})?"
          placeholder="1.0834"
          className="w-36"
          value={typed.rate}
          onChange={event => set({ rate: event.target.value.trim() })}
        />
        <TextField
          label="Source"
          placeholder="ECB"
          className="flex-[1_1_120px] md:max-w-60"
          value={typed.source}
          onChange={event => set({ source: event.target.value })}
        />
        <Button
          type="submit"
          look={preview.data ? 'primary' : 'plain'}
          disabled={preview.isPending || add.isPending}
        >
          {preview.isPending ? 'Computing' : preview.data ? 'Add rate' : 'Show the effect'}
        </Button>
      </div>
      {preview.data && <EffectView effect={preview.data.effect} />}
      {preview.error && <Failure what="The rate could not be tried." error={preview.error} />}
      {add.error && <Failure what="The rate was not added." error={add.error} />}
    </form>
  );
}
