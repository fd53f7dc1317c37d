import { useMemo, useRef, useState } from 'react';
import type { RuleAlert, RuleChart } from '#contract/rule.ts';
import { useWidth } from '../../charts/use-size.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { Block } from '../../ui/block.tsx';
import { writeFigure } from '../alert/alert-figures.ts';
import { chartScale, linePath } from '../alert/alert-scale.ts';
import { ChartAxes } from '../alert/chart-axes.tsx';

const HEIGHT = 220;
const MARGIN = { left: 64, right: 12, top: 12, bottom: 28 };

/** The number the rule judges, the line it must not cross, and the time it fired. */
export function RuleChartPanel({ alert, chart }: { alert: RuleAlert; chart: RuleChart }) {
  const known = chart.points.filter(({ value }) => value !== null).length;
  return (
    <Block title={chart.label}>
      <ul className="mb-1 flex flex-wrap gap-x-4 text-label text-muted">
        <li className="flex items-center gap-1.5">
          <span className="w-4 border-t-2 border-accent" /> measured
        </li>
        {chart.threshold !== null && (
          <li className="flex items-center gap-1.5">
            <span className="w-4 border-t-2 border-dashed border-critical" />
            {chart.side} {write(chart.threshold, chart.unit)}
          </li>
        )}
        {chart.resolve_at !== null && (
          <li className="flex items-center gap-1.5">
            <span className="w-4 border-t-2 border-dashed border-muted" />
            over at {write(chart.resolve_at, chart.unit)}
          </li>
        )}
      </ul>
      {known === 0 ? (
        <p className="text-muted">There was too little in this time for a verdict.</p>
      ) : (
        <div className="-mx-4">
          <Chart alert={alert} chart={chart} />
        </div>
      )}
    </Block>
  );
}

/** Drawn as SVG, so that a phone loads no chart library. */
function Chart({ alert, chart }: { alert: RuleAlert; chart: RuleChart }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [hover, setHover] = useState<number | null>(null);
  const zone = viewerZone();
  const samples = useMemo(
    () => chart.points.map(point => ({ ...point, expected: chart.threshold })),
    [chart.points, chart.threshold],
  );
  const scale = chartScale(samples, { width, height: HEIGHT, margin: MARGIN });
  if (!scale || width === 0) return <div ref={box} style={{ height: HEIGHT }} />;
  const hovered = hover === null ? undefined : samples[hover];
  const firedX = scale.x(Date.parse(alert.opened_at));
  const overX = scale.x(alert.resolved_at ? Math.min(scale.toMs, Date.parse(alert.resolved_at)) : scale.toMs);
  const across = (value: number, className: string) => (
    <line
      x1={MARGIN.left}
      x2={width - MARGIN.right}
      y1={scale.y(value)}
      y2={scale.y(value)}
      className={className}
      strokeWidth="1.5"
      strokeDasharray="5 4"
    />
  );
  return (
    <div
      ref={box}
      className="relative"
      style={{ height: HEIGHT }}
      onPointerMove={event =>
        setHover(scale.nearest(event.clientX - (box.current?.getBoundingClientRect().left ?? 0)))
      }
      onPointerLeave={() => setHover(null)}
    >
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`${alert.title}. Chart since ${dayTime(scale.fromMs, zone)}.`}
      >
        <rect
          x={firedX}
          y={MARGIN.top}
          width={Math.max(0, overX - firedX)}
          height={HEIGHT - MARGIN.top - MARGIN.bottom}
          className="fill-surface"
        />
        <ChartAxes
          scale={scale}
          width={width}
          height={HEIGHT}
          margin={MARGIN}
          write={value => write(value, chart.unit)}
        />
        {chart.threshold !== null && across(chart.threshold, 'stroke-critical')}
        {chart.resolve_at !== null &&
          chart.resolve_at >= scale.low &&
          across(chart.resolve_at, 'stroke-muted')}
        <line
          x1={firedX}
          x2={firedX}
          y1={MARGIN.top}
          y2={HEIGHT - MARGIN.bottom}
          className="stroke-critical"
        />
        <path
          d={linePath(samples, one => one.value, scale)}
          className="fill-none stroke-accent"
          strokeWidth="2"
          strokeLinejoin="round"
        />
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
      {hovered && (
        <p className="pointer-events-none absolute top-2 right-3 rounded-control border border-line bg-bg px-2 py-1 text-label shadow-popover">
          <span className="text-muted">{dayTime(Date.parse(hovered.time), zone)}: </span>
          <span className="font-semibold">
            {hovered.value === null ? 'too little for a verdict' : write(hovered.value, chart.unit)}
          </span>
        </p>
      )}
    </div>
  );
}

function write(value: number, unit: RuleChart['unit']): string {
  if (unit === 'x') return `${format.plain(value)}×`;
  if (unit === 'requests') return format.count(value);
  return writeFigure(value, unit);
}
