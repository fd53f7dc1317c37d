import type { AlertSummary } from '#contract/alert.ts';
import { format, MISSING } from '../../format.ts';

/** Writes a figure of an alert in its display unit. `points` are scores of 0 to 1, `%` is 3.5 for 3.5 %. */
export function writeFigure(value: number | null, unit: string): string {
  if (value === null) return MISSING;
  switch (unit) {
    case 'points':
    case 'score':
      return format.score(value);
    case '%':
      return format.percent(value / 100);
    case 'ms':
      return format.latency(value);
    case 'usd':
      return format.usd(value);
    case 'ms/token':
      return `${format.plain(value)} ms a token`;
    default:
      return `${format.plain(value)} ${unit}`;
  }
}

/** A change of that figure: `9 points`, `0.4 percentage points`, `+300 ms`. */
export function writeShift(value: number, unit: string): string {
  if (unit === 'points') return `${format.plain(value * 100)} points`.replace('-', '−');
  if (unit === '%') return `${format.plain(value)} percentage points`.replace('-', '−');
  const sign = value < 0 ? '−' : '';
  return `${sign}${writeFigure(Math.abs(value), unit)}`;
}

/** How likely noise alone would look like this. */
export function writeChance(chance: number): string {
  if (chance < 0.0001) return 'less than 0.01 % chance of noise';
  return `${format.percent(chance)} chance of noise`;
}

/** Search of the Traces page that shows the worst traces of this metric first. */
export function worstFirst(metric: string): {
  sort?: 'slowest' | 'costliest' | 'worst_score';
  score?: string;
  status?: 'error';
} {
  if (metric.startsWith('score:')) return { sort: 'worst_score', score: metric.slice('score:'.length) };
  if (metric.startsWith('latency') || metric === 'pace') return { sort: 'slowest' };
  if (metric === 'cost') return { sort: 'costliest' };
  if (metric === 'error') return { status: 'error' };
  return metric === 'quality' ? { sort: 'worst_score' } : {};
}

/** Time of the alert's traces: some hours before the change until it ended. */
export function alertRange(alert: Pick<AlertSummary, 'changed_at' | 'resolved_at'>, nowMs: number) {
  const changedMs = Date.parse(alert.changed_at);
  const endMs = alert.resolved_at ? Date.parse(alert.resolved_at) : nowMs;
  return { beforeMs: changedMs - 24 * 3_600_000, changedMs, endMs: Math.max(endMs, changedMs + 3_600_000) };
}
