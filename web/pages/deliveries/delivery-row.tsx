import { RotateCw } from 'lucide-react';
import type { Notification } from '#contract/channel.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { useResend } from '../../data/notifications.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { Attempts } from './attempts.tsx';
import { eventWords, stateOf } from './words.ts';

/** One message: what, to whom, whether it arrived, each attempt, and "send again". */
export function DeliveryRow({ message }: { message: Notification }) {
  const resend = useResend();
  const { status, words } = stateOf(message);
  return (
    <li className="border-t border-line px-3 py-2 first:border-t-0 md:px-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-[1_1_320px]">
          <p className="break-words">
            {message.url ? (
              <a href={message.url} className="font-semibold hover:underline">
                {message.title}
              </a>
            ) : (
              <span className="font-semibold">{message.title}</span>
            )}
          </p>
          <p className="text-muted">
            {eventWords(message.event)} to {message.channel?.name ?? 'a removed channel'},{' '}
            <Near at={message.created_at} />
          </p>
        </div>
        <div className="flex min-w-0 items-center gap-3 max-md:w-full max-md:justify-between">
          <p className="flex min-w-0 items-center gap-2">
            <StatusIcon status={status} />
            <span className="min-w-0">
              {words}
              {message.status === 'waiting' && message.next_attempt_at && (
                <>
                  , next attempt <Near at={message.next_attempt_at} />
                </>
              )}
            </span>
          </p>
          {message.can_resend && (
            <Button disabled={resend.isPending} onClick={() => resend.mutate(message.id)}>
              <RotateCw size={16} aria-hidden />
              {message.status === 'waiting' ? 'Send now' : 'Resend'}
              <span className="sr-only">: {message.title}</span>
            </Button>
          )}
        </div>
      </div>
      {message.status !== 'delivered' && message.error && (
        <p className="mt-1 text-critical break-words first-letter:uppercase">{message.error}</p>
      )}
      {message.attempts.length > 0 && (
        <Disclosure
          summary={message.attempts.length === 1 ? '1 attempt' : `${message.attempts.length} attempts`}
        >
          <Attempts message={message} />
        </Disclosure>
      )}
      {resend.error && <Failure what="It was not sent again." error={resend.error} />}
    </li>
  );
}

function Near({ at }: { at: string }) {
  const ms = Date.parse(at);
  const zone = viewerZone();
  return (
    <time dateTime={at} title={exact(ms, zone)}>
      {timeNear(ms, Date.now(), zone)}
    </time>
  );
}
