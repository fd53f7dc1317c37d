import { format } from '../format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { cssColor } from './palette.ts';
import { mostOf, type SpreadSeries, stairs } from './spread.ts';

interface SpreadChartProps {
  /** What the chart says, in a sentence. */
  label: string;
  /** Bounds of the bins, one more than there are. */
  edges: readonly number[];
  /** The first lies behind the others. */
  series: readonly SpreadSeries[];
  height: number;
}

/** Histograms over each other on one scale: which values there are, and how many of each. */
export function SpreadChart({ label, edges, series, height }: SpreadChartProps) {
  const most = mostOf(series);
  return (
    <div className="px-4 pb-3">
      <SpreadLegend series={series} />
      <div role="img" aria-label={label} className="mt-2">
        <svg
          viewBox="0 -2 100 102"
          preserveAspectRatio="none"
          className="w-full border-b border-control"
          style={{ height }}
          aria-hidden="true"
          focusable="false"
        >
          {series.map(({ name, color, shares }) => (
            <path
              key={name}
              d={stairs(shares, most)}
              fill={cssColor(color)}
              fillOpacity={color === 'muted' ? 0.25 : 0.2}
              stroke={cssColor(color)}
              strokeWidth="1.5"
              vectorEffect="non-scaling-stroke"
            />
          ))}
        </svg>
        <div aria-hidden className="flex justify-between pt-1 text-label text-muted">
          {ticksOf(edges).map(edge => (
            <span key={edge}>{format.score(edge)}</span>
          ))}
        </div>
      </div>
    </div>
  );
}

function SpreadLegend({ series }: { series: readonly SpreadSeries[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-label text-muted">
      {series.map(({ name, color, counts }) => (
        <li key={name} className="flex max-w-full items-center gap-1.5">
          <span className="size-2.5 shrink-0 rounded-[2px]" style={{ background: cssColor(color) }} />
          <span className="truncate">
            {name}, n = {format.count(counts.reduce((sum, count) => sum + count, 0))}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Both ends and what lies between them in equal steps. */
function ticksOf(edges: readonly number[]): number[] {
  const [first, last] = [edges[0], edges.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [0, 0.25, 0.5, 0.75, 1].map(part => first + (last - first) * part);
}

/** The same figures as a table, the highest bin first. */
export function SpreadTable({ label, edges, series }: Omit<SpreadChartProps, 'height'>) {
  const bins = Array.from({ length: Math.max(0, edges.length - 1) }, (_, at) => at).reverse();
  return (
    <ScrollBox label={label} className="max-h-80 px-4">
      <table className="w-full">
        <caption className="sr-only">{label}</caption>
        <thead className="sticky top-0 bg-bg text-label text-muted">
          <tr>
            <th scope="col" className="h-8 pr-4 text-left">
              Score
            </th>
            {series.map(({ name }) => (
              <th key={name} scope="col" className="h-8 pl-4 text-right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bins.map(at => (
            <tr key={at} className="border-t border-line">
              <th scope="row" className="h-8 pr-4 text-left font-normal whitespace-nowrap">
                {format.score(edges[at])} – {format.score(edges[at + 1])}
              </th>
              {series.map(({ name, shares, counts }) => (
                <td key={name} className="h-8 pl-4 text-right whitespace-nowrap">
                  {format.percent(shares[at] ?? null)}
                  <span className="ml-2 text-label text-muted">{format.count(counts[at] ?? 0)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** A histogram as small as a word; the figures stand beside it. */
export function SmallSpread({ shares, className }: { shares: readonly number[]; className?: string }) {
  const path = stairs(shares, mostOf([{ shares }]));
  return (
    <svg
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      className={className}
      aria-hidden="true"
      focusable="false"
    >
      <path d={path} fill="currentColor" fillOpacity="0.55" />
    </svg>
  );
}
