import { type PointerEvent, useDeferredValue, useMemo, useRef, useState } from 'react';
import { type ChartSeries, GRID, type TimeScale, type ValueAxis } from './chart-series.ts';
import { LivePlot } from './live-plot.tsx';
import { type ChartMarker, Markers } from './markers.tsx';
import { Sketch, type SketchProps } from './sketch.tsx';
import { useAwake, wake } from './use-awake.ts';
import { useDragRange } from './use-drag-range.ts';
import { useNear, useWidth } from './use-size.ts';

export interface TimeChartProps {
  /** What the chart says, in a sentence. */
  label: string;
  height: number;
  series: readonly ChartSeries[];
  scale: TimeScale;
  axis: ValueAxis;
  markers: readonly ChartMarker[];
  /** Start of what may still fill, null when all is complete. */
  partialFromMs: number | null;
  /** End of it; the right edge when left out. */
  partialToMs?: number | undefined;
  /** A dragged range. */
  onZoom: (fromMs: number, toMs: number) => void;
  onBack: () => void;
  /** Start of a clicked bucket. */
  onPick: (timeMs: number) => void;
}

/** A chart over time, drawn when it comes near the screen; what is under the pointer is shown in all charts of the page. */
export function TimeChart(props: TimeChartProps) {
  const { label, height, series, scale, axis, markers, partialFromMs, partialToMs } = props;
  const box = useRef<HTMLDivElement>(null);
  const near = useNear(box);
  const width = useWidth(box);
  const drag = useDragRange(box, scale, props);
  // Hovering and dragging come by here with the same values; only other values make another drawing.
  const drawing = useMemo(
    () => ({ series, scale, axis, partialFromMs, partialToMs, width, height }),
    [series, scale, axis, partialFromMs, partialToMs, width, height],
  );
  const handlers = {
    ...drag.handlers,
    onPointerDown: (event: PointerEvent) => {
      wake();
      drag.handlers.onPointerDown(event);
    },
  };
  const plot = Math.max(0, width - GRID.left - GRID.right);
  const place = (ms: number) => GRID.left + (plot * (ms - scale.fromMs)) / (scale.toMs - scale.fromMs);
  return (
    <div ref={box} className="relative select-none" style={{ height }} {...handlers}>
      {width > 0 && partialFromMs !== null && partialFromMs < scale.toMs && (
        <div
          className="hatch pointer-events-none absolute"
          title="provisional: data still arrive"
          style={{
            left: Math.max(GRID.left, place(partialFromMs)),
            right: Math.max(GRID.right, width - place(partialToMs ?? scale.toMs)),
            top: GRID.top,
            bottom: GRID.bottom,
          }}
        />
      )}
      <div role="img" aria-label={label} className="absolute inset-0">
        {near && width > 0 && <Drawn drawing={drawing} />}
      </div>
      {width > 0 && <Markers markers={markers} scale={scale} place={place} plotWidth={plot} />}
      {drag.selection && (
        <div
          className="pointer-events-none absolute border-x border-accent bg-[color-mix(in_srgb,var(--accent)_12%,transparent)]"
          style={{ ...drag.selection, top: GRID.top, bottom: GRID.bottom }}
        />
      )}
    </div>
  );
}

/** The sketch, until the charting library has drawn the same. */
function Drawn({ drawing }: { drawing: SketchProps }) {
  const isAwake = useAwake();
  const [isLive, setLive] = useState(false);
  const [touched, setTouched] = useState<{ x: number; y: number } | null>(null);
  // Drawing may wait for what the reader does.
  const shown = useDeferredValue(drawing, null);
  return (
    <div
      className="absolute inset-0"
      onPointerDown={({ nativeEvent: { offsetX: x, offsetY: y } }) => !isLive && setTouched({ x, y })}
    >
      {!isLive && shown && <Sketch {...shown} />}
      {isAwake && shown && <LivePlot drawing={shown} touched={touched} onShown={() => setLive(true)} />}
    </div>
  );
}
