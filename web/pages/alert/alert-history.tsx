import type { AlertDetail } from '#contract/alert.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { Block } from '../../ui/block.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { NoteForm } from '../alerts/note-form.tsx';
import { historyOf } from './history.ts';

/** What happened to the incident, who said what, and whom it was told, newest last. */
export function History({ alert }: { alert: AlertDetail }) {
  const zone = viewerZone();
  const now = Date.now();
  return (
    <Block title="Timeline">
      <ol className="flex flex-col gap-2">
        {historyOf(alert).map(({ key, at, text, more, status }) => (
          <li key={key} className="flex gap-3">
            {at === null ? (
              <span className="w-24 shrink-0 text-muted">next</span>
            ) : (
              <time dateTime={at} title={exact(Date.parse(at), zone)} className="w-24 shrink-0 text-muted">
                {timeNear(Date.parse(at), now, zone)}
              </time>
            )}
            <span className="min-w-0 break-words">
              {status !== 'neutral' && (
                <span className="mr-1.5 inline-block translate-y-0.5">
                  <StatusIcon status={status} size={14} />
                </span>
              )}
              {text}
              {more && <span className="block text-label text-muted">{more}</span>}
            </span>
          </li>
        ))}
        {alert.muted_by !== null && (
          <li className="flex gap-3">
            <span className="w-24 shrink-0 text-muted">now</span>
            <span className="min-w-0 break-words">Nobody is told: {alert.muted_by}.</span>
          </li>
        )}
      </ol>
      {alert.deliveries.length === 0 && alert.muted_by === null && !alert.traffic_mix && (
        <p className="mt-2 text-muted">Nobody was told: no channel was set up when it fired.</p>
      )}
      <NoteForm id={alert.id} />
    </Block>
  );
}
