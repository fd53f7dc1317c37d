import { ChevronDown, ChevronLeft, ChevronRight, Clock, ZoomOut } from 'lucide-react';
import { lazy } from 'react';
import type { Range } from '../state/range.ts';
import { rangeLabel } from '../state/range-label.ts';
import { shift, zoomOut } from '../state/range-moves.ts';
import { useView } from '../state/use-view.ts';
import { Button } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';
import { useAction } from './use-action.ts';

const RangePanel = lazy(() => import('./range-panel.tsx'));

/** The time range: quick choices, words, and steps back and forth. */
export function RangePicker() {
  const { view, zone, setView } = useView();
  const move = (range: Range) => setView({ from: range.from, to: range.to });
  const step = (direction: -1 | 1) => move(shift(view, direction, Date.now()));
  useAction('earlier', () => step(-1));
  useAction('later', () => step(1));
  useAction('zoom-out', () => move(zoomOut(view, Date.now())));
  const label = rangeLabel(view, zone);
  const atNow = view.to === 'now';
  return (
    <div className="flex min-w-0 items-center">
      <Popover
        label="Time range"
        className="min-w-0 !shrink"
        title={`${label}, ${zone}`}
        content={close => (
          <RangePanel
            onChoose={range => {
              move(range);
              close();
            }}
          />
        )}
      >
        <Clock size={16} aria-hidden className="shrink-0 max-sm:hidden" />
        <span className="min-w-0 shrink-[0.01] truncate">{label}</span>
        <span className="min-w-0 truncate text-muted max-xl:hidden">{zone}</span>
        <ChevronDown size={16} aria-hidden className="shrink-0 text-muted" />
      </Popover>
      <div className="flex max-lg:hidden">
        <Button look="quiet" square aria-label="Earlier" title="Earlier ([)" onClick={() => step(-1)}>
          <ChevronLeft size={16} aria-hidden />
        </Button>
        <Button
          look="quiet"
          square
          aria-label="Later"
          title="Later (])"
          disabled={atNow}
          onClick={() => step(1)}
        >
          <ChevronRight size={16} aria-hidden />
        </Button>
        <Button
          look="quiet"
          square
          aria-label="Zoom out"
          title="Zoom out (z)"
          onClick={() => move(zoomOut(view, Date.now()))}
        >
          <ZoomOut size={16} aria-hidden />
        </Button>
      </div>
    </div>
  );
}
