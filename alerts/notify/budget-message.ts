import { usdFromNanos } from '#store/queries/usd.ts';
import type { UnannouncedNotice } from '#store/state/budgets.ts';

/** Body of an event about a budget. Numbers and names only. */
interface BudgetPayload {
  type: 'budget.threshold';
  /** When it was noticed; ISO 8601. */
  timestamp: string;
  data: {
    id: string;
    title: string;
    budget: { id: string; name: string; kind: 'budget' | 'experiment' };
    /** The threshold, in percent of the amount. */
    percent: number;
    /** Decimal USD; spent is the high bound when it was noticed. */
    spent_usd: string | null;
    amount_usd: string | null;
    /** [from, to), ISO 8601, in days of `zone`. */
    period: { from: string; to: string; zone: string };
    /** The page that shows it. */
    url: string;
  };
}

/** What a receiver is told when a budget has crossed a threshold; `baseUrl` is where people reach the dashboard. */
export function budgetPayload(notice: UnannouncedNotice, id: string, baseUrl: string): BudgetPayload {
  const { budget_id, name, kind, percent, spent_nanos, amount_nanos, period_from, period_to, zone } = notice;
  const what = kind === 'experiment' ? 'Experiment' : 'Budget';
  const short = name.slice(0, 200);
  return {
    type: 'budget.threshold',
    timestamp: notice.crossed_at,
    data: {
      id,
      title: `${what} ${short} has crossed ${percent} % of $${dollars(amount_nanos)}`,
      budget: { id: budget_id, name: short, kind },
      percent,
      spent_usd: usdFromNanos(spent_nanos),
      amount_usd: usdFromNanos(amount_nanos),
      period: { from: period_from, to: period_to, zone },
      url: new URL('/budgets', baseUrl).href,
    },
  };
}

/** To the cent, rounded down. */
const dollars = (nanos: string): string => usdFromNanos(nanos)?.slice(0, -7) ?? '';
