import { Link } from '@tanstack/react-router';
import type { ReactTable, Row } from '@tanstack/react-table';
import type { TraceSummary } from '../../data/traces.ts';
import { MISSING } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import { FeatureName, type features, rightAligned, When } from './columns.tsx';

interface TraceCellsProps {
  row: Row<typeof features, TraceSummary>;
  table: ReactTable<typeof features, TraceSummary>;
  zone: string;
  nowMs: number;
}

/** One line; the whole of it leads to the trace. */
export function TraceCells({ row, table, zone, nowMs }: TraceCellsProps) {
  const trace = row.original;
  return row.getAllCells().map(cell => (
    <td key={cell.id} className={classes('truncate', rightAligned.has(cell.column.id) && 'text-right')}>
      {cell.column.id === 'start_time' ? (
        <Link
          to="/traces/$traceId"
          params={{ traceId: trace.trace_id }}
          className="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          <When at={trace.start_time} zone={zone} nowMs={nowMs} />
        </Link>
      ) : cell.column.id === 'feature' ? (
        <FeatureName trace={trace} />
      ) : cell.column.id === 'models' ? (
        <span title={trace.models.join(', ')}>{trace.models.join(', ') || MISSING}</span>
      ) : (
        <table.FlexRender cell={cell} />
      )}
    </td>
  ));
}
