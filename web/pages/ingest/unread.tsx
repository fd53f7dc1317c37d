import { useState } from 'react';
import type { Unmapped, useIngestFindings } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { ExampleLink } from './example-link.tsx';
import { some, versioned } from './words.ts';

const SHOWN = 20;

/** Attributes that no rule reads, so that a renamed convention is a warning and not a silent zero. */
export function Unread({ query }: { query: ReturnType<typeof useIngestFindings> }) {
  return (
    <Panel
      title="Attributes nobody reads"
      what="the attributes nobody reads"
      query={query}
      height={120}
      className="mt-4"
      empty={data =>
        data.unmapped.length === 0 ? (
          <Note title="No attribute without a reader was seen in this time." />
        ) : null
      }
    >
      {({ unmapped }) => {
        const suspicious = unmapped.filter(one => one.suspicious);
        const others = unmapped.filter(one => !one.suspicious);
        return (
          <>
            <p className="flex max-w-text items-start gap-2 px-4 text-muted">
              <span className="flex h-5 items-center">
                <StatusIcon status={suspicious.length > 0 ? 'warning' : 'good'} />
              </span>
              {suspicious.length > 0
                ? 'These are named like model conventions. If an SDK renamed a field, its tokens, model or prompt would be missing from every figure until it is mapped.'
                : 'None of them is named like a model convention, so no figure misses anything.'}
            </p>
            <List rows={suspicious} />
            {others.length > 0 && (
              <div className="border-t border-line px-4 py-2">
                <Disclosure summary={`${some(others.length, 'other attribute')}, shown with the span only`}>
                  <div className="-mx-4">
                    <List rows={others} />
                  </div>
                </Disclosure>
              </div>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function List({ rows }: { rows: Unmapped[] }) {
  const [all, setAll] = useState(false);
  if (rows.length === 0) return null;
  return (
    <>
      <ul className="mt-2">
        {rows.slice(0, all ? rows.length : SHOWN).map(row => (
          <Row key={`${row.scope_name} ${row.scope_version} ${row.dialect} ${row.key}`} row={row} />
        ))}
      </ul>
      {!all && rows.length > SHOWN && (
        <Button look="quiet" className="m-2" onClick={() => setAll(true)}>
          Show all {rows.length}
        </Button>
      )}
    </>
  );
}

function Row({ row }: { row: Unmapped }) {
  return (
    <li className="grid items-baseline gap-x-6 border-t border-line px-4 py-2 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)_minmax(0,2fr)_auto]">
      <code className="min-w-0 font-mono text-label font-semibold break-all">{row.key}</code>
      <span className="min-w-0 truncate text-muted" title={versioned(row.scope_name, row.scope_version)}>
        {versioned(row.scope_name, row.scope_version) || '(no instrumentation scope)'}
      </span>
      <code className="min-w-0 truncate font-mono text-label" title={row.example}>
        {row.example}
      </code>
      <span className="flex flex-wrap items-baseline justify-between gap-x-4 lg:justify-end">
        <span className="text-muted" title={`${some(row.spans, 'sampled span')}`}>
          on {format.percent(row.share)} of spans
        </span>
        <ExampleLink traceId={row.trace_id} spanId={row.span_id}>
          Open one<span className="sr-only"> with {row.key}</span>
        </ExampleLink>
      </span>
    </li>
  );
}
