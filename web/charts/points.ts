/** One bucket: its start in epoch milliseconds and its value; null is missing, not zero. */
export type Point = [timeMs: number, value: number | null];

export interface Rowish {
  [name: string]: string | number | null | undefined;
}

/** Points of one measure; `empty` stands in buckets without a row (0 for counts and money, null for means). */
export function pointsOf(rows: readonly Rowish[], measure: string): Point[] {
  return rows.map(row => {
    const value = row[measure];
    return [Date.parse(String(row.time)), value === null || value === undefined ? null : Number(value)];
  });
}

/** The same with a point in every bucket, so that a gap is drawn as a gap and not as a line across it. */
export function fillGaps(
  points: readonly Point[],
  stepMs: number,
  empty: number | null,
  untilMs: number,
): Point[] {
  const filled: Point[] = [];
  for (const point of [...points].sort((a, b) => a[0] - b[0])) {
    const last = filled.at(-1);
    for (
      let at = (last?.[0] ?? point[0]) + stepMs;
      at < point[0] - stepMs / 2 && filled.length < 5000;
      at += stepMs
    )
      filled.push([at, empty]);
    filled.push(point);
  }
  const last = filled.at(-1);
  for (let at = (last?.[0] ?? untilMs) + stepMs; at < untilMs && filled.length < 5000; at += stepMs)
    filled.push([at, empty]);
  return filled;
}

/** Each time once, whatever its values. */
export const onePerTime = (points: readonly Point[]): Point[] => [
  ...new Map(points.map(point => [point[0], point])).values(),
];

/** The points on given buckets; `empty` where there is none. */
export function onBuckets(
  points: readonly Point[],
  buckets: readonly number[],
  empty: number | null,
): Point[] {
  const values = new Map(points);
  return buckets.map(ms => [ms, values.get(ms) ?? empty]);
}

export interface NamedPoints {
  name: string;
  /** Sum over all points, for the order of series. */
  total: number;
  points: Point[];
}

/** Series by group, largest first. */
export function byGroup(
  rows: readonly Rowish[],
  group: string,
  measure: string,
  weight = measure,
): NamedPoints[] {
  const groups = new Map<string, Rowish[]>();
  for (const row of rows) {
    const name = String(row[group] ?? '');
    const list = groups.get(name);
    if (list) list.push(row);
    else groups.set(name, [row]);
  }
  return [...groups]
    .map(([name, own]) => ({
      name,
      total: own.reduce((sum, row) => sum + Number(row[weight] ?? 0), 0),
      points: pointsOf(own, measure),
    }))
    .sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
}

export const OTHER = 'Other';

/** The first `keep` series and the sum of the rest as "Other". Only for measures that may be added up. */
export function withOther(series: readonly NamedPoints[], keep = 6): NamedPoints[] {
  if (series.length <= keep + 1) return [...series];
  const sums = new Map<number, number>();
  for (const { points } of series.slice(keep))
    for (const [timeMs, value] of points) sums.set(timeMs, (sums.get(timeMs) ?? 0) + (value ?? 0));
  const points = [...sums].sort((a, b) => a[0] - b[0]);
  const total = points.reduce((sum, [, value]) => sum + value, 0);
  return [...series.slice(0, keep), { name: OTHER, total, points }];
}
