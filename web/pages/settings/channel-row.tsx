import { Send, Trash2 } from 'lucide-react';
import type { Channel } from '#contract/channel.ts';
import { useDeleteChannel, useTestChannel } from '../../data/channels.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { StatusIcon } from '../../ui/status.tsx';

/** One webhook, with a test beside it. */
export function ChannelRow({ channel }: { channel: Channel }) {
  const test = useTestChannel();
  const remove = useDeleteChannel();
  return (
    <li className="border-t border-line p-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 flex-[1_1_240px] break-all">
          {String(channel.settings.url ?? channel.name)}
          {!channel.enabled && <span className="ml-2 text-warning">switched off</span>}
        </span>
        <Button disabled={test.isPending} onClick={() => test.mutate(channel.id)}>
          <Send size={16} aria-hidden />
          {test.isPending ? 'Sending' : 'Send test'}
        </Button>
        <Popover
          label="Delete this webhook?"
          look="quiet"
          square
          align="end"
          aria-label={`Delete ${String(channel.settings.url ?? channel.name)}`}
          content={close => (
            <div className="flex w-64 flex-col gap-3 p-2">
              <p>Alerts are no longer sent there.</p>
              <Button
                look="danger"
                disabled={remove.isPending}
                onClick={() => remove.mutate(channel.id, { onSuccess: close })}
              >
                Delete
              </Button>
            </div>
          )}
        >
          <Trash2 size={16} aria-hidden />
        </Popover>
      </div>
      {test.data && (
        <p role="status" className="mt-2 flex items-center gap-2">
          <StatusIcon status={test.data.delivered ? 'good' : 'critical'} />
          {test.data.delivered
            ? `The test arrived, answered ${test.data.status ?? 'with success'}.`
            : `The test did not arrive: ${test.data.error ?? `the receiver answered ${test.data.status}`}.`}
        </p>
      )}
      {test.error && <Failure what="The test could not be sent." error={test.error} />}
      {remove.error && <Failure what="The webhook could not be deleted." error={remove.error} />}
    </li>
  );
}
