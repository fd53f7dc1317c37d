import { ChevronDown, ChevronRight } from 'lucide-react';
import type { Call, Span } from '#contract/trace.ts';
import { format } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import { StatusIcon } from '../../ui/status.tsx';
import type { WaterfallRow as Row } from './waterfall-rows.ts';

/** Deeper spans are not pushed further to the right, or their names would leave the row. */
const MAX_INDENT = 12;

interface WaterfallRowProps {
  id: string;
  row: Row<Span>;
  call: Call | undefined;
  /** End of the trace. */
  endMs: number;
  selected: boolean;
  collapsed: boolean;
  onSelect: (spanId: string) => void;
  onToggle: (spanId: string) => void;
}

const percent = (part: number) => `${(part * 100).toFixed(3)}%`;

export function WaterfallRow(props: WaterfallRowProps) {
  const { id, row, call, endMs, selected, collapsed, onSelect, onToggle } = props;
  const { span, depth, descendants, orphan } = row;
  const failed = span.status === 'error' || call?.failed === true;
  const left = span.offset_ms / endMs;
  const Chevron = collapsed ? ChevronRight : ChevronDown;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it has the keys
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-selected={selected}
      aria-expanded={descendants > 0 ? !collapsed : undefined}
      onClick={() => onSelect(span.span_id)}
      className={classes(
        'grid h-full cursor-pointer grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-center gap-2 border-l-2 px-2 md:grid-cols-[minmax(0,46%)_minmax(0,1fr)]',
        selected ? 'border-accent bg-surface' : 'border-transparent hover:bg-surface',
      )}
    >
      <div className="flex min-w-0 items-center" style={{ paddingLeft: Math.min(depth, MAX_INDENT) * 12 }}>
        {descendants > 0 ? (
          <span
            aria-hidden
            title={collapsed ? `Show ${descendants} spans` : 'Hide the spans below'}
            onClick={event => {
              event.stopPropagation();
              onToggle(span.span_id);
            }}
            className="-ml-1 flex size-6 shrink-0 items-center justify-center rounded-control text-muted hover:text-ink"
          >
            <Chevron size={14} />
          </span>
        ) : (
          <span className="w-5 shrink-0" />
        )}
        {failed && (
          <span className="mr-1 shrink-0">
            <StatusIcon status="critical" size={14} />
            <span className="sr-only">Failed: </span>
          </span>
        )}
        <span className={classes('truncate', call && 'font-semibold')} title={span.name}>
          {span.name}
        </span>
        {orphan && (
          <span className="ml-2 shrink-0 text-label text-warning" title="Its parent span has not arrived">
            parent missing
          </span>
        )}
        {collapsed && (
          <span className="ml-2 shrink-0 text-label text-muted">+{format.count(descendants)}</span>
        )}
      </div>
      <div className="relative h-full min-w-0">
        <div
          className={classes(
            'absolute top-1/2 h-2.5 min-w-[2px] -translate-y-1/2 rounded-[2px]',
            failed ? 'bg-critical' : call ? 'bg-accent' : 'bg-control',
          )}
          style={{
            left: percent(Math.min(left, 0.998)),
            width: percent(Math.min(span.duration_ms / endMs, 1 - left)),
          }}
        />
        <span
          className="absolute top-1/2 -translate-y-1/2 rounded-[2px] bg-[color-mix(in_srgb,var(--bg)_80%,transparent)] px-1 text-label whitespace-nowrap text-ink"
          style={labelPlace(left, span.duration_ms / endMs)}
        >
          {format.latency(span.duration_ms)}
        </span>
      </div>
    </div>
  );
}

/** Beside the bar where there is room, else inside at its right end. */
function labelPlace(left: number, width: number) {
  const end = left + width;
  if (end < 0.78) return { left: `calc(${percent(end)} + 4px)` };
  if (left > 0.25) return { right: `calc(${percent(1 - left)} + 4px)` };
  return { right: 4 };
}
