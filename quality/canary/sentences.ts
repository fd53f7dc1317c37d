import type { CompareCheck, CompareMetric, Comparison } from '#contract/compare.ts';
import { fewestUnits } from './harm.ts';
import type { SampleRatio } from './sample-ratio.ts';

const names: Record<CompareMetric, string> = {
  quality: 'Quality',
  latency: "The share of calls slower than the control's p95",
  cost: 'Cost per call',
  errors: 'The error rate',
};

type Check = Omit<CompareCheck, 'calls_needed' | 'sentence'>;

const listed = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** A check in words, with its interval. */
export function checkSentence(check: Check): string {
  const { metric, difference, state, margin } = check;
  const name = names[metric];
  if (state === 'no_data' || difference === null) return nothing(check);
  if (state === 'too_few') {
    const units = Math.min(check.control.units, check.candidate.units);
    return `${name}: ${units} users, sessions or traces in the smaller arm; an interval needs ${fewestUnits}.`;
  }
  const moved = `${name} is ${change(metric, difference)} (${range(check)})`;
  const accepted = size(metric, margin);
  if (state === 'within') return `${moved}: surely no worse than the accepted ${accepted}.`;
  if (state === 'beyond') return `${moved}: surely worse than the accepted ${accepted}.`;
  if (state === 'worse') return `${moved}: surely worse, perhaps within the accepted ${accepted}.`;
  return `${moved}: not sure yet against the accepted ${accepted}.`;
}

function nothing({ metric }: Check): string {
  if (metric === 'quality') return 'Quality: at least one arm has no scores to compare.';
  if (metric === 'cost') return 'Cost per call: at least one arm has no priced calls.';
  return `${names[metric]}: at least one arm has no calls to compare.`;
}

function change(metric: CompareMetric, difference: number): string {
  if (Math.abs(difference) < 0.000_5) return 'unchanged';
  return `${size(metric, Math.abs(difference))} ${difference < 0 ? 'lower' : 'higher'}`;
}

function range({ metric, low, high }: Check): string {
  return `${bound(metric, low)} to ${bound(metric, high)}`;
}

function bound(metric: CompareMetric, value: number | null): string {
  if (value === null) return 'open';
  return `${value < 0 ? '−' : '+'}${size(metric, Math.abs(value))}`;
}

/** Differences of scores and shares are points (a hundredth), those of cost per cent. */
function size(metric: CompareMetric, value: number): string {
  const shown = (100 * value).toFixed(1);
  return metric === 'cost' ? `${shown} %` : `${shown} points`;
}

/** The verdict with its most important reason, or with what is missing. */
export function verdictSentence(
  verdict: Comparison['verdict'],
  checks: readonly CompareCheck[],
  needed: Comparison['needed'],
  isMismatched: boolean,
): string {
  if (verdict === 'ship') return 'Ship: nothing that could be compared is worse than accepted.';
  if (verdict === 'roll_back') {
    const bad = checks.filter(
      ({ state, metric }) => state === 'beyond' || (state === 'worse' && metric === 'quality'),
    );
    const named = bad.map(({ metric }) => (metric === 'errors' ? 'the error rate' : metric));
    return `Roll back: ${listed.format(named)} ${bad.length > 1 ? 'are' : 'is'} surely worse.`;
  }
  if (isMismatched)
    return 'Hold: traffic is not split as meant, so the arms may differ in more than the candidate.';
  if (checks[0]?.state === 'no_data') return 'Hold: without scores in both arms nothing is shipped.';
  if (!needed) return 'Hold: not sure yet, and more of the same is not known to decide it soon.';
  const then = needed.verdict === 'ship' ? 'shipping' : 'rolling back';
  return `Hold: about ${needed.calls} more calls until ${then} is sure, if things stay as they are.`;
}

export function sampleRatioSentence({ observed, expected, mismatch, units }: SampleRatio): string {
  if (observed === null) return 'No users, sessions or traces yet.';
  const seen = `${percent(observed)} of ${units} users, sessions or traces got the candidate, ${percent(expected)} were meant to`;
  return mismatch ? `${seen}: that is no chance. Check how traffic is assigned.` : `${seen}.`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
