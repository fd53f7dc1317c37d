import { useNavigate } from '@tanstack/react-router';
import { useTable } from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { TraceSummary } from '../../data/traces.ts';
import { useAction } from '../../frame/use-action.ts';
import { useMedia, useNarrow } from '../../state/use-media.ts';
import { useView } from '../../state/use-view.ts';
import { classes } from '../../ui/classes.ts';
import { columns, features, GRID_COLUMNS, rightAligned } from './columns.tsx';
import { TraceCard } from './trace-card.tsx';
import { TraceCells } from './trace-cells.tsx';

interface TraceListProps {
  traces: TraceSummary[];
  /** The list is of an earlier question while its own is under way. */
  stale: boolean;
  /** What stands below the last row; null while more can be loaded. */
  end: string | null;
  /** The last rows came into sight. */
  onEnd: () => void;
}

const HEADER_PX = 56;

/** Thousands of traces; only rows near the screen exist. A table on a desk, cards where it would not fit. */
export function TraceList({ traces, stale, end, onEnd }: TraceListProps) {
  const navigate = useNavigate();
  const { zone } = useView();
  const cards = useNarrow();
  const touch = useMedia('(pointer: coarse)');
  const box = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const [at, setAt] = useState(-1);
  const nowMs = Date.now();
  const table = useTable({ features, columns, data: traces });
  const rows = table.getRowModel().rows;
  const estimate = cards ? 104 : touch ? 44 : 36;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => estimate,
    overscan: 8,
    scrollMargin: top,
    scrollPaddingStart: HEADER_PX + 40,
    scrollPaddingEnd: 80,
    getItemKey: index => rows[index]?.original.trace_id ?? index,
  });
  useLayoutEffect(() => setTop((box.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 10) onEnd();
  }, [last, rows.length, onEnd]);

  const select = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setAt(next);
    virtual.scrollToIndex(next);
  };
  useAction('next', () => select(at + 1));
  useAction('previous', () => select(at - 1));
  useAction('open', () => {
    const trace = traces[at];
    if (trace) void navigate({ to: '/traces/$traceId', params: { traceId: trace.trace_id } });
  });

  return (
    <>
      <table className="block" aria-label="Traces" aria-rowcount={traces.length + 1} aria-busy={stale}>
        <thead className={cards ? 'sr-only' : 'sticky top-14 z-10 block border-b border-line bg-bg'}>
          {table.getHeaderGroups().map(group => (
            <tr
              key={group.id}
              className="grid h-8 items-center gap-4 px-3 text-label text-muted"
              style={{ gridTemplateColumns: GRID_COLUMNS }}
            >
              {group.headers.map(header => (
                <th
                  key={header.id}
                  scope="col"
                  className={classes(
                    'truncate',
                    rightAligned.has(header.column.id) ? 'text-right' : 'text-left',
                  )}
                >
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody
          ref={box}
          className={classes('relative block', stale && 'opacity-60')}
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map(item => {
            const row = rows[item.index];
            return (
              row && (
                <tr
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  aria-rowindex={item.index + 2}
                  className={classes(
                    'absolute inset-x-0 top-0 border-b border-line hover:bg-surface',
                    cards ? 'block' : 'grid h-9 items-center gap-4 px-3 pointer-coarse:h-11',
                    item.index === at && 'bg-surface outline-2 -outline-offset-2 outline-accent',
                  )}
                  style={{
                    transform: `translateY(${item.start - virtual.options.scrollMargin}px)`,
                    gridTemplateColumns: GRID_COLUMNS,
                  }}
                >
                  {cards ? (
                    <TraceCard trace={row.original} zone={zone} nowMs={nowMs} />
                  ) : (
                    <TraceCells row={row} table={table} zone={zone} nowMs={nowMs} />
                  )}
                </tr>
              )
            );
          })}
        </tbody>
      </table>
      {end !== '' && <p className="p-4 text-center text-muted">{end ?? 'Loading more'}</p>}
    </>
  );
}
