import { Link } from '@tanstack/react-router';
import type { TraceSummary } from '../../data/traces.ts';
import { format } from '../../format.ts';
import { Cost, FeatureName, Scores, When } from './columns.tsx';

interface TraceCardProps {
  trace: TraceSummary;
  zone: string;
  nowMs: number;
}

/** A trace on a phone. */
export function TraceCard({ trace, zone, nowMs }: TraceCardProps) {
  return (
    <td className="block px-1 py-3">
      <div className="flex items-center justify-between gap-3">
        <Link
          to="/traces/$traceId"
          params={{ traceId: trace.trace_id }}
          className="min-w-0 font-semibold after:absolute after:inset-0"
        >
          <FeatureName trace={trace} />
        </Link>
        <span className="shrink-0 text-label text-muted">
          <When at={trace.start_time} zone={zone} nowMs={nowMs} />
        </span>
      </div>
      <p className="truncate text-muted">{trace.models.join(', ') || 'No model'}</p>
      <p className="flex flex-wrap gap-x-4">
        <span>{format.latency(trace.duration_ms)}</span>
        <span>{trace.cost_usd === null ? 'no price' : <Cost trace={trace} />}</span>
        <span>
          {format.count(trace.input_tokens)} in, {format.count(trace.output_tokens)} out
        </span>
      </p>
      {Object.keys(trace.scores).length > 0 && (
        <p className="truncate">
          <Scores scores={trace.scores} />
        </p>
      )}
    </td>
  );
}
