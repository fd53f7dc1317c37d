import type { AlertDetail } from '#contract/alert.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { type Status, StatusIcon } from '../../ui/status.tsx';
import { Block } from './block.tsx';

/** What happened to the incident, newest last. */
export function Timeline({ alert }: { alert: AlertDetail }) {
  const zone = viewerZone();
  const now = Date.now();
  if (alert.timeline.length === 0) return null;
  return (
    <Block title="Timeline">
      <ol className="flex flex-col gap-2">
        {alert.timeline.map(one => (
          <li key={`${one.at} ${one.text}`} className="flex gap-3">
            <time
              dateTime={one.at}
              title={exact(Date.parse(one.at), zone)}
              className="w-24 shrink-0 text-muted"
            >
              {timeNear(Date.parse(one.at), now, zone)}
            </time>
            <span className="min-w-0 break-words">{one.text}</span>
          </li>
        ))}
      </ol>
    </Block>
  );
}

const STATES: Record<AlertDetail['deliveries'][number]['status'], { status: Status; words: string }> = {
  delivered: { status: 'good', words: 'delivered' },
  waiting: { status: 'warning', words: 'waiting' },
  failed: { status: 'critical', words: 'failed' },
};

/** Whom it was told, and whether it arrived. */
export function Deliveries({ alert }: { alert: AlertDetail }) {
  const zone = viewerZone();
  const now = Date.now();
  const near = (at: string) => timeNear(Date.parse(at), now, zone);
  return (
    <Block title="Messages">
      {alert.deliveries.length === 0 ? (
        <p className="text-muted">Nobody was told: no channel was set up when it fired.</p>
      ) : (
        <ul className="flex flex-col gap-3">
          {alert.deliveries.map(one => {
            const { status, words } = STATES[one.status];
            return (
              <li key={`${one.channel} ${one.event}`}>
                <p className="flex items-center gap-2">
                  <StatusIcon status={status} size={14} />
                  <span className="min-w-0 flex-1 truncate" title={one.channel}>
                    {one.channel}
                  </span>
                  <span className="text-muted">
                    {one.event} {words}
                  </span>
                </p>
                <p className="pl-[22px] text-label text-muted">
                  {one.attempts} {one.attempts === 1 ? 'attempt' : 'attempts'}
                  {one.last_attempt_at && `, last ${near(one.last_attempt_at)}`}
                  {one.status === 'waiting' && one.next_attempt_at && `, next ${near(one.next_attempt_at)}`}
                  {one.error && `. ${one.error}`}
                </p>
              </li>
            );
          })}
        </ul>
      )}
    </Block>
  );
}
