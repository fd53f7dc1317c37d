import { Link } from '@tanstack/react-router';
import { dayTime, timeNear, viewerZone } from '../../clock.ts';
import type { NewValues } from '../../data/drift.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { NewValueName } from './new-value-name.tsx';
import { newValueLabels } from './words.ts';

/** Models, prompt versions, finish reasons, error types and tools that a feature had never shown. Events, not alerts. */
export function NewValuesPanel({ query }: { query: Asked<NewValues> }) {
  const zone = viewerZone();
  const nowMs = Date.now();
  return (
    <Panel
      title="Seen for the first time"
      what="what is new"
      query={query}
      height={80}
      className="mb-4"
      empty={({ values }) =>
        values.length === 0 ? (
          <Note title="Nothing new: no feature has shown a model, prompt version, finish reason, error type or tool it had not shown before." />
        ) : null
      }
    >
      {({ values }) => (
        <>
          <p className="max-w-text px-4 pb-2 text-muted">
            Noted at the third occurrence in a feature that had been there for a day without it. Pages nobody.
          </p>
          <ul className="max-h-96 overflow-y-auto">
            {values.map(found => (
              <li
                key={JSON.stringify([found.feature, found.environment, found.kind, found.value])}
                className="flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line px-4 py-2"
              >
                <NewValueName found={found} label={newValueLabels[found.kind]} />
                <span className="flex gap-3 text-label text-muted">
                  <time dateTime={found.first_seen_at} title={dayTime(Date.parse(found.at), zone)}>
                    first {timeNear(Date.parse(found.first_seen_at), nowMs, zone)}
                  </time>
                  <Link
                    to="/traces"
                    search={{ ...around(found.first_seen_at), f: `feature:${escaped(found.feature)}` }}
                    className="text-accent hover:underline"
                  >
                    Traces
                  </Link>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

const hourMs = 3_600_000;

/** An hour before it to two after: what it came with. */
const around = (at: string) => ({
  from: new Date(Date.parse(at) - hourMs).toISOString(),
  to: new Date(Date.parse(at) + 2 * hourMs).toISOString(),
});

const escaped = (value: string) => value.replaceAll(/[\\,]/g, '\\$&');
