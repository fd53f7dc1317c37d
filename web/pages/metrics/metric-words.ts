import type { ValueAxis } from '../../charts/chart-series.ts';
import type { OtlpMetric } from '../../data/otlp-metrics.ts';
import { format, MISSING } from '../../format.ts';

type Kind = OtlpMetric['kind'];

/** The two kinds of histogram are read alike. */
export const isHistogram = (kind: Kind) => kind === 'histogram' || kind === 'exponential_histogram';

/** The instrument in a word or two. */
export function kindWords({ kind, monotonic }: Pick<OtlpMetric, 'kind' | 'monotonic'>): string {
  if (kind === 'sum') return monotonic ? 'counter' : 'up-down counter';
  return isHistogram(kind) ? 'histogram' : kind;
}

const UNITS: Record<string, string> = { '': '', '1': '', By: 'bytes', s: 'seconds', ms: 'milliseconds' };

/** `{token}` is tokens; units of measure by name where they have one. */
export function unitWords(unit: string): string {
  const counted = /^\{(.+)\}$/.exec(unit)?.[1];
  if (counted) return counted.endsWith('s') ? counted : `${counted}s`;
  return UNITS[unit] ?? unit;
}

/** Milliseconds in one of the unit, for durations. */
const DURATIONS: Record<string, number> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6, min: 60_000, h: 3_600_000 };

/** How values of a unit are written; counts are written without one. */
export function axisOf(unit: string, min: number | null): ValueAxis {
  const ms = DURATIONS[unit];
  if (ms !== undefined)
    return {
      min,
      ticks: max => {
        const write = format.latencyAxis(max * ms);
        return value => write(value * ms);
      },
      value: value => format.latency(value === null ? null : value * ms),
    };
  if (unit === 'By') {
    const write = (value: number | null) => (value === null ? MISSING : format.bytes(value));
    return { min, ticks: () => write, value: write };
  }
  return { min, ticks: () => plainly, value: plainly };
}

/** Whole numbers as counts, others with three digits. */
function plainly(value: number | null): string {
  return value === null || Number.isInteger(value) ? format.count(value) : format.plain(value);
}

/** `minute`, `5 min`, `hour`. */
export function stepWords(seconds: number): string {
  if (seconds === 60) return 'minute';
  if (seconds < 3600) return `${seconds / 60} min`;
  return seconds < 86_400 ? 'hour' : 'day';
}
