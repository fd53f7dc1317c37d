import type { Matcher } from '#contract/route.ts';
import type { RuleView } from '#contract/rule.ts';

/** `Answer quality` from a drift rule's summary. */
export const metricName = ({ summary }: Pick<RuleView, 'summary'>): string =>
  summary.replace(/ of any feature .*$/, '');

/** Share of verdicts that were real: `4 of 5`, or what is missing. */
export function usefulWords({ real, noise, expected }: RuleView['record']): string {
  if (real + noise > 0) return `${real} of ${real + noise}`;
  return expected > 0 ? 'all expected' : 'no verdict';
}

/** `feature is support-bot`. */
export function matcherWords({ label, op, value }: Pick<Matcher, 'label' | 'op' | 'value'>): string {
  const name = value === '' ? '(none)' : value;
  if (op === 'like') return `${label} like ${name}`;
  return `${label} ${op === '=' ? 'is' : 'is not'} ${name}`;
}

/** `30 s`, `5 min`, `4 h`, `3 days`. */
export function span(seconds: number): string {
  if (seconds < 120 && seconds % 60 !== 0) return `${seconds} s`;
  if (seconds < 7200 && seconds % 3600 !== 0) return `${round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${round(seconds / 3600)} h`;
  return `${round(seconds / 86_400)} days`;
}

const round = (value: number) => String(Math.round(value * 10) / 10);
