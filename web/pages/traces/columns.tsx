import { createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { day, dayTime, exact, timeSeconds, viewerZone } from '../../clock.ts';
import type { TraceSummary } from '../../data/traces.ts';
import { format, MISSING } from '../../format.ts';
import { StatusIcon } from '../../ui/status.tsx';

/** No feature is needed: the API sorts and filters. */
export const features = tableFeatures({});
const column = createColumnHelper<typeof features, TraceSummary>();

/** Widths of the columns as a CSS grid. */
export const GRID_COLUMNS = '132px minmax(140px,1.4fr) minmax(120px,1fr) 84px 112px 84px minmax(120px,1fr)';

export const columns = column.columns([
  column.accessor('start_time', { header: 'Time' }),
  column.accessor('feature', { header: 'Feature' }),
  column.accessor('models', { header: 'Model' }),
  column.accessor('duration_ms', { header: 'Duration', cell: ({ getValue }) => format.latency(getValue()) }),
  column.accessor('input_tokens', {
    header: 'Tokens in, out',
    cell: ({ row: { original } }) => (
      <span title={`${format.full(original.input_tokens)} in, ${format.full(original.output_tokens)} out`}>
        {format.count(original.input_tokens)}, {format.count(original.output_tokens)}
      </span>
    ),
  }),
  column.accessor('cost_usd', { header: 'Cost', cell: ({ row }) => <Cost trace={row.original} /> }),
  column.accessor('scores', { header: 'Scores', cell: ({ getValue }) => <Scores scores={getValue()} /> }),
]);

export const rightAligned = new Set(['duration_ms', 'input_tokens', 'cost_usd']);

/** When in the reader's zone, with the reporting zone on hover; the day too unless it is today. */
export function When({ at, zone, nowMs }: { at: string; zone: string; nowMs: number }) {
  const ms = Date.parse(at);
  const own = viewerZone();
  const today = day(ms, own) === day(nowMs, own);
  return (
    <time dateTime={at} title={exact(ms, zone)}>
      {today ? timeSeconds(ms, own) : dayTime(ms, own)}
    </time>
  );
}

export function Cost({ trace }: { trace: TraceSummary }) {
  if (trace.cost_usd === null)
    return <span title={trace.calls ? 'No price is known for its models' : 'No model call'}>{MISSING}</span>;
  if (trace.unpriced_calls === 0) return format.usd(trace.cost_usd);
  return (
    <span title={`At least; ${trace.unpriced_calls} of ${trace.calls} calls have no known price`}>
      ≥ {format.usd(trace.cost_usd)}
    </span>
  );
}

export function Scores({ scores }: { scores: TraceSummary['scores'] }) {
  const entries = Object.entries(scores);
  if (entries.length === 0) return <span title="Nothing was scored">{MISSING}</span>;
  return entries.map(([name, value]) => (
    <span key={name} className="mr-3 whitespace-nowrap">
      <span className="text-muted">{name}</span> {format.score(value)}
    </span>
  ));
}

export function FeatureName({ trace }: { trace: TraceSummary }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      {trace.error && <StatusIcon status="critical" size={14} />}
      <span className="truncate">
        {trace.error && <span className="sr-only">Failed: </span>}
        {trace.feature || trace.name}
      </span>
    </span>
  );
}
