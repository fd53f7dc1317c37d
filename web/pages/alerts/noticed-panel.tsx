import { Link } from '@tanstack/react-router';
import { timeNear, viewerZone } from '../../clock.ts';
import { useNews } from '../../data/drift.ts';
import { Panel } from '../../states/panel.tsx';
import { NewValueName } from '../drift/new-value-name.tsx';
import { newValueLabels } from '../drift/words.ts';

const SHOWN = 5;

/** What is new in the last seven days: nobody is paged for it, but it may be why something else fires. Nothing when there is none. */
export function NoticedPanel() {
  const nowMs = Date.now();
  const query = useNews();
  if (query.data === undefined || query.data.values.length === 0) return null;
  return (
    <div className="mt-6">
      <Panel title="Noticed, nobody is paged" what="what is new" query={query} height={80}>
        {({ values }) => (
          <>
            <ul>
              {values.slice(0, SHOWN).map(found => (
                <li
                  key={JSON.stringify([found.feature, found.environment, found.kind, found.value])}
                  className="flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line px-4 py-2"
                >
                  <NewValueName found={found} label={`New ${newValueLabels[found.kind].toLowerCase()}`} />
                  <time dateTime={found.first_seen_at} className="text-label text-muted">
                    first {timeNear(Date.parse(found.first_seen_at), nowMs, viewerZone())}
                  </time>
                </li>
              ))}
            </ul>
            <p className="border-t border-line px-4 py-2">
              <Link to="/drift" className="text-accent hover:underline">
                {values.length > SHOWN
                  ? `${values.length - SHOWN} more on the Drift page`
                  : 'More on the Drift page'}
              </Link>
            </p>
          </>
        )}
      </Panel>
    </div>
  );
}
