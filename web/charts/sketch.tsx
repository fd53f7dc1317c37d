import { memo, useId, useMemo } from 'react';
import { axesOf, LABEL_GAP_PX } from './axes.ts';
import { type ChartSeries, GRID, type TimeScale, type ValueAxis } from './chart-series.ts';
import { withProvisional } from './provisional.ts';
import { type Shape, shapesOf } from './sketch-shapes.ts';

export interface SketchProps {
  series: readonly ChartSeries[];
  scale: TimeScale;
  axis: ValueAxis;
  partialFromMs: number | null;
  partialToMs: number | undefined;
  width: number;
  height: number;
}

const TEXT = { fontSize: 12, fill: 'var(--muted)' };

/**
 * Axes and series as plain SVG: what is seen until the charting library answers the pointer, which a phone may never need.
 * Colours are the page's tokens, so that a change of theme needs no new drawing.
 */
export const Sketch = memo(function Sketch(props: SketchProps) {
  const { scale, width, height } = props;
  const clip = useId();
  const { values, shapes, times, write } = useMemo(() => drawn(props), [props]);
  const bottom = height - GRID.bottom;
  const right = width - GRID.right;
  return (
    <svg aria-hidden="true" focusable="false" width={width} height={height} className="block">
      <clipPath id={clip}>
        <rect x={GRID.left} y={GRID.top - 2} width={right - GRID.left} height={bottom - GRID.top + 3} />
      </clipPath>
      {values.map(({ y, value }) => (
        <path key={value} d={`M${GRID.left} ${y}H${right}`} stroke="var(--line)" opacity={0.6} />
      ))}
      <path d={`M${GRID.left} ${Math.round(bottom) - 0.5}H${right}`} stroke="var(--line)" />
      {values.map(({ y, value }) => (
        <text key={value} x={GRID.left - LABEL_GAP_PX} y={y + 5} textAnchor="end" {...TEXT}>
          {write(value)}
        </text>
      ))}
      {times.map(({ x, wallMs, text }) => (
        <text key={wallMs} x={x} y={bottom + 19} textAnchor="middle" {...TEXT}>
          {text}
        </text>
      ))}
      <g clipPath={`url(#${clip})`}>
        {shapes.map((shape, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no identity but their place
          <Path key={`${scale.stepMs} ${at}`} {...shape} />
        ))}
      </g>
    </svg>
  );
});

function Path({ d, fill = 'none', stroke, strokeWidth, dash, opacity }: Shape) {
  return (
    <path
      d={d}
      fill={fill}
      stroke={stroke}
      strokeWidth={strokeWidth}
      strokeDasharray={dash}
      strokeLinejoin="bevel"
      opacity={opacity}
    />
  );
}

/** Everything that has to be computed of a drawing. */
function drawn({ series, scale, axis, partialFromMs, partialToMs, width, height }: SketchProps) {
  const { value, write, times } = axesOf(series, scale, axis, width);
  const plot = { width: width - GRID.left - GRID.right, height: height - GRID.top - GRID.bottom };
  const span = scale.toMs - scale.fromMs;
  const x = (ms: number) => GRID.left + (plot.width * (ms - scale.fromMs)) / span;
  const y = (one: number) => GRID.top + plot.height * (1 - (one - value.min) / (value.max - value.min));
  const isProvisional = (ms: number) =>
    partialFromMs !== null && ms >= partialFromMs && (partialToMs === undefined || ms < partialToMs);
  // What lies beyond an end is something else, such as a forecast.
  const parts = partialToMs === undefined ? withProvisional(series, partialFromMs) : series;
  const stepPx = (plot.width * scale.stepMs) / span;
  return {
    // Lines on whole pixels are sharp.
    values: value.ticks.map(one => ({ value: one, y: Math.round(y(one)) - 0.5 })),
    write,
    times,
    shapes: shapesOf(parts, scale, { x, y, stepPx }, isProvisional),
  };
}
