import { DAY_MS, HOUR_MS } from '../../clock.ts';

interface Sample {
  time: string;
  value: number | null;
  expected: number | null;
}

interface Frame {
  width: number;
  height: number;
  margin: { left: number; right: number; top: number; bottom: number };
}

export interface ChartScale {
  fromMs: number;
  toMs: number;
  low: number;
  high: number;
  x: (ms: number) => number;
  y: (value: number) => number;
  /** Index of the sample nearest to a horizontal position. */
  nearest: (pixels: number) => number;
}

/** Places times and values in a frame, with a tenth of room above and below; null without any value. */
export function chartScale(samples: readonly Sample[], { width, height, margin }: Frame): ChartScale | null {
  const values = samples.flatMap(({ value, expected }) => [value, expected]).filter(value => value !== null);
  const first = samples[0];
  const last = samples.at(-1);
  if (values.length === 0 || !first || !last) return null;
  const times = samples.map(one => Date.parse(one.time));
  const [fromMs, toMs] = [times[0] as number, Math.max(times.at(-1) as number, (times[0] as number) + 1)];
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const room = (highest - lowest) / 10 || Math.abs(highest) / 10 || 1;
  const low = lowest >= 0 ? Math.max(0, lowest - room) : lowest - room;
  const high = highest + room;
  const x = (ms: number) =>
    margin.left + ((ms - fromMs) / (toMs - fromMs)) * (width - margin.left - margin.right);
  return {
    fromMs,
    toMs,
    low,
    high,
    x,
    y: value => margin.top + ((high - value) / (high - low)) * (height - margin.top - margin.bottom),
    nearest: pixels =>
      times.reduce(
        (best, ms, at) =>
          Math.abs(x(ms) - pixels) < Math.abs(x(times[best] as number) - pixels) ? at : best,
        0,
      ),
  };
}

/** An SVG path that breaks where a value is missing. */
export function linePath<S extends Sample>(
  samples: readonly S[],
  read: (sample: S) => number | null,
  scale: ChartScale,
): string {
  let pen = 'M';
  return samples
    .map(sample => {
      const value = read(sample);
      if (value === null) {
        pen = 'M';
        return '';
      }
      const point = `${pen}${scale.x(Date.parse(sample.time)).toFixed(1)} ${scale.y(value).toFixed(1)}`;
      pen = 'L';
      return point;
    })
    .join('');
}

/** Round values inside the limits, about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find(factor => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high && ticks.length < 20; at += 1)
    ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

const STEPS_MS = [
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
  28 * DAY_MS,
];

/** Round wall clock times inside the limits, at most `count` of them. */
export function timeTicks(fromMs: number, toMs: number, count: number): number[] {
  const step = STEPS_MS.find(one => (toMs - fromMs) / one <= count) ?? 56 * DAY_MS;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs && ticks.length < 50; at += step) ticks.push(at);
  return ticks;
}
