import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import type { TraceDetail } from '#contract/trace.ts';
import { ApiError } from '../../data/problem.ts';
import { useTrace } from '../../data/trace.ts';
import { usePhone } from '../../state/use-media.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { SpanPanel } from './span-panel.tsx';
import { TraceHeader } from './trace-header.tsx';
import { TraceLogs } from './trace-logs.tsx';
import { Waterfall } from './waterfall.tsx';

/** Where did time, money and quality go? */
export function TracePage() {
  const { traceId } = useParams({ from: '/traces/$traceId' });
  const { data, error, refetch } = useTrace(traceId);
  if (data) return <Trace trace={data} />;
  if (error instanceof ApiError && error.status === 404)
    return (
      <>
        <PageTitle title="No such trace" />
        <Note title="This trace is not stored.">
          It may be older than the retention, or its spans have not arrived yet.
        </Note>
      </>
    );
  if (error)
    return (
      <>
        <PageTitle title="Trace" />
        <Failure what="Could not load the trace." error={error} onRetry={() => void refetch()} />
      </>
    );
  return (
    <div role="status" className="appear flex flex-col gap-4">
      <h1 className="sr-only">Loading the trace</h1>
      <div className="h-24 rounded-card bg-surface" />
      <div className="h-96 rounded-card bg-surface" />
    </div>
  );
}

function Trace({ trace }: { trace: TraceDetail }) {
  const { span } = useSearch({ from: '/traces/$traceId' });
  const navigate = useNavigate({ from: '/traces/$traceId' });
  const phone = usePhone();
  const panel = useRef<HTMLDivElement>(null);
  const chosenByReader = useRef(false);
  const selected = useMemo(
    () => trace.spans.find(one => one.span_id === span) ?? mostTelling(trace),
    [trace, span],
  );
  const select = (spanId: string) => {
    chosenByReader.current = true;
    void navigate({ replace: true, resetScroll: false, search: old => ({ ...old, span: spanId }) });
  };
  // On a phone the panel is below the waterfall: a tap leads to it.
  useEffect(() => {
    if (phone && chosenByReader.current && span) panel.current?.scrollIntoView({ block: 'start' });
  }, [phone, span]);
  return (
    <>
      <TraceHeader trace={trace} />
      <div className="grid items-start gap-4 lg:grid-rows-[auto_1fr] lg:grid-cols-[minmax(0,1fr)_minmax(0,440px)] xl:grid-cols-[minmax(0,1fr)_minmax(0,520px)]">
        <Waterfall trace={trace} selectedId={selected?.span_id ?? ''} onSelect={select} />
        <div ref={panel} className="min-w-0 scroll-mt-20 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          {selected && <SpanPanel key={selected.span_id} trace={trace} span={selected} />}
        </div>
        <TraceLogs trace={trace} onSelect={select} />
      </div>
    </>
  );
}

/** The span a reader most likely came for: a failed call, else the first call with messages, else the first call. */
function mostTelling({ spans, calls, contents }: TraceDetail) {
  const call =
    calls.find(one => one.failed) ?? calls.find(one => contents[one.span_id] !== undefined) ?? calls[0];
  return spans.find(one => one.span_id === call?.span_id) ?? spans[0];
}
