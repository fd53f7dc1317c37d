import { Link } from '@tanstack/react-router';
import type { Digest, DigestChange } from '#contract/digest.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { useDigest } from '../../data/digest.ts';
import { format } from '../../format.ts';
import { Panel } from '../../states/panel.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { WeekDelivery } from './week-delivery.tsx';
import { budgetSentence, weekSentence } from './week-words.ts';

/** The last seven days over everything that is watched, as it is sent once a week. */
export function WeekPanel() {
  const query = useDigest();
  return (
    <div id="week" className="mt-6 scroll-mt-16">
      <Panel title="The last seven days" what="the last seven days" query={query} height={120}>
        {digest => (
          <>
            <p className="px-4">{weekSentence(format, digest)}</p>
            <Changes digest={digest} />
            <p className="max-w-text px-4 pb-2 text-muted">{budgetSentence(format, digest)}</p>
            <div className="border-t border-line px-4 py-1">
              <WeekDelivery />
              {digest.changed.length + digest.improved.length > 0 && (
                <Disclosure summary="How these were chosen">
                  <p className="max-w-text pb-2 text-muted">
                    By e-BH over all {format.full(digest.series)} series: {format.percent(digest.level)} of
                    those named, at most, are expected to be chance. A series can stand out here before its
                    evidence is enough to page.
                  </p>
                </Disclosure>
              )}
            </div>
          </>
        )}
      </Panel>
    </div>
  );
}

function Changes({ digest: { changed, improved, alerts } }: { digest: Digest }) {
  if (changed.length + improved.length + alerts.retracted.length === 0) return null;
  return (
    <ul className="my-2 border-y border-line">
      {changed.map(one => (
        <Change key={keyOf(one)} change={one} />
      ))}
      {improved.map(one => (
        <Change key={keyOf(one)} change={one} />
      ))}
      {alerts.retracted.map(({ id, title }) => (
        <li key={`${id} ${title}`} className="border-t border-line px-4 py-2 first:border-t-0">
          <Link to="/a/$id" params={{ id }} className="text-accent hover:underline">
            {title}
          </Link>
          <span className="block text-label text-muted">Retracted: late data do not support it</span>
        </li>
      ))}
    </ul>
  );
}

const keyOf = ({ feature, model, environment, metric }: DigestChange) =>
  JSON.stringify([feature, model, environment, metric]);

function Change({ change }: { change: DigestChange }) {
  const { title, verdict, alert_id: id, changed_at, environment, model } = change;
  const since = timeNear(Date.parse(changed_at), Date.now(), viewerZone());
  return (
    <li className="flex items-start gap-2 border-t border-line px-4 py-2 first:border-t-0">
      <span className="flex h-5 items-center">
        <StatusIcon status={verdict === 'better' ? 'good' : 'warning'} />
      </span>
      <div className="min-w-0">
        {id ? (
          <Link to="/a/$id" params={{ id }} className="text-accent hover:underline">
            {title}
          </Link>
        ) : (
          <span>{title}</span>
        )}
        <span className="block text-label text-muted">
          {[
            verdict === 'better' ? 'better' : null,
            `since ${since}`,
            environment,
            model,
            id ? null : 'has not paged',
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </div>
    </li>
  );
}
