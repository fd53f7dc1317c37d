import type { driftBudget } from '#contract/drift.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
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

/** `At most 1 false page a week. This week: 2 pages, 1 judged noise; 0 left.` */
export function budgetWords({
  settings,
  pages,
  judged_noise,
  left,
}: Pick<ReplyOf<typeof driftBudget>, 'settings' | 'pages' | 'judged_noise' | 'left'>): string {
  const { false_alarms_per_week: allowed } = settings;
  const budget = `At most ${allowed} false ${allowed === 1 ? 'page' : 'pages'} a week, over everything watched.`;
  if (pages === 0) return `${budget} None this week.`;
  const noise = judged_noise === 0 ? 'none judged noise' : `${judged_noise} judged noise`;
  return `${budget} This week: ${pages === 1 ? '1 page' : `${pages} pages`}, ${noise}; ${round(left)} of the budget left.`;
}

/** `Shared by 42 series with data, 3 still learning.` */
export function seriesWords({
  settings,
  series,
  learning,
}: Pick<ReplyOf<typeof driftBudget>, 'settings' | 'series' | 'learning'>): string {
  const known = `Shared by ${series === 1 ? '1 series' : `${series} series`} with data`;
  const more =
    settings.series_at_least > Math.max(1, series) ? `, reckoned as ${settings.series_at_least}` : '';
  return `${known}${more}${learning > 0 ? `; ${learning} still learning` : ''}.`;
}
