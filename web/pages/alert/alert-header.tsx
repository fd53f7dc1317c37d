import type { AlertDetail } from '#contract/alert.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { useReportingZone } from '../../data/onboarding.ts';
import { format } from '../../format.ts';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { writeChance } from './alert-figures.ts';
import { AlertState } from './alert-state.tsx';
import { betweenWords } from './since.ts';

/** What, how much, since when, how many are touched, how sure. */
export function AlertHeader({ alert }: { alert: AlertDetail }) {
  useDocumentTitle(alert.title);
  const nowMs = Date.now();
  const reporting = useReportingZone();
  const changed = Date.parse(alert.changed_at);
  const between = betweenWords(alert.changed_between, nowMs, viewerZone());
  const facts = [
    alert.environment,
    alert.model,
    `${format.count(alert.calls)} ${alert.calls === 1 ? 'request' : 'requests'}`,
  ].filter(Boolean);
  return (
    <header className="mb-4">
      <AlertState alert={alert} nowMs={nowMs} />
      <h1 className="mt-1 max-w-[60ch] text-h1">{alert.title}</h1>
      <p className="mt-1 text-lead">
        <time dateTime={alert.changed_at} title={exact(changed, reporting)}>
          Since {timeNear(changed, nowMs, viewerZone())}
        </time>
        {between && (
          <span className="text-muted" title="The change began in this time with 90 %">
            {' '}
            (between {between})
          </span>
        )}
        <span className="text-muted"> · {facts.join(' · ')}</span>
      </p>
      <p className="text-muted">
        {sentenceCase(alert.certainty)} ({writeChance(alert.chance_of_noise)})
        {alert.calls < 200 && '; few requests so far'}
      </p>
      {alert.muted_by !== null && <p>Nobody is told of it: {alert.muted_by}.</p>}
    </header>
  );
}

const sentenceCase = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
