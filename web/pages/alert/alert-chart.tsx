import { useMemo, useRef, useState } from 'react';
import type { AlertDetail } from '#contract/alert.ts';
import { useWidth } from '../../charts/use-size.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import { writeFigure } from './alert-figures.ts';
import { chartScale, linePath } from './alert-scale.ts';
import { dimensionName } from './causes.ts';
import { ChartAxes } from './chart-axes.tsx';
import { provisionalAt } from './provisional.ts';

const HEIGHT = 220;
const MARGIN = { left: 56, right: 12, top: 20, bottom: 28 };

interface AlertChartProps {
  alert: AlertDetail;
  /** When the shown problem ended, for the shaded part. */
  endMs: number;
}

/** The watched metric, what was expected, and the moment of the change. Drawn as SVG, so that a phone loads no chart library. */
export function AlertChart({ alert, endMs }: AlertChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [hover, setHover] = useState<number | null>(null);
  const { series, unit } = alert;
  const zone = viewerZone();
  const scale = useMemo(() => chartScale(series, { width, height: HEIGHT, margin: MARGIN }), [series, width]);
  const changedMs = Date.parse(alert.changed_at);
  const hovered = hover === null ? undefined : series[hover];
  const between = alert.changed_between && {
    fromMs: Date.parse(alert.changed_between.from),
    toMs: Date.parse(alert.changed_between.to),
  };
  const tailAt = provisionalAt(series, alert.complete_until);
  const mark = alert.changes.find(one => Math.abs(one.minutes_from_interval) <= 120);
  const markX = scale && mark ? scale.x(Date.parse(mark.at)) : 0;
  return (
    <div
      ref={box}
      className="relative"
      style={{ height: HEIGHT }}
      onPointerMove={event =>
        scale && setHover(scale.nearest(event.clientX - (box.current?.getBoundingClientRect().left ?? 0)))
      }
      onPointerLeave={() => setHover(null)}
    >
      {scale && width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`${alert.title}. Chart since ${dayTime(scale.fromMs, zone)}.`}
        >
          <rect
            x={scale.x(changedMs)}
            y={MARGIN.top}
            width={Math.max(0, scale.x(Math.min(endMs, scale.toMs)) - scale.x(changedMs))}
            height={HEIGHT - MARGIN.top - MARGIN.bottom}
            className="fill-surface"
          />
          <ChartAxes
            scale={scale}
            width={width}
            height={HEIGHT}
            margin={MARGIN}
            write={value => writeFigure(value, unit)}
          />
          {between && (
            <rect
              x={scale.x(between.fromMs)}
              y={MARGIN.top}
              width={Math.max(2, scale.x(between.toMs) - scale.x(between.fromMs))}
              height={HEIGHT - MARGIN.top - MARGIN.bottom}
              className="fill-critical"
              fillOpacity="0.14"
            />
          )}
          <path
            d={linePath(series, one => one.expected, scale)}
            className="fill-none stroke-muted"
            strokeWidth="1.5"
            strokeDasharray="5 4"
          />
          <path
            d={linePath(series.slice(0, tailAt), one => one.value, scale)}
            className="fill-none stroke-accent"
            strokeWidth="2"
            strokeLinejoin="round"
          />
          {/* What may still change goes on from the last point that is complete. */}
          <path
            d={linePath(series.slice(Math.max(0, tailAt - 1)), one => one.value, scale)}
            className="fill-none stroke-accent"
            strokeWidth="2"
            strokeDasharray="2 4"
            strokeOpacity="0.7"
          />
          <line
            x1={scale.x(changedMs)}
            x2={scale.x(changedMs)}
            y1={MARGIN.top - 4}
            y2={HEIGHT - MARGIN.bottom}
            className="stroke-critical"
          />
          {mark && markX >= MARGIN.left && (
            <>
              <line
                x1={markX}
                x2={markX}
                y1={MARGIN.top - 4}
                y2={HEIGHT - MARGIN.bottom}
                className="stroke-ink"
                strokeDasharray="2 3"
              />
              <text
                x={markX + (markX > width / 2 ? 4 : -4)}
                y={MARGIN.top - 8}
                textAnchor={markX > width / 2 ? 'end' : 'start'}
                className="fill-ink text-label"
              >
                {dimensionName(mark.kind).toLowerCase()} {mark.value}
              </text>
            </>
          )}
          {hovered && hovered.value !== null && (
            <circle
              cx={scale.x(Date.parse(hovered.time))}
              cy={scale.y(hovered.value)}
              r="4"
              className="fill-accent stroke-bg"
              strokeWidth="2"
            />
          )}
        </svg>
      )}
      {scale && hovered && (
        <div
          className={classes(
            'pointer-events-none absolute top-6 rounded-control border border-line bg-bg px-2 py-1 text-label shadow-popover',
            scale.x(Date.parse(hovered.time)) > width / 2 ? 'left-16' : 'right-3',
          )}
        >
          <p className="text-muted">
            {dayTime(Date.parse(hovered.time), zone)}
            {hover !== null && hover >= tailAt && ', provisional'}
          </p>
          <p>
            <span className="font-semibold">{writeFigure(hovered.value, unit)}</span>, normal{' '}
            {writeFigure(hovered.expected, unit)}
          </p>
          <p className="text-muted">{format.count(hovered.n)} requests</p>
        </div>
      )}
    </div>
  );
}
