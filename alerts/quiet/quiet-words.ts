import type { QuietFinding } from '#contract/quiet-drift.ts';

type Said = Pick<
  QuietFinding,
  | 'kind'
  | 'feature'
  | 'environment'
  | 'metric_label'
  | 'cohort'
  | 'direction'
  | 'before'
  | 'after'
  | 'low'
  | 'high'
>;

const percent = (ratio: number) => `${Math.abs(100 * (ratio - 1)).toFixed(0)} %`;
const points = (gap: number) => {
  const text = (100 * gap).toFixed(1).replace(/^-0\.0$/, '0.0');
  return gap > 0 ? `+${text}` : text;
};

/** `Requests of support-bot are 48 % below what the season leads one to expect (44 % to 52 %)`. */
export function quietTitle(finding: Said): string {
  const { kind, metric_label, feature, cohort, after, before, low, high, direction } = finding;
  const where = feature || 'all features';
  if (kind === 'usage') {
    const [near, far] = direction === 'down' ? [high, low] : [low, high];
    const side = direction === 'down' ? 'below' : 'above';
    return `${metric_label} of ${where} are ${percent(after)} ${side} what the season leads one to expect (${percent(near)} to ${percent(far)})`;
  }
  const who = cohort || 'calls that name no cohort';
  return `${metric_label} of ${who} against all others in ${where}: ${points(after)} points, ${points(before)} before (${points(low)} to ${points(high)})`;
}
