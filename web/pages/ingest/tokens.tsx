import type { TokenAccounting, useIngestFindings } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { ExampleLink } from './example-link.tsx';
import { asWords, ruleLabels, some, versioned } from './words.ts';

/** How the tokens of each instrumentation were read, and where its numbers do not add up. */
export function Tokens({ query }: { query: ReturnType<typeof useIngestFindings> }) {
  return (
    <Panel
      title="How tokens are counted"
      what="how tokens are counted"
      query={query}
      height={120}
      className="mt-4"
      empty={data => (data.tokens.length === 0 ? <Note title="No model calls in this time." /> : null)}
    >
      {({ tokens }) => (
        <>
          <p className="max-w-text px-4 text-muted">
            Some senders leave cached tokens out of the input they report. Driftline stores input with cache,
            and decides by the arithmetic which way each sender does it.
          </p>
          <ul className="mt-3">
            {[...tokens].sort(doubtfulFirst).map(one => (
              <TokenRow key={`${one.scope_name} ${one.scope_version} ${one.provider}`} one={one} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

const doubt = ({ contradictions, rule }: TokenAccounting) =>
  contradictions.length > 0 ? 2 : rule === 'mixed' ? 1 : 0;
const doubtfulFirst = (one: TokenAccounting, other: TokenAccounting) => doubt(other) - doubt(one);

function TokenRow({ one }: { one: TokenAccounting }) {
  return (
    <li className="grid gap-x-6 gap-y-1 border-t border-line px-4 py-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
      <div className="min-w-0">
        <h3 className="text-body break-words">
          {versioned(one.scope_name, one.scope_version) || '(no instrumentation scope)'}
        </h3>
        <p className="text-muted">
          {one.provider || 'unknown provider'}, {some(one.calls, 'call')}, {format.count(one.cached_calls)}{' '}
          cached
        </p>
      </div>
      <div className="min-w-0">
        <p className="flex items-center gap-2 font-semibold">
          {one.rule === 'mixed' && <StatusIcon status="warning" />}
          {ruleLabels[one.rule]}
        </p>
        <p className="max-w-text text-muted">{one.because}</p>
        {one.contradictions.length > 0 && (
          <ul className="mt-2 flex flex-col gap-2">
            {one.contradictions.map(({ flag, meaning, calls, trace_id, span_id }) => (
              <li key={flag}>
                <p className="flex flex-wrap items-center gap-x-2">
                  <StatusIcon status="warning" />
                  <span className="font-semibold first-letter:uppercase">{asWords(flag)}</span>
                  <span>in {some(calls, 'call')}</span>
                  <ExampleLink traceId={trace_id} spanId={span_id}>
                    Open one<span className="sr-only"> with {asWords(flag)}</span>
                  </ExampleLink>
                </p>
                <p className="max-w-text text-muted">{meaning}</p>
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
