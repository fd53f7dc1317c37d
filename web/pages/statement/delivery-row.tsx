import { Send, Trash2 } from 'lucide-react';
import type { Delivery } from '#contract/delivery.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { useDeleteDelivery, useSendDelivery } from '../../data/deliveries.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { StatusIcon } from '../../ui/status.tsx';

const SCHEDULES = { daily: 'every day', weekly: 'every week', monthly: 'every month' } as const;
const when = (iso: string) => dayTime(Date.parse(iso), viewerZone());

/** One thing that is sent by schedule: what, to whom, when next, and what became of the last one. */
export function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const send = useSendDelivery();
  const remove = useDeleteDelivery();
  const { name, schedule, target, next_at, runs } = delivery;
  return (
    <li className="border-t border-line p-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-2">
        <div className="min-w-0 flex-[1_1_240px]">
          <p className="font-semibold break-words">{name}</p>
          <p className="break-all text-muted">
            {contentWords(delivery)} {SCHEDULES[schedule]} to{' '}
            {target.kind === 'email' ? target.to.join(', ') : target.url}, next {when(next_at)}
          </p>
        </div>
        <Button disabled={send.isPending} onClick={() => send.mutate(delivery.id)}>
          <Send size={16} aria-hidden />
          Send now
        </Button>
        <Popover
          label="Delete this delivery?"
          look="quiet"
          square
          align="end"
          aria-label={`Delete ${name}`}
          content={close => (
            <div className="flex w-64 flex-col gap-3 p-2">
              <p>It is no longer sent, and its history goes with it.</p>
              <Button
                look="danger"
                disabled={remove.isPending}
                onClick={() => remove.mutate(delivery.id, { onSuccess: close })}
              >
                Delete
              </Button>
            </div>
          )}
        >
          <Trash2 size={16} aria-hidden />
        </Popover>
      </div>
      {runs.length > 0 && (
        <ul aria-label={`Sent: ${name}`} className="mt-2 flex flex-col gap-1">
          {runs.slice(0, 3).map(run => (
            <Run key={run.id} run={run} />
          ))}
        </ul>
      )}
      {send.error && <Failure what="It could not be queued." error={send.error} />}
      {remove.error && <Failure what="It could not be deleted." error={remove.error} />}
    </li>
  );
}

function Run({ run }: { run: Delivery['runs'][number] }) {
  const { period, delivered_at, failed_at, error, attempts, next_attempt_at } = run;
  const status = delivered_at ? 'good' : failed_at ? 'critical' : error ? 'warning' : undefined;
  return (
    <li className="flex items-start gap-2 text-label">
      {status && <StatusIcon status={status} />}
      <span className="min-w-0 break-words">
        {period}:{' '}
        {delivered_at
          ? `delivered ${when(delivered_at)}`
          : failed_at
            ? `given up after ${attempts} attempts: ${error}`
            : error && next_attempt_at
              ? `${error}; again ${when(next_attempt_at)}`
              : 'on its way'}
      </span>
    </li>
  );
}

function contentWords({ content }: Delivery): string {
  if (content.kind === 'statement') return `Statement of ${content.by} ${content.value || '(none)'}`;
  return content.format === 'focus'
    ? `FOCUS ${content.version} file`
    : `${content.format.toUpperCase()} file`;
}
