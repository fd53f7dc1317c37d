import type { Notification } from '#contract/channel.ts';
import { exact, viewerZone } from '../../clock.ts';
import { attemptWords } from './words.ts';

/** Each attempt with its time, what the receiver said and when the next one was to be. */
export function Attempts({ message }: { message: Notification }) {
  const zone = viewerZone();
  const at = (time: string) => exact(Date.parse(time), zone);
  return (
    <div className="mb-1 pl-5">
      <ol className="flex flex-col gap-2">
        {message.attempts.map(one => (
          <li key={one.number} className="grid gap-x-4 md:grid-cols-[200px_minmax(0,1fr)]">
            <time dateTime={one.at} className="text-muted">
              {at(one.at)}
            </time>
            <span className="min-w-0 break-words">
              {attemptWords(one)}
              {one.next_attempt_at && (
                <span className="block text-muted">then again {at(one.next_attempt_at)}</span>
              )}
            </span>
          </li>
        ))}
      </ol>
      <p className="mt-2 text-label text-muted">
        Event <code className="font-mono break-all">{message.event_id}</code>, the same on every attempt
      </p>
    </div>
  );
}
