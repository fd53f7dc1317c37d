import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Ingest, IngestSource } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { NothingReceived } from './nothing-received.tsx';
import { Delay, DialectName, LastSeen, Rejected, SourceName, Waiting } from './source-parts.tsx';
import { type SourceSort, sortSources, sourceKey } from './source-sort.ts';

const SHOWN = 50;

const SORTS: { value: SourceSort; label: string }[] = [
  { value: 'sent', label: 'Most sent' },
  { value: 'rejected', label: 'Most rejected' },
  { value: 'silent', label: 'Longest silent' },
];

interface Column {
  label: string;
  explained: string;
  cell: (source: IngestSource) => ReactNode;
}

const whole = (value: number) => <span title={format.full(value)}>{format.count(value)}</span>;

const COLUMNS: Column[] = [
  { label: 'Sent', explained: 'Items in readable requests', cell: source => whole(source.received) },
  {
    label: 'Acked',
    explained: 'Safely on disk, and the sender was told so',
    cell: source => whole(source.acked),
  },
  { label: 'Stored', explained: 'In the store', cell: source => whole(source.stored) },
  {
    label: 'Waiting',
    explained: 'Acked and not stored yet',
    cell: source => <Waiting source={source} />,
  },
  { label: 'Rejected', explained: 'Refused one by one', cell: source => <Rejected source={source} /> },
  {
    label: 'Duplicates',
    explained: 'Sent again within about ten minutes; counted once',
    cell: source => whole(source.duplicates),
  },
];

/** Every sender: an instrumentation in a service, and what became of what it sent. */
export function Sources({ query }: { query: Asked<Ingest> }) {
  const { sort = 'sent' } = useSearch({ from: '/ingest' });
  const navigate = useNavigate({ from: '/ingest' });
  const [all, setAll] = useState(false);
  const setSort = (value: SourceSort) =>
    void navigate({
      resetScroll: false,
      search: old => ({ ...old, sort: value === 'sent' ? undefined : value }),
    });
  return (
    <Panel
      title="Senders"
      what="the senders"
      query={query}
      height={160}
      className="mt-4"
      actions={
        query.data && query.data.sources.length > 2 ? (
          <Segmented label="Order of the senders" value={sort} options={SORTS} onChange={setSort} />
        ) : null
      }
      empty={data => (data.sources.length === 0 ? <NothingReceived ingest={data} /> : null)}
    >
      {({ sources }) => {
        const shown = sortSources(sources, sort).slice(0, all ? sources.length : SHOWN);
        return (
          <>
            <Table sources={shown} />
            <Cards sources={shown} />
            {shown.length < sources.length && (
              <Button look="quiet" className="m-2" onClick={() => setAll(true)}>
                Show all {sources.length}
              </Button>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function Table({ sources }: { sources: IngestSource[] }) {
  const head = 'h-8 pl-4 text-right whitespace-nowrap';
  return (
    <table className="mt-1 w-full table-fixed max-xl:hidden">
      <thead>
        <tr className="text-label text-muted">
          <th scope="col" className="h-8 px-4 text-left">
            Sender
          </th>
          <th scope="col" className="h-8 w-40 text-left">
            Dialect
          </th>
          {COLUMNS.map(({ label, explained }) => (
            <th key={label} scope="col" title={explained} className={`${head} w-[84px]`}>
              {label}
            </th>
          ))}
          <th scope="col" className={`${head} w-[116px]`}>
            Last seen
          </th>
          <th scope="col" title="From the end of a span to its receipt" className={`${head} w-[156px] pr-4`}>
            Delay
          </th>
        </tr>
      </thead>
      <tbody>
        {sources.map(source => (
          <tr key={sourceKey(source)} className="border-t border-line hover:bg-surface">
            <th scope="row" className="h-12 px-4 text-left">
              <SourceName source={source} />
            </th>
            <td className="h-12 truncate">
              <DialectName source={source} />
            </td>
            {COLUMNS.map(({ label, cell }) => (
              <td key={label} className="h-12 pl-4 text-right whitespace-nowrap">
                {cell(source)}
              </td>
            ))}
            <td className="h-12 pl-4 text-right whitespace-nowrap">
              <LastSeen source={source} />
            </td>
            <td className="h-12 pr-4 pl-4 text-right whitespace-nowrap">
              <Delay source={source} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cards({ sources }: { sources: IngestSource[] }) {
  return (
    <ul className="mt-1 xl:hidden">
      {sources.map(source => (
        <li key={sourceKey(source)} className="border-t border-line px-4 py-3">
          <div className="flex items-start justify-between gap-3">
            <div className="min-w-0">
              <SourceName source={source} />
            </div>
            <span className="shrink-0 text-label text-muted">
              <LastSeen source={source} />
            </span>
          </div>
          <dl className="mt-2 grid grid-cols-3 gap-x-4 gap-y-1 md:grid-cols-6">
            {COLUMNS.map(({ label, explained, cell }) => (
              <div key={label}>
                <dt className="text-label text-muted" title={explained}>
                  {label}
                </dt>
                <dd>{cell(source)}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-1 text-muted">
            <DialectName source={source} />, delay <Delay source={source} />
          </p>
        </li>
      ))}
    </ul>
  );
}
