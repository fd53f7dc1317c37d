import { DAY_MS, formatter, time } from '../clock.ts';
import type { SeriesColor } from './palette.ts';
import type { Point } from './points.ts';

export interface ChartSeries {
  name: string;
  color: SeriesColor;
  /** A `band` lies between its points and `high`, bucket by bucket; an `interval` likewise, around the line of its colour. */
  kind: 'line' | 'bar' | 'band' | 'interval';
  /** The compared period; its points carry the times of the shown one. */
  compare?: boolean;
  /** May still change, because a sender has not told everything yet. Its first point is the last one that is complete. */
  provisional?: boolean;
  points: Point[];
  /** Upper end of a band or an interval. */
  high?: Point[];
}

export interface TimeScale {
  fromMs: number;
  toMs: number;
  /** Length of a bucket. */
  stepMs: number;
  zone: string;
}

export interface ValueAxis {
  /** Smallest value drawn; null lets the data decide. */
  min: number | null;
  max?: number;
  /** Writes a tick, knowing the largest value, so that an axis has one unit. */
  ticks: (max: number) => (value: number) => string;
  /** Writes a value in the tooltip and the table. */
  value: (value: number | null) => string;
}

/** Room around the plot in pixels; overlays that are not part of the drawing count on it. */
export const GRID = { left: 56, right: 12, top: 12, bottom: 28 };

/** `Tue 10 14:00 – 14:15`, or the day alone; takes wall clock time. */
export function bucketLabel(wallStartMs: number, stepMs: number): string {
  const day = formatter(undefined, 'UTC', { weekday: 'short', day: 'numeric', month: 'short' });
  if (stepMs >= 7 * DAY_MS) return `${day.format(wallStartMs)} – ${day.format(wallStartMs + stepMs - 1)}`;
  if (stepMs >= DAY_MS) return day.format(wallStartMs);
  return `${day.format(wallStartMs)}, ${time(wallStartMs, 'UTC')} – ${time(wallStartMs + stepMs, 'UTC')}`;
}
