import type { Digest } from '#contract/digest.ts';
import type { Format } from '../../format.ts';

export const weekdays = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** What the week was like, in a sentence. */
export function weekSentence(format: Format, { series, learning, changed, improved }: Digest): string {
  if (series === 0) return 'Nothing is watched yet.';
  const among = `${format.full(series)} series`;
  const learns = learning > 0 ? ` ${format.full(learning)} of them still learn.` : '';
  if (changed.length + improved.length === 0) return `None of ${among} stands out.${learns}`;
  return `Of ${among}, ${format.full(changed.length)} changed and ${format.full(improved.length)} got better.${learns}`;
}

/** What of the false-alarm budget these days cost. */
export function budgetSentence(format: Format, { budget, alerts }: Digest): string {
  const spent = budget.expected_false_alarms;
  const text = spent < 0.01 ? 'less than 0.01' : `at most ${format.score(spent)}`;
  const retracted = alerts.retracted.length > 0 ? `, ${format.full(alerts.retracted.length)} retracted` : '';
  const count = `${format.full(alerts.opened)} ${alerts.opened === 1 ? 'alert' : 'alerts'} opened, ${format.full(alerts.resolved)} resolved${retracted}.`;
  const noise = `${format.full(budget.judged_noise)} of ${format.full(budget.pages)} pages judged noise`;
  return `${count} False-alarm budget of ${format.plain(budget.false_alarms_per_week)} a week: ${text} spent, ${noise}.`;
}
