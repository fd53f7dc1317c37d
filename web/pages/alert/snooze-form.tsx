import { type FormEvent, useState } from 'react';
import { useSnooze } from '../../data/alert-actions.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';

const HOURS = [
  { value: '1', label: '1 h' },
  { value: '2', label: '2 h' },
  { value: '8', label: '8 h' },
  { value: '24', label: '24 h' },
] as const;

interface FormProps {
  id: string;
  onDone: () => void;
}

/** For how long. Default export, loaded when opened. */
export default function SnoozeForm({ id, onDone }: FormProps) {
  const [hours, setHours] = useState<(typeof HOURS)[number]['value']>('2');
  const snooze = useSnooze(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    snooze.mutate(Number(hours), { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="flex w-72 max-w-full flex-col items-start gap-3 p-2">
      <Segmented label="For how long" value={hours} options={HOURS} onChange={setHours} />
      <p className="text-muted">Leaves the inbox and sends nothing until then. It goes on being measured.</p>
      <Button type="submit" look="primary" className="self-stretch" disabled={snooze.isPending}>
        {snooze.isPending ? 'Snoozing' : `Snooze ${hours} h`}
      </Button>
      {snooze.error && <Failure what="It could not be snoozed." error={snooze.error} />}
    </form>
  );
}
