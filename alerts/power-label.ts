import type { DriftPower } from '#contract/drift.ts';
import { bucketVariance } from './drift/baseline.ts';
import type { DriftMetric } from './drift/metrics.ts';
import { expectedDelayHours, smallestTraffic } from './drift/power.ts';
import { dayMs } from './drift/season.ts';
import type { SeriesMemory } from './series-memory.ts';
import type { WatchedMetric } from './watched-metric.ts';

/** A change worth talking about, in smallest shifts: 5 points of a score, 15 % of money, length and pace. */
const spokenShifts = 5;
const longestDelayHours = 28 * 24;
const blindAfterHours = 7 * 24;

/** How soon a change of a series would be seen at its traffic; null while it has no baseline. */
export function powerOf(memory: SeriesMemory, metric: WatchedMetric, threshold: number): DriftPower | null {
  const { baseline } = memory.detector;
  if (baseline === null) return null;
  const perHour = trafficOf(memory);
  const referencePerBucket = baseline.requests / baseline.days / 96;
  const typical = bucketVariance(baseline, Math.max(1, referencePerBucket));
  const { minShift, scale, bad } = metric.drift;
  const size = scale === 'log' ? Math.log1p(spokenShifts * minShift) : spokenShifts * minShift;
  const input = {
    noise: baseline,
    threshold,
    minShift,
    shift: bad === 'up' ? size : -size,
    excess: baseline.excess,
    // Sparse buckets are empty now and then; those with values say how uneven the rest is.
    unevenness: referencePerBucket < 1 ? 1 : Math.max(1, 96 / baseline.dayInformation / typical),
  };
  const delay = expectedDelayHours({ ...input, perBucket: perHour / 4 });
  const seen = delay <= longestDelayHours ? delay : null;
  const blind = smallestTraffic(input, blindAfterHours);
  const shift_text = sizeText(metric.drift, memory.scoreSize);
  return {
    shift: scale === 'log' ? spokenShifts * minShift : size,
    shift_text,
    delay_hours: seen,
    requests_per_hour: perHour,
    blind_below_requests_per_hour: blind,
    text: sentence({ bad, shift_text, seen, blind, perHour }),
  };
}

/** Values an hour over the last whole days that are remembered, else over the reference. */
function trafficOf({ taken, detector }: SeriesMemory): number {
  const { baseline, lastStartMs } = detector;
  const today = Math.floor((lastStartMs ?? 0) / dayMs) * dayMs;
  const whole = Object.entries(taken).filter(([day]) => Number(day) < today);
  if (whole.length > 0) return whole.reduce((total, [, n]) => total + n, 0) / (24 * whole.length);
  return baseline!.requests / baseline!.days / 24;
}

function sizeText({ unit, scale, minShift }: DriftMetric, scoreSize: number): string {
  const size = spokenShifts * minShift;
  if (scale === 'log') return `${short(100 * size)} %`;
  if (unit === 'share') return `${short(100 * size)} percentage points`;
  if (unit === 'score' && scoreSize === 1) return `${short(100 * size)} points`;
  return short(size);
}

function sentence(label: {
  bad: DriftMetric['bad'];
  shift_text: string;
  seen: number | null;
  blind: number | null;
  perHour: number;
}): string {
  const { bad, shift_text, seen, blind, perHour } = label;
  const what = `a ${bad === 'either' ? 'change' : bad === 'up' ? 'rise' : 'drop'} of ${shift_text}`;
  const limit = blind === null ? null : `${short(blind)} values an hour`;
  if (seen === null) {
    const needed = limit === null ? 'no traffic would show it' : `it takes about ${limit}`;
    return `At today's traffic, ${short(perHour)} values an hour, ${what} would not be seen: ${needed}.`;
  }
  const known = `At today's traffic ${what} is seen in about ${duration(seen)}`;
  return limit === null ? `${known}.` : `${known}; below ${limit} you are blind to it.`;
}

function duration(hours: number): string {
  if (hours < 0.9) return `${15 * Math.ceil(hours * 4)} min`;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

/** Two digits are enough for a rule of thumb. */
const short = (value: number): string =>
  Number(value.toPrecision(2)).toLocaleString('en-US', { maximumFractionDigits: 3 });
