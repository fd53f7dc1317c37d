import type { Point } from './points.ts';

const WIDTH = 100;
const HEIGHT = 24;

/** A line without axes: shape only, the figure stands beside it. Breaks where data is missing. */
export function Sparkline({ points, className }: { points: readonly Point[]; className?: string }) {
  const path = sparkPath(coarser(points));
  return (
    <svg
      viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
      preserveAspectRatio="none"
      className={className}
      aria-hidden="true"
      focusable="false"
    >
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

const MAX_POINTS = 48;

/** Means of neighbours, so that a small line shows the shape and not the noise. */
export function coarser(points: readonly Point[]): Point[] {
  const size = Math.ceil(points.length / MAX_POINTS);
  if (size <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, at): Point => {
    const group = points.slice(at * size, (at + 1) * size);
    const known = group.flatMap(([, value]) => (value === null ? [] : [value]));
    const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    return [(group[0] as Point)[0], mean];
  });
}

/** The path in a box of 100 by 24; flat in the middle when every value is the same. */
export function sparkPath(points: readonly Point[]): string {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  if (values.length < 2) return '';
  const low = Math.min(...values);
  const high = Math.max(...values);
  const first = (points[0] as Point)[0];
  const span = (points.at(-1) as Point)[0] - first || 1;
  let pen = 'M';
  let path = '';
  for (const [ms, value] of points) {
    if (value === null) {
      pen = 'M';
      continue;
    }
    const y = high === low ? HEIGHT / 2 : HEIGHT - ((value - low) / (high - low)) * HEIGHT;
    path += `${pen}${(((ms - first) / span) * WIDTH).toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  }
  return path;
}
