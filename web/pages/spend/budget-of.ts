import type { BudgetWithState } from '#contract/budget.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import { sameConditions } from './where.ts';

/** The monthly budget over exactly these conditions; the one nearest to its limit when there are several. */
export const budgetOf = (
  budgets: readonly BudgetWithState[] | undefined,
  conditions: readonly SpendCondition[],
): BudgetWithState | null =>
  budgets?.find(
    ({ kind, period, filter }) =>
      kind === 'budget' && period === 'month' && sameConditions(filter, conditions),
  ) ?? null;
