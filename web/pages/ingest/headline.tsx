import { timeNear, viewerZone } from '../../clock.ts';
import type { Ingest } from '../../data/ingest.ts';
import { StatusIcon } from '../../ui/status.tsx';
import { checkSentence, headline, receivedSentence } from './words.ts';

/** Whether ingest is well, what is wrong, and how that is known. */
export function Headline({ ingest }: { ingest: Ingest }) {
  const now = Date.now();
  const zone = viewerZone();
  const { status, title } = headline(ingest, now);
  return (
    <section aria-label="Status" className="mb-4 min-h-[60px]">
      <h1 className="flex items-start gap-2 text-h1">
        {status !== 'neutral' && (
          <span className="flex h-7 items-center">
            <StatusIcon status={status} size={20} />
          </span>
        )}
        {title}
      </h1>
      {ingest.problems.length > 0 && <Problems problems={ingest.problems} nowMs={now} />}
      <p className="mt-1 max-w-text text-muted">
        {receivedSentence(ingest.totals.last_received_at, now, zone)} {checkSentence(ingest.check, now, zone)}
      </p>
    </section>
  );
}

function Problems({ problems, nowMs }: { problems: Ingest['problems']; nowMs: number }) {
  const only = problems.length === 1;
  return (
    <ul className="mt-2 flex flex-col gap-2">
      {problems.map(({ id, severity, title, detail, since }) => (
        <li
          key={id}
          className={`rounded-card border p-3 ${severity === 'critical' ? 'border-critical' : 'border-warning'}`}
        >
          {!only && (
            <p className="flex items-start gap-2 font-semibold">
              <span className="flex h-5 items-center">
                <StatusIcon status={severity} />
              </span>
              {title}
            </p>
          )}
          <p className="max-w-text">{detail}</p>
          <p className="text-muted">since {timeNear(Date.parse(since), nowMs, viewerZone())}</p>
        </li>
      ))}
    </ul>
  );
}
