import { ago, exact, viewerZone } from '../../clock.ts';
import type { Ingest, Reject } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { asWords, readable } from './words.ts';

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
  const unit = count === 1 ? counted.slice(0, -1) : counted;
  return (
    <li className="border-t border-line px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="text-body first-letter:uppercase">{asWords(reason)}</h3>
        <span className="text-muted">
          <span className="font-semibold text-warning" title={format.full(count)}>
            {format.count(count)} {unit}
          </span>
          {[signal, service].filter(Boolean).map(part => `, ${part}`)}
          {', last '}
          <time dateTime={last_at} title={exact(last, viewerZone())}>
            {ago(last, Date.now(), viewerZone())}
          </time>
        </span>
      </div>
      <p className="max-w-text text-muted">{meaning}</p>
      {sample && sample !== '{}' && (
        <Disclosure summary={counted === 'items' ? 'The last one' : 'What the sender was told'}>
          <div className="mt-1 flex items-start gap-2">
            <pre className="min-w-0 flex-1 overflow-x-auto rounded-control bg-surface p-3 font-mono text-label whitespace-pre-wrap break-all">
              {readable(sample)}
            </pre>
            <CopyButton square look="quiet" text={sample} label="Copy the sample" />
          </div>
        </Disclosure>
      )}
    </li>
  );
}
