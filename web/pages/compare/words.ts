import type { CompareCheck, CompareMetric, Comparison } from '#contract/compare.ts';
import { points } from '../../delta.ts';
import { type Format, MISSING, signed } from '../../format.ts';
import type { Status } from '../../ui/status.tsx';

const NBSP = '\u00a0';

export const metricLabels: Record<CompareMetric, string> = {
  quality: 'Quality',
  latency: 'Latency',
  cost: 'Cost',
  errors: 'Errors',
};

/** What the value of a check is. */
export const valueLabels: Record<CompareMetric, string> = {
  quality: 'mean score',
  latency: "slower than the control's p95",
  cost: 'mean cost per call',
  errors: 'failed calls',
};

export const verdictStatus: Record<Comparison['verdict'], Status> = {
  ship: 'good',
  hold: 'warning',
  roll_back: 'critical',
};

export const stateLabels: Record<CompareCheck['state'], { word: string; status: Status }> = {
  within: { word: 'within the margin', status: 'good' },
  worse: { word: 'worse', status: 'critical' },
  beyond: { word: 'worse than the margin', status: 'critical' },
  unsure: { word: 'not sure yet', status: 'warning' },
  too_few: { word: 'too few', status: 'warning' },
  no_data: { word: 'nothing to compare', status: 'neutral' },
};

export function valueText(format: Format, metric: CompareMetric, value: number | null): string {
  if (value === null) return MISSING;
  if (metric === 'quality') return format.score(value);
  return metric === 'cost' ? format.usd(value) : format.percent(value);
}

/** A difference in the unit it is read in: points of the score, percent of the cost, percentage points of calls. */
export function differenceText(format: Format, metric: CompareMetric, difference: number | null): string {
  if (difference === null) return MISSING;
  const size = Math.abs(difference);
  const text =
    metric === 'quality'
      ? points(format, size * 100)
      : metric === 'cost'
        ? format.percent(Math.round(size * 1000) / 1000)
        : `${format.plain(Math.round(size * 1000) / 10)}${NBSP}pp`;
  return signed(text, Math.round(difference * 1000));
}

/** `−5 pts … −1 pts`; empty when there is none. */
export const betweenText = (
  format: Format,
  { metric, low, high }: Pick<CompareCheck, 'metric' | 'low' | 'high'>,
) =>
  low === null || high === null
    ? ''
    : `${differenceText(format, metric, low)} … ${differenceText(format, metric, high)}`;

export const marginText = (format: Format, { metric, margin }: Pick<CompareCheck, 'metric' | 'margin'>) =>
  differenceText(format, metric, margin).replace(/^\+/, '');

/** `About 1,200 further calls, 8 h at this pace, until it may ship`; empty when that cannot be told. */
export function neededText(format: Format, needed: Comparison['needed']): string {
  if (needed === null) return '';
  const { calls, hours, verdict } = needed;
  const goal = verdict === 'ship' ? 'until it may ship' : 'until it is surely to be rolled back';
  return `About ${format.count(calls)} further calls, ${hoursText(format, hours)} at this pace, ${goal}, if things stay as they are.`;
}

function hoursText(format: Format, hours: number): string {
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))}${NBSP}min`;
  if (hours < 48) return `${format.plain(Math.round(hours))}${NBSP}h`;
  return `${format.count(Math.round(hours / 24))} days`;
}

export const confidenceText = (format: Format, level: number) =>
  `Chance of ever rolling back a candidate that is as good: at most ${format.percent(level)}, however often one looks.`;
