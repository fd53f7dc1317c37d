import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { TraceDetail } from '#contract/trace.ts';
import { format } from '../../format.ts';
import { useAction } from '../../frame/use-action.ts';
import { useMedia } from '../../state/use-media.ts';
import { WaterfallRow } from './waterfall-row.tsx';
import { totalMs, visibleRows, waterfallRows } from './waterfall-rows.ts';

interface WaterfallProps {
  trace: TraceDetail;
  selectedId: string;
  onSelect: (spanId: string) => void;
}

/** All spans over time as a tree of flat rows; only rows in sight exist, so 10,000 spans scroll like ten. */
export function Waterfall({ trace, selectedId, onSelect }: WaterfallProps) {
  const { spans, calls } = trace;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const touch = useMedia('(pointer: coarse)');
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => waterfallRows(spans), [spans]);
  const shown = useMemo(() => visibleRows(rows, collapsed), [rows, collapsed]);
  const callBySpan = useMemo(() => new Map(calls.map(call => [call.span_id, call])), [calls]);
  const end = useMemo(() => totalMs(spans) || 1, [spans]);
  const rowHeight = touch ? 44 : 32;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const at = shown.findIndex(row => row.span.span_id === selectedId);

  // A linked span may be far down.
  const scrollTo = virtual.scrollToIndex;
  const first = useRef(true);
  useEffect(() => {
    if (first.current && at > 0) scrollTo(at);
    first.current = false;
  }, [at, scrollTo]);

  const move = (index: number) => {
    const row = shown[Math.max(0, Math.min(shown.length - 1, index))];
    if (!row) return;
    onSelect(row.span.span_id);
    virtual.scrollToIndex(shown.indexOf(row));
  };
  const pick = (spanId: string) => {
    onSelect(spanId);
    // The row may scroll away and vanish; the tree keeps the keys.
    box.current?.focus({ preventScroll: true });
  };
  const toggle = (spanId: string) =>
    setCollapsed(old => {
      const next = new Set(old);
      if (!next.delete(spanId)) next.add(spanId);
      return next;
    });
  useAction('next', () => move(at + 1));
  useAction('previous', () => move(at - 1));
  /** The keys of a tree; true when the key is one of them. */
  const moveBy = (key: string): boolean => {
    const row = shown[at];
    const places: Record<string, number> = { down: at + 1, up: at - 1, home: 0, end: shown.length - 1 };
    const place = places[key.replace('Arrow', '').toLowerCase()];
    if (place !== undefined) move(place);
    else if (key !== 'ArrowLeft' && key !== 'ArrowRight') return false;
    else if (row && row.descendants > 0 && collapsed.has(row.span.span_id) === (key === 'ArrowRight'))
      toggle(row.span.span_id);
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!moveBy(event.key)) return;
    event.preventDefault();
  };

  return (
    <section
      aria-label="Waterfall"
      className="min-w-0 overflow-hidden rounded-card border border-line lg:sticky lg:top-[72px]"
    >
      <div className="flex h-9 items-center justify-between border-b border-line px-3 text-label text-muted">
        <span>
          {format.full(spans.length)} {spans.length === 1 ? 'span' : 'spans'}
        </span>
        <span>0 to {format.latency(end)}</span>
      </div>
      <div
        ref={box}
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        aria-activedescendant={items.some(item => item.index === at) ? `${id}-${at}` : undefined}
        onKeyDown={onKeyDown}
        className="max-h-[45vh] overflow-y-auto focus-visible:-outline-offset-2 lg:max-h-[calc(100dvh-160px)]"
      >
        <div role="none" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(item => {
            const row = shown[item.index];
            return (
              row && (
                <div
                  key={item.key}
                  role="none"
                  className="absolute inset-x-0 top-0"
                  style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
                >
                  <WaterfallRow
                    id={`${id}-${item.index}`}
                    row={row}
                    call={callBySpan.get(row.span.span_id)}
                    endMs={end}
                    selected={item.index === at}
                    collapsed={collapsed.has(row.span.span_id)}
                    onSelect={pick}
                    onToggle={toggle}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
    </section>
  );
}
