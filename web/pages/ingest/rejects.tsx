import { ago, exact, viewerZone } from '../../clock.ts';
import type { Ingest, Reject } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { asWords, readable, some } from './words.ts';

/** What was refused, why, and what to do about it. */
export function Rejects({ query }: { query: Asked<Ingest> }) {
  return (
    <Panel
      title="Rejected"
      what="what was rejected"
      query={query}
      height={80}
      className="mt-4"
      empty={data =>
        data.rejects.length > 0 ? null : (
          <Note
            title={
              data.store_answers
                ? 'Nothing was rejected in this time.'
                : 'Shown again as soon as the store answers.'
            }
          />
        )
      }
    >
      {({ rejects }) => (
        <ul className="mt-1">
          {rejects.map(reject => (
            <RejectRow key={`${reject.reason} ${reject.signal} ${reject.service}`} reject={reject} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RejectRow({ reject }: { reject: Reject }) {
  const { reason, meaning, signal, service, count, counted, last_at, sample } = reject;
  const last = Date.parse(last_at);
  const times = counted === 'items' ? some(count, 'item') : some(count, 'time');
  return (
    <li className="grid gap-x-6 gap-y-1 border-t border-line px-4 py-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
      <div className="min-w-0">
        <h3 className="text-body first-letter:uppercase">{asWords(reason)}</h3>
        <p className="text-muted">
          <span className="font-semibold text-warning" title={format.full(count)}>
            {times}
          </span>
          {[signal, service].filter(Boolean).map(part => `, ${part}`)}
          {', last '}
          <time dateTime={last_at} title={exact(last, viewerZone())}>
            {ago(last, Date.now(), viewerZone())}
          </time>
        </p>
      </div>
      <div className="min-w-0">
        <p className="max-w-text">{meaning}</p>
        {sample && sample !== '{}' && (
          <Disclosure summary={counted === 'items' ? 'Show the last one' : 'Show what the sender was told'}>
            <div className="mt-1 flex items-start gap-2">
              <pre className="min-w-0 flex-1 rounded-control bg-surface p-3 font-mono text-label break-all whitespace-pre-wrap">
                {readable(sample)}
              </pre>
              <CopyButton square look="quiet" text={sample} label="Copy the sample" />
            </div>
          </Disclosure>
        )}
      </div>
    </li>
  );
}
