import { Link } from '@tanstack/react-router';
import { dayTime, timeNear, viewerZone } from '../../clock.ts';
import type { NewValues } from '../../data/drift.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
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
            {values.map(({ feature, environment, kind, value, first_seen_at, at }) => (
              <li
                key={JSON.stringify([feature, environment, kind, value])}
                className="flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line px-4 py-2"
              >
                <span className="min-w-0 break-words">
                  <span className="text-muted">{newValueLabels[kind]} </span>
                  <span className="font-semibold">{value}</span>
                  <span className="text-muted">
                    {' '}
                    in {feature || '(no feature)'}
                    {environment && `, ${environment}`}
                  </span>
                </span>
                <span className="flex gap-3 text-label text-muted">
                  <time dateTime={first_seen_at} title={dayTime(Date.parse(at), zone)}>
                    first {timeNear(Date.parse(first_seen_at), nowMs, zone)}
                  </time>
                  <Link
                    to="/traces"
                    search={{ ...around(first_seen_at), f: `feature:${escaped(feature)}` }}
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
