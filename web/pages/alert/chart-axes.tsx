import { tick, toWall, viewerZone } from '../../clock.ts';
import { type ChartScale, niceTicks, timeTicks } from './alert-scale.ts';

interface ChartAxesProps {
  scale: ChartScale;
  /** Of the drawing, pixels. */
  width: number;
  height: number;
  margin: { left: number; right: number };
  /** A value of the left axis in words. */
  write: (value: number) => string;
}

/** Lines across with their values, and times of the viewer's zone below. */
export function ChartAxes({ scale, width, height, margin, write }: ChartAxesProps) {
  const zone = viewerZone();
  return (
    <>
      {niceTicks(scale.low, scale.high, 3).map(value => (
        <g key={value}>
          <line
            x1={margin.left}
            x2={width - margin.right}
            y1={scale.y(value)}
            y2={scale.y(value)}
            className="stroke-line"
            strokeOpacity="0.6"
          />
          <text x={margin.left - 8} y={scale.y(value) + 4} textAnchor="end" className="fill-muted text-label">
            {write(value)}
          </text>
        </g>
      ))}
      {timeTicks(
        toWall(scale.fromMs, zone),
        toWall(scale.toMs, zone),
        Math.max(2, Math.floor(width / 110)),
      ).map(wall => (
        <text
          key={wall}
          x={scale.x(scale.fromMs + (wall - toWall(scale.fromMs, zone)))}
          y={height - 8}
          textAnchor="middle"
          className="fill-muted text-label"
        >
          {tick(wall, scale.toMs - scale.fromMs)}
        </text>
      ))}
    </>
  );
}
