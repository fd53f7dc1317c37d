import { useId, useMemo } from 'react';
import type { TraceDetail } from '#contract/trace.ts';
import { format } from '../../format.ts';
import { LogList } from './log-list.tsx';

/** As many as the API answers. */
const MOST = 5000;

interface TraceLogsProps {
  trace: TraceDetail;
  onSelect: (spanId: string) => void;
}

/** Every log record of the trace, also those written outside any span that is here. */
export function TraceLogs({ trace, onSelect }: TraceLogsProps) {
  const id = useId();
  const byId = useMemo(() => new Map(trace.spans.map(span => [span.span_id, span])), [trace.spans]);
  const { logs } = trace;
  if (logs.length === 0) return null;
  return (
    <section aria-labelledby={id} className="min-w-0 rounded-card border border-line px-4 py-3">
      <h2 id={id} className="mb-1 text-body">
        Logs ({logs.length >= MOST ? `the first ${format.count(MOST)}` : format.count(logs.length)})
      </h2>
      <LogList logs={logs} spans={{ byId, onSelect }} />
    </section>
  );
}
