import type { Fairness, ParityGap } from '#contract/fairness.ts';
import { points } from '../../delta.ts';
import { type Format, MISSING, signed } from '../../format.ts';

const NBSP = '\u00a0';

/** The contract's numbers again, because its file needs the validation library. */
const SMALLEST = { calls: 50, users: 5 };

type Shown = Pick<ParityGap, 'measure' | 'value' | 'others' | 'gap' | 'low' | 'high'>;

/** Quality in points of the score; shares of calls in percentage points. */
function amount(format: Format, measure: ParityGap['measure'], gap: number): string {
  const size = Math.abs(gap) * 100;
  const text =
    measure === 'quality' ? points(format, size) : `${format.plain(Math.round(size * 10) / 10)}${NBSP}pp`;
  return signed(text, Math.round(gap * 1000));
}

/** `0.82 (−4 pts)`: the value, and how far it lies from that of all others. */
export function gapText(format: Format, { measure, value, gap }: Shown): string {
  if (value === null) return MISSING;
  const text = measure === 'quality' ? format.score(value) : format.percent(value);
  return gap === null ? text : `${text} (${amount(format, measure, gap)})`;
}

export function gapTitle(format: Format, { measure, others, low, high }: Shown): string {
  const rest = measure === 'quality' ? format.score(others) : format.percent(others);
  const text = `All others: ${rest}`;
  if (low === null || high === null) return `${text}; too little data to say how sure the gap is`;
  return `${text}; the gap is between ${amount(format, measure, low)} and ${amount(format, measure, high)}`;
}

/** Why some cohorts are not shown; empty when all are. */
export function smallCellsText(format: Format, { cohorts, calls }: Fairness['small_cohorts']): string {
  if (cohorts === 0) return '';
  const [are, they] = cohorts === 1 ? ['cohort is', 'It has'] : ['cohorts are', 'They have'];
  return `${format.count(cohorts)} smaller ${are} not shown (${format.count(calls)} calls): fewer than ${SMALLEST.calls} calls or ${SMALLEST.users} users would tell of persons. ${they} a part in "all others".`;
}
