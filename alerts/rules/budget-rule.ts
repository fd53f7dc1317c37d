import { type BudgetNoticeRow, type BudgetRow, listBudgetRows, listNotices } from '#store/state/budgets.ts';
import type { StateDb } from '#store/state/open.ts';
import { labelKey } from '../lifecycle/ids.ts';
import { initialLifecycle, type Lifecycle, step, type Verdict } from '../lifecycle/state.ts';
import { type Stepped, settingsOf } from './evaluate.ts';
import type { BudgetRule } from './measure.ts';

/** Budgets a rule is about, by id or name. */
const meant = ({ budget }: BudgetRule, budgets: readonly BudgetRow[]): BudgetRow[] =>
  budgets.filter(({ budget_id, name }) => budget === null || budget === budget_id || budget === name);

/** The highest threshold a budget has crossed in the period around `nowMs`, as it was known then; 0 for none. */
function percentAt(budgetId: string, notices: readonly BudgetNoticeRow[], nowMs: number): number {
  return notices.reduce((highest, { budget_id, period_from, period_to, crossed_at, percent }) => {
    const holds =
      budget_id === budgetId &&
      Date.parse(period_from) <= nowMs &&
      nowMs < Date.parse(period_to) &&
      Date.parse(crossed_at) <= nowMs;
    return holds ? Math.max(highest, percent) : highest;
  }, 0);
}

/** Where a rule stands for each of its budgets: they are watched by the ledger, which notes the thresholds they cross. */
export function stepBudgets(
  rule: BudgetRule,
  { budgets, notices }: { budgets: readonly BudgetRow[]; notices: readonly BudgetNoticeRow[] },
  known: ReadonlyMap<string, { labels: Stepped['labels']; state: Lifecycle }>,
  { nowMs, warmUp }: { nowMs: number; warmUp: boolean },
): Stepped[] {
  const settings = settingsOf(rule);
  const verdicts = new Map<string, { labels: Stepped['labels']; verdict: Verdict }>();
  for (const { budget_id, name } of meant(rule, budgets)) {
    const value = percentAt(budget_id, notices, nowMs);
    const labels = { budget: name };
    const kind = value >= rule.percent ? 'breach' : 'clear';
    verdicts.set(labelKey(labels), { labels, verdict: { kind, value } });
  }
  for (const [key, { labels }] of known) {
    if (!verdicts.has(key)) verdicts.set(key, { labels, verdict: { kind: 'vanished' } });
  }
  return [...verdicts].map(([key, { labels, verdict }]) => {
    const before = known.get(key)?.state ?? initialLifecycle();
    return { key, labels, verdict, ...step(before, verdict, { nowMs, warmUp, settings }) };
  });
}

export async function stepBudgetRule(
  db: StateDb,
  at: {
    rule: BudgetRule;
    known: ReadonlyMap<string, { labels: Stepped['labels']; state: Lifecycle }>;
    projectId: string;
    nowMs: number;
    warmUp: boolean;
  },
): Promise<Stepped[]> {
  const [budgets, notices] = [await listBudgetRows(db, at.projectId), await listNotices(db, at.projectId)];
  return stepBudgets(at.rule, { budgets, notices }, at.known, at);
}
