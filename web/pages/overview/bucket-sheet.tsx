import { Link } from '@tanstack/react-router';
import { bucketLabel } from '../../charts/chart-series.ts';
import { timeSeconds, toWall, viewerZone } from '../../clock.ts';
import { useBucketTraces } from '../../data/traces.ts';
import { format } from '../../format.ts';
import { absolute } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { whereOf } from '../../state/view.ts';
import { Failure } from '../../states/failure.tsx';
import { controlClasses } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StatusIcon } from '../../ui/status.tsx';

interface BucketSheetProps {
  /** Start of the bucket, null when none is open. */
  startMs: number | null;
  stepMs: number;
  onClose: () => void;
}

/** Traces of one bucket of the charts, beside them. */
export function BucketSheet({ startMs, stepMs, onClose }: BucketSheetProps) {
  const { view, zone } = useView();
  const start = startMs ?? 0;
  const range = absolute(start, start + stepMs);
  const query = useBucketTraces(range, whereOf(view), startMs !== null);
  return (
    <Dialog
      shape="side"
      open={startMs !== null}
      onClose={onClose}
      title={`Traces of ${bucketLabel(toWall(start, zone), stepMs)}`}
    >
      <div className="p-4">
        <Link to="/traces" search={range} className={controlClasses('primary')}>
          Open in Traces
        </Link>
      </div>
      {query.error && (
        <Failure what="Could not load the traces." error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data?.traces.length === 0 && <p className="px-4 text-muted">No traces in this bucket.</p>}
      <ul>
        {query.data?.traces.map(trace => (
          <li key={trace.trace_id} className="border-t border-line">
            <Link
              to="/traces/$traceId"
              params={{ traceId: trace.trace_id }}
              className="block px-4 py-2 hover:bg-surface focus-visible:-outline-offset-2"
            >
              <span className="flex items-center gap-2">
                {trace.error && <StatusIcon status="critical" size={14} />}
                <span className="min-w-0 flex-1 truncate font-semibold">{trace.feature || trace.name}</span>
                <span className="text-muted">{timeSeconds(Date.parse(trace.start_time), viewerZone())}</span>
              </span>
              <span className="flex flex-wrap gap-x-4 text-muted">
                <span>{format.latency(trace.duration_ms)}</span>
                <span>{format.usd(trace.cost_usd)}</span>
                {Object.entries(trace.scores).map(([name, value]) => (
                  <span key={name}>
                    {name} {format.score(value)}
                  </span>
                ))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
