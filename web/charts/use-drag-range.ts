import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { GRID, type TimeScale } from './chart-series.ts';

interface DragActions {
  onZoom: (fromMs: number, toMs: number) => void;
  onBack: () => void;
  onPick: (timeMs: number) => void;
}

const CLICK_PX = 6;
const DOUBLE_CLICK_MS = 250;

/** Drag to zoom, click to pick a bucket, double click to go back. A finger scrolls the page instead of zooming. */
export function useDragRange(box: RefObject<HTMLElement | null>, scale: TimeScale, actions: DragActions) {
  const [drag, setDrag] = useState<{ start: number; end: number } | null>(null);
  const click = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(click.current), []);

  const bounds = () => box.current?.getBoundingClientRect();
  const inside = (clientX: number) => {
    const rect = bounds();
    if (!rect) return 0;
    return Math.min(Math.max(clientX - rect.left, GRID.left), rect.width - GRID.right);
  };
  const timeAt = (x: number) => {
    const width = (bounds()?.width ?? 1) - GRID.left - GRID.right;
    return scale.fromMs + ((x - GRID.left) / width) * (scale.toMs - scale.fromMs);
  };
  const pick = (x: number) => {
    clearTimeout(click.current);
    click.current = setTimeout(() => {
      const at = timeAt(x);
      actions.onPick(Math.floor((at - scale.fromMs) / scale.stepMs) * scale.stepMs + scale.fromMs);
    }, DOUBLE_CLICK_MS);
  };

  return {
    selection:
      drag && Math.abs(drag.end - drag.start) >= CLICK_PX
        ? { left: Math.min(drag.start, drag.end), width: Math.abs(drag.end - drag.start) }
        : null,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0 || event.pointerType === 'touch') return;
        const x = inside(event.clientX);
        setDrag({ start: x, end: x });
      },
      onPointerMove: (event: PointerEvent) => {
        if (drag) setDrag({ ...drag, end: inside(event.clientX) });
      },
      onPointerUp: (event: PointerEvent) => {
        const x = inside(event.clientX);
        if (event.pointerType === 'touch') return;
        setDrag(null);
        if (!drag) return;
        if (Math.abs(x - drag.start) < CLICK_PX) pick(x);
        else actions.onZoom(timeAt(Math.min(x, drag.start)), timeAt(Math.max(x, drag.start)));
      },
      onPointerLeave: () => setDrag(null),
      onDoubleClick: () => {
        clearTimeout(click.current);
        actions.onBack();
      },
    },
  };
}
