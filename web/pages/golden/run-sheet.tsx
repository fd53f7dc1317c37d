import { Link } from '@tanstack/react-router';
import { type GoldenRun, type RunResult, useRunResults } from '../../data/golden.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Side } from './compared-row.tsx';
import { ToolCalls } from './tool-calls.tsx';
import { evaluatorLabel, questionOf } from './words.ts';

/** What one run said to each case: text and tools, beside what was expected. */
export function RunSheet({ run, onClose }: { run: GoldenRun | null; onClose: () => void }) {
  return (
    <Dialog title={run?.name ?? 'Run'} shape="side" open={run !== null} onClose={onClose}>
      {run && <Answers runId={run.run_id} />}
    </Dialog>
  );
}

function Answers({ runId }: { runId: string }) {
  const query = useRunResults(runId);
  if (!query.data)
    return query.error ? (
      <Failure what="Could not load the answers." error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <div role="status" className="appear m-4 h-48 rounded-card bg-surface">
        <span className="sr-only">Loading</span>
      </div>
    );
  return (
    <>
      <ul>
        {query.data.pages.flatMap(({ results }) =>
          results.map(one => <AnsweredCase key={one.case.case_id} of={one} />),
        )}
      </ul>
      {query.hasNextPage && (
        <div className="border-t border-line p-3">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading' : 'Show more'}
          </Button>
        </div>
      )}
    </>
  );
}

function AnsweredCase({ of: { case: of, result } }: { of: RunResult }) {
  const asksFor = result?.tool_calls ?? [];
  return (
    <li className="border-t border-line px-4 py-3 first:border-t-0">
      <p className="line-clamp-2 font-semibold">{questionOf(of) || of.case_id}</p>
      <dl>
        <Side name="Answer" result={result} />
        {of.reference !== null && (
          <div>
            <dt className="text-label text-muted">Expected</dt>
            <dd className="line-clamp-3">{of.reference}</dd>
          </div>
        )}
      </dl>
      {(asksFor.length > 0 || (of.tool_calls && result)) && <ToolCalls label="asks for" calls={asksFor} />}
      {of.tool_calls && <ToolCalls label="should ask for" calls={of.tool_calls} />}
      <ul className="mt-1 text-label">
        {Object.entries(result?.scores ?? {}).map(([id, { value, explanation }]) => (
          <li key={id}>
            {evaluatorLabel(id)} <span className="font-semibold">{format.score(value)}</span>
            {explanation && <span className="break-words text-muted"> {explanation}</span>}
          </li>
        ))}
      </ul>
      <p className="text-label text-muted">
        {of.case_id}
        {result?.latency_ms != null && `, ${format.latency(result.latency_ms)}`}
        {result?.cost_usd != null && `, ${format.usd(result.cost_usd)}`}
        {result?.trace_id && (
          <>
            ,{' '}
            <Link
              to="/traces/$traceId"
              params={{ traceId: result.trace_id }}
              search={result.span_id ? { span: result.span_id } : {}}
              className="text-accent underline"
            >
              trace
            </Link>
          </>
        )}
      </p>
    </li>
  );
}
