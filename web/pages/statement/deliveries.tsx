import { type FormEvent, useState } from 'react';
import type { DeliveryInput, DeliverySchedule } from '#contract/delivery.ts';
import type { StatementCentre } from '#contract/statement.ts';
import { useCreateDelivery, useDeliveries } from '../../data/deliveries.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DeliveryRow } from './delivery-row.tsx';
import { centreLabels } from './search.ts';

type What = 'csv' | 'parquet' | 'focus' | 'statement';

const WHATS: { value: What; label: string }[] = [
  { value: 'statement', label: 'This statement' },
  { value: 'csv', label: 'All spend as CSV' },
  { value: 'parquet', label: 'All spend as Parquet' },
  { value: 'focus', label: 'All spend as FOCUS 1.2' },
];
const SCHEDULES: { value: DeliverySchedule; label: string }[] = [
  { value: 'monthly', label: 'Monthly' },
  { value: 'weekly', label: 'Weekly' },
  { value: 'daily', label: 'Daily' },
];

/** What is sent by schedule, to a mailbox or a webhook. */
export function Deliveries({ by, value }: { by: StatementCentre; value: string }) {
  const known = useDeliveries();
  const create = useCreateDelivery();
  const [what, setWhat] = useState<What>('statement');
  const [schedule, setSchedule] = useState<DeliverySchedule>('monthly');
  const [address, setAddress] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(inputOf({ what, schedule, address, by, value }), { onSuccess: () => setAddress('') });
  };
  return (
    <section aria-label="Deliveries" className="mx-auto mt-8 max-w-[794px] print:hidden">
      <h2 className="text-lead">Sent by schedule</h2>
      <p className="mt-0.5 mb-3 text-muted">
        When a day, week or month is over, by e-mail or as a signed webhook; tried again for three days.
        {known.data?.email === false && ' E-mail needs DRIFTLINE_SMTP_URL.'}
      </p>
      {known.error && (
        <Failure
          what="Could not load the deliveries."
          error={known.error}
          onRetry={() => void known.refetch()}
        />
      )}
      {known.data && known.data.deliveries.length > 0 && (
        <ul className="mb-4 rounded-card border border-line">
          {known.data.deliveries.map(delivery => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
      {create.data?.secret && (
        <div role="status" className="mb-4 rounded-card border border-good p-4">
          <p className="font-semibold">Signing secret of {create.data.name}</p>
          <p className="text-muted">Copy it now, it is not shown again.</p>
          <p className="mt-2 flex flex-wrap items-center gap-2">
            <code className="min-w-0 rounded-control bg-surface px-2 py-1 font-mono break-all">
              {create.data.secret}
            </code>
            <CopyButton text={create.data.secret} label="Copy the secret" />
          </p>
        </div>
      )}
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <Select label="What" value={what} options={WHATS} onChange={setWhat} />
        <Select label="How often" value={schedule} options={SCHEDULES} onChange={setSchedule} />
        <TextField
          label="E-mail or webhook address"
          required
          placeholder="finance@example.com"
          className="flex-[1_1_240px]"
          value={address}
          onChange={event => setAddress(event.target.value)}
        />
        <Button type="submit" look="primary" disabled={create.isPending || !address.trim()}>
          {create.isPending ? 'Adding' : 'Add'}
        </Button>
      </form>
      {create.error && <Failure what="It was not added." error={create.error} />}
    </section>
  );
}

interface Chosen {
  what: What;
  schedule: DeliverySchedule;
  address: string;
  by: StatementCentre;
  value: string;
}

function inputOf({ what, schedule, address, by, value }: Chosen): DeliveryInput {
  const to = address.trim();
  const centre = value || `no ${centreLabels[by].toLowerCase()}`;
  return {
    name: what === 'statement' ? `Statement ${centre}` : `Spend (${what})`,
    schedule,
    content: what === 'statement' ? { kind: 'statement', by, value } : { kind: 'export', format: what },
    target: /^https?:/.test(to)
      ? { kind: 'webhook', url: to }
      : { kind: 'email', to: to.split(/[\s,;]+/).filter(Boolean) },
  };
}
