import type { EChartsType } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import { useShownTheme } from '../state/theme.ts';
import { inTurn, loadEngine } from './load-engine.ts';
import { type ChartMarker, Markers } from './markers.tsx';
import { readPalette } from './palette.ts';
import { withProvisional } from './provisional.ts';
import { type ChartSeries, GRID, type TimeScale, timeOption, type ValueAxis } from './time-option.ts';
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

/** A canvas over time. Created near the screen, one per turn, disposed with the page; hover is shared by all of them. */
export function TimeChart(props: TimeChartProps) {
  const { label, height, series, scale, axis, markers, partialFromMs, partialToMs } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const near = useNear(box);
  const width = useWidth(box);
  const theme = useShownTheme();
  const [chart, setChart] = useState<EChartsType | null>(null);
  const [failed, setFailed] = useState(false);
  const drag = useDragRange(box, scale, props);

  useEffect(() => {
    if (!near) return;
    let gone = false;
    let made: EChartsType | undefined;
    loadEngine().then(
      engine =>
        inTurn(() => {
          if (gone || !canvas.current) return;
          made = engine.init(canvas.current);
          made.group = 'page';
          engine.connect('page');
          setChart(made);
        }),
      () => setFailed(true),
    );
    return () => {
      gone = true;
      made?.dispose();
      setChart(null);
    };
  }, [near]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the palette that is read here
  useEffect(() => {
    if (!chart || width === 0) return;
    chart.resize({ width, height });
    chart.setOption(
      timeOption({
        // What lies beyond an end is something else, such as a forecast.
        series: partialToMs === undefined ? withProvisional(series, partialFromMs) : series,
        partialFromMs,
        partialToMs: partialToMs ?? null,
        scale,
        axis,
        palette: readPalette(),
        width,
        isHovered: () => box.current?.matches(':hover') === true,
      }),
      { notMerge: true },
    );
  }, [chart, series, scale, axis, partialFromMs, partialToMs, width, height, theme]);

  const plot = Math.max(0, width - GRID.left - GRID.right);
  const place = (ms: number) => GRID.left + (plot * (ms - scale.fromMs)) / (scale.toMs - scale.fromMs);
  return (
    <div ref={box} className="relative select-none" style={{ height }} {...drag.handlers}>
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
      <div ref={canvas} role="img" aria-label={label} className="absolute inset-0" />
      {failed && (
        <p className="absolute inset-0 p-4 text-muted">The chart could not be loaded. Show it as a table.</p>
      )}
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
