import { toWall } from '../clock.ts';
import { MISSING } from '../format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { bucketLabel, type ChartSeries, type TimeScale, type ValueAxis } from './chart-series.ts';

interface SeriesTableProps {
  caption: string;
  series: readonly ChartSeries[];
  scale: TimeScale;
  axis: ValueAxis;
  height: number;
  partialFromMs?: number | null;
  partialToMs?: number | undefined;
  onPick: (timeMs: number) => void;
}

/** The chart as a real table: newest bucket first, each leading to its traces. */
export function SeriesTable({
  caption,
  series,
  scale,
  axis,
  height,
  partialFromMs = null,
  partialToMs = Number.POSITIVE_INFINITY,
  onPick,
}: SeriesTableProps) {
  const isProvisional = (ms: number) => partialFromMs !== null && ms >= partialFromMs && ms < partialToMs;
  const columns = series.map(one => new Map(one.points));
  const highs = series.map(one => new Map(one.high));
  const times = [...new Set(series.flatMap(one => one.points.map(([ms]) => ms)))].sort((a, b) => b - a);
  return (
    <ScrollBox className="px-4" style={{ height }} label={caption}>
      <table className="w-full text-body">
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 bg-bg text-label text-muted">
          <tr>
            <th scope="col" className="h-8 pr-4 text-left">
              Time
            </th>
            {series.map(one => (
              <th key={one.name} scope="col" className="h-8 pl-4 text-right">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map(ms => (
            <tr key={ms} className="border-t border-line">
              <th scope="row" className="h-8 pr-4 text-left font-normal whitespace-nowrap">
                <button type="button" className="text-accent hover:underline" onClick={() => onPick(ms)}>
                  {bucketLabel(toWall(ms, scale.zone), scale.stepMs)}
                </button>
                {isProvisional(ms) && <span className="text-label text-muted"> provisional</span>}
              </th>
              {columns.map((column, at) => {
                const value = column.get(ms);
                const high = highs[at]?.get(ms);
                return (
                  <td key={series[at]?.name} className="h-8 pl-4 text-right whitespace-nowrap">
                    {value === undefined || value === null ? MISSING : axis.value(value)}
                    {high !== undefined && high !== null && ` – ${axis.value(high)}`}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
