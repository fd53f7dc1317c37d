import { Check, ChevronDown, Clock } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { AlertSummary } from '#contract/alert.ts';
import { useAcknowledge, useSnooze } from '../../data/alerts.ts';
import { useAction } from '../../frame/use-action.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { inboxTab } from '../alerts/inbox.ts';

/** Take it, put it off, or hand it on. At the thumb on a phone. */
export function AlertActions({ alert }: { alert: AlertSummary }) {
  const [open, setOpen] = useState<'acknowledge' | 'snooze' | null>(null);
  const tab = inboxTab(alert, Date.now());
  const active = tab !== 'resolved';
  useAction('acknowledge', () => setOpen('acknowledge'), { enabled: active && tab === 'firing' });
  useAction('snooze', () => setOpen('snooze'), { enabled: active });
  const change = (which: 'acknowledge' | 'snooze') => (isOpen: boolean) => setOpen(isOpen ? which : null);
  return (
    <div className="mb-4 flex flex-wrap gap-2 max-md:fixed max-md:inset-x-0 max-md:bottom-[calc(56px+env(safe-area-inset-bottom))] max-md:z-20 max-md:mb-0 max-md:border-t max-md:border-line max-md:bg-bg max-md:px-4 max-md:py-2">
      {active && (
        <>
          {tab === 'acknowledged' ? (
            <span className="inline-flex h-8 items-center gap-2 text-muted pointer-coarse:h-11">
              <Check size={16} aria-hidden /> Acknowledged
            </span>
          ) : (
            <Popover
              label="Acknowledge"
              look="primary"
              className="max-md:flex-1"
              open={open === 'acknowledge'}
              onOpenChange={change('acknowledge')}
              content={close => <AcknowledgeForm id={alert.id} onDone={close} />}
            >
              <Check size={16} aria-hidden />
              Acknowledge
            </Popover>
          )}
          <Popover
            label="Snooze"
            className="max-md:flex-1"
            open={open === 'snooze'}
            onOpenChange={change('snooze')}
            content={close => <SnoozeForm id={alert.id} onDone={close} />}
          >
            <Clock size={16} aria-hidden />
            Snooze
            <ChevronDown size={16} aria-hidden />
          </Popover>
        </>
      )}
      <CopyButton text={() => location.origin + location.pathname} label="Copy link" square={active} />
    </div>
  );
}

interface FormProps {
  id: string;
  onDone: () => void;
}

/** Says who takes it: the one confirmation, so that a link alone never acknowledges. */
function AcknowledgeForm({ id, onDone }: FormProps) {
  const [name, setName] = useStored('name');
  const [text, setText] = useState(name);
  const acknowledge = useAcknowledge(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setName(text.trim());
    acknowledge.mutate(text.trim() || 'on-call', { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="flex w-72 max-w-full flex-col gap-3 p-2">
      <TextField
        label="Your name"
        autoComplete="name"
        placeholder="on-call"
        maxLength={128}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <p className="text-muted">Stops repeated messages. The message that it is resolved still comes.</p>
      <Button type="submit" look="primary" disabled={acknowledge.isPending}>
        {acknowledge.isPending ? 'Acknowledging' : 'Acknowledge'}
      </Button>
      {acknowledge.error && <Failure what="It could not be acknowledged." error={acknowledge.error} />}
    </form>
  );
}

const HOURS = [
  { value: '1', label: '1 h' },
  { value: '2', label: '2 h' },
  { value: '8', label: '8 h' },
  { value: '24', label: '24 h' },
] as const;

function SnoozeForm({ id, onDone }: FormProps) {
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
