import { Pencil, Send, Trash2 } from 'lucide-react';
import type { Channel, ChannelKindInfo } from '#contract/channel.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { useDeleteChannel, useTestChannel } from '../../data/channels.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { answerWords, channelState } from './channel-words.ts';

interface ChannelRowProps {
  channel: Channel;
  kind: ChannelKindInfo | undefined;
  onEdit: () => void;
}

/** One channel: where it leads, how its last message fared, and a test beside it. */
export function ChannelRow({ channel, kind, onEdit }: ChannelRowProps) {
  const test = useTestChannel();
  const remove = useDeleteChannel();
  return (
    <li className="border-t border-line p-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-2">
        <div className="min-w-0 flex-[1_1_260px]">
          <p className="font-semibold break-words">{channel.name}</p>
          <State channel={channel} kind={kind?.label ?? channel.kind} />
          {channel.routes.length > 0 && (
            <p className="text-label text-muted break-words">
              {channel.routes.length === 1 ? 'Route' : 'Routes'} {channel.routes.join(', ')}{' '}
              {channel.routes.length === 1 ? 'sends' : 'send'} here
            </p>
          )}
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <Button disabled={test.isPending} onClick={() => test.mutate(channel.id)}>
            <Send size={16} aria-hidden />
            {test.isPending ? 'Sending' : 'Send test'}
            <span className="sr-only"> to {channel.name}</span>
          </Button>
          <Button square aria-label={`Edit ${channel.name}`} onClick={onEdit}>
            <Pencil size={16} aria-hidden />
          </Button>
          <Popover
            label="Delete this channel?"
            square
            align="end"
            aria-label={`Delete ${channel.name}`}
            content={close => (
              <div className="flex w-64 flex-col gap-3 p-2">
                <p>Alerts are no longer sent to {channel.name}. What still waits for it is given up.</p>
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
      </div>
      {test.data && (
        <p role="status" className="mt-2 flex items-start gap-2 rounded-control bg-surface p-2">
          <span className="mt-0.5">
            <StatusIcon status={test.data.delivered ? 'good' : 'critical'} />
          </span>
          <span className="min-w-0 break-words">{answerWords(test.data)}</span>
        </p>
      )}
      {test.error && <Failure what="The test could not be sent." error={test.error} />}
      {remove.error && <Failure what="The channel could not be deleted." error={remove.error} />}
    </li>
  );
}

function State({ channel, kind }: { channel: Channel; kind: string }) {
  const zone = viewerZone();
  const { status, words, at } = channelState(channel);
  const place = [kind, channel.target].filter(part => part && !channel.name.includes(part)).join(', ');
  return (
    <p className="flex items-start gap-1.5 text-muted">
      {status !== 'neutral' && (
        <span className="mt-0.5">
          <StatusIcon status={status} size={14} />
        </span>
      )}
      <span className="min-w-0 break-words first-letter:uppercase">
        {place && `${place} · `}
        {words}
        {at && (
          <time dateTime={at} title={exact(Date.parse(at), zone)}>
            {' '}
            {timeNear(Date.parse(at), Date.now(), zone)}
          </time>
        )}
      </span>
    </p>
  );
}
