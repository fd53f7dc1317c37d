import type { BudgetCondition, BudgetWithState } from '#contract/budget.ts';
import { format } from '../../format.ts';
import type { Status } from '../../ui/status.tsx';
import { dimensionLabels, valueLabel } from '../spend/words.ts';

/** Sentences over the figures of a budget; none of them says more than its figure. */

/** `24 Nov` of `2026-11-24`. */
export const dateWord = (date: string, locale?: string) =>
  new Intl.DateTimeFormat(locale, { timeZone: 'UTC', day: 'numeric', month: 'short' }).format(
    Date.parse(`${date}T00:00:00Z`),
  );

export interface Verdict {
  status: Status;
  words: string;
}

const LIKELY = 0.5;
const POSSIBLE = 0.1;

/** Which budget will break, and when. */
export function verdict({ state, kind }: Pick<BudgetWithState, 'state' | 'kind'>): Verdict {
  const { breach, used, phase } = state;
  const what = kind === 'experiment' ? 'Experiment' : 'Period';
  if (phase === 'ahead') return { status: 'neutral', words: 'Has not begun' };
  if (used >= 1)
    return {
      status: 'critical',
      words: breach?.date && breach.probability === 1 ? `Exceeded on ${dateWord(breach.date)}` : 'Exceeded',
    };
  if (phase === 'over') return { status: 'good', words: `${what} over, kept` };
  if (!breach) return { status: 'neutral', words: 'Too early for a forecast' };
  const sure = format.percent(Math.min(0.99, Math.max(0.01, breach.probability)));
  if (breach.probability >= LIKELY) {
    const when = breach.date ? `, most likely on ${dateWord(breach.date)}` : '';
    return { status: 'warning', words: `Will probably be exceeded${when} (${sure})` };
  }
  if (breach.probability >= POSSIBLE) return { status: 'neutral', words: `May be exceeded (${sure})` };
  const small = breach.probability < 0.01 ? `less than ${sure}` : sure;
  return { status: 'good', words: `Will hold (${small} chance of exceeding it)` };
}

/** The page's answer in one line. */
export function headline(budgets: readonly Pick<BudgetWithState, 'state' | 'kind'>[]): Verdict {
  const count = (status: Status) => budgets.filter(one => verdict(one).status === status).length;
  const [over, likely] = [count('critical'), count('warning')];
  const some = (number: number) => (number === 1 ? '1 budget' : `${number} budgets`);
  if (over > 0) {
    const more = likely > 0 ? `, ${likely} more will probably follow` : '';
    return { status: 'critical', words: `${some(over)} exceeded${more}` };
  }
  if (likely > 0) return { status: 'warning', words: `${some(likely)} will probably be exceeded` };
  const possible = budgets.filter(({ state }) => (state.breach?.probability ?? 0) >= POSSIBLE).length;
  if (possible > 0) return { status: 'neutral', words: `${some(possible)} may be exceeded` };
  const untold = budgets.filter(({ state }) => state.phase === 'running' && !state.breach).length;
  if (untold > 0)
    return {
      status: 'neutral',
      words: `Nothing exceeded so far; too early to tell for ${untold === budgets.length ? 'all' : untold}`,
    };
  if (budgets.length === 1) return { status: 'good', words: 'The budget holds' };
  return { status: 'good', words: `All ${budgets.length} budgets hold` };
}

/** How spend goes against an even use of the amount; null when there is nothing to compare with. */
export function paceWords({ pace }: BudgetWithState['state']): string | null {
  if (!pace || Number(pace.expected_usd) === 0) return null;
  const { ratio } = pace;
  if (ratio > 0.97 && ratio < 1.03) return `On pace: ${format.usd(pace.expected_usd)} by now would be even`;
  const percent = format.percent(Math.abs(ratio - 1));
  const faster = ratio > 2 ? `${format.plain(ratio)} times as fast as` : `${percent} faster than`;
  return `${ratio > 1 ? faster : `${percent} slower than`} the budget allows (${format.usd(pace.expected_usd)} by now)`;
}

/** Which calls the amount leaves out, because nothing bounds what they cost; null when there are none. */
export function unboundedWords({
  unbounded_calls: unbounded,
  calls,
  coverage,
}: Pick<BudgetWithState['state'], 'unbounded_calls' | 'calls' | 'coverage'>): string | null {
  if (unbounded <= 0) return null;
  const share = coverage === null ? '' : ` (${format.percent(1 - coverage)})`;
  return `Not in it: ${format.full(unbounded)} of ${format.full(calls)} calls${share}, whose cost nothing bounds.`;
}

/** What past forecasts were worth. Ranges should hold 80 % of outcomes. */
export function calibrationWords({ calibration }: BudgetWithState['state']): string {
  const { n, inside } = calibration;
  if (n === 0 || inside === null) return 'No forecast of this budget has been put to the test yet';
  const held = Math.round(n * inside);
  return `Past forecasts: ${format.full(held)} of ${format.full(n)} ended inside their range (${format.percent(inside)}; 80 % is right)`;
}

/** `Feature is support-bot or search, Team is payments`, or `All spend`. */
export function filterWords(filter: readonly BudgetCondition[]): string {
  const values = new Map<string, string[]>();
  for (const { dimension, value } of filter)
    values.set(dimension, [...(values.get(dimension) ?? []), valueLabel(dimension, value)]);
  if (values.size === 0) return 'All spend';
  return [...values]
    .map(
      ([dimension, names]) =>
        `${dimensionLabels[dimension as BudgetCondition['dimension']]} is ${names.join(' or ')}`,
    )
    .join(', ');
}

const EVERY = { day: 'each day', week: 'each week', month: 'each month' };

export const periodWords = ({
  period,
  starts_on,
  ends_on,
}: Pick<BudgetWithState, 'period' | 'starts_on' | 'ends_on'>) =>
  period ? EVERY[period] : `${dateWord(starts_on ?? '')} to ${dateWord(ends_on ?? '')}`;

const DECISIONS = {
  allow: 'Calls are allowed',
  degrade: 'Calls are asked to use a cheaper model',
  deny: 'Calls are denied',
};

/** What the ceiling answers now, and at what it changes its mind. */
export function ceilingWords({ ceiling, state }: BudgetWithState): { status: Status; words: string } | null {
  if (!ceiling || !state.ceiling) return null;
  const { decision, degrade_at_usd: degrade, deny_at_usd: deny } = state.ceiling;
  const next = [
    decision === 'allow' &&
      degrade !== null &&
      `cheaper model${ceiling.degrade_model ? ` (${ceiling.degrade_model})` : ''} from ${format.usd(degrade)}`,
    decision !== 'deny' && deny !== null && `denied from ${format.usd(deny)}`,
  ].filter(Boolean);
  return {
    status: decision === 'deny' ? 'critical' : decision === 'degrade' ? 'warning' : 'good',
    words: `${DECISIONS[decision]}${next.length > 0 ? `; ${next.join(', ')}` : ''}`,
  };
}
