import type { ChartSeries } from './chart-series.ts';
import { cssColor } from './palette.ts';

interface LegendProps {
  series: readonly ChartSeries[];
  /** Some of the shown time is not complete. */
  provisional?: boolean;
}

/** Names of the series with their line, in the words of the chart; an interval belongs to the line it surrounds. */
export function Legend({ series, provisional = false }: LegendProps) {
  const lines = series.filter(({ kind }) => kind !== 'interval');
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 px-4 text-label text-muted">
      {lines.map(one => (
        <li key={one.name} className="flex max-w-full items-center gap-1.5">
          <Swatch series={one} />
          <span className="truncate">{one.name}</span>
        </li>
      ))}
      {provisional && (
        <li className="flex items-center gap-1.5" title="Some data of this time may still arrive.">
          <span className="hatch size-2.5 shrink-0 rounded-[2px] border border-line" />
          Provisional
        </li>
      )}
    </ul>
  );
}

function Swatch({ series: { kind, color, compare } }: { series: ChartSeries }) {
  if (kind === 'bar')
    return <span className="size-2.5 shrink-0 rounded-[2px]" style={{ background: cssColor(color) }} />;
  if (kind === 'band')
    return (
      <span className="size-2.5 shrink-0 rounded-[2px] opacity-40" style={{ background: cssColor(color) }} />
    );
  return (
    <span
      className="w-4 shrink-0 border-t-2"
      style={{
        borderColor: cssColor(color),
        borderStyle: compare ? 'dashed' : 'solid',
        opacity: compare ? 0.6 : 1,
      }}
    />
  );
}
