import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import { budgetById, createBudget, deleteBudget, listBudgets, replaceBudget } from '#contract/budget.ts';
import { rowOf, saidOf } from '#ledger/budget/budget.ts';
import { addBudget, type BudgetRow, changeBudget, removeBudget } from '#store/state/budgets.ts';
import { notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function budgetsRoutes(router: Router, { state, projectId, nowMs, budgets }: Services): void {
  serve(router, listBudgets, async () => {
    const { zone, asOf, budgets: list } = await budgets.overview();
    return { zone, as_of: asOf, budgets: list };
  });

  serve(router, budgetById, async (_asked, { params }) => {
    const found = await budgets.detail(params.id);
    if (!found) throw noBudget(params.id);
    return found;
  });

  serve(router, createBudget, async said => {
    const at = new Date(nowMs()).toISOString();
    const row: BudgetRow = {
      ...rowOf(said),
      budget_id: randomUUID(),
      project_id: projectId,
      created_at: at,
      updated_at: at,
    };
    await addBudget(state, row);
    await budgets.changed();
    return saidOf(row);
  });

  serve(router, replaceBudget, async (said, { params }) => {
    const updated_at = new Date(nowMs()).toISOString();
    const row = await changeBudget(state, projectId, params.id, { ...rowOf(said), updated_at });
    if (!row) throw noBudget(params.id);
    await budgets.changed();
    return saidOf(row);
  });

  serve(router, deleteBudget, async (_asked, { params }) => {
    if (!(await removeBudget(state, projectId, params.id))) throw noBudget(params.id);
    await budgets.changed();
    return {};
  });
}

const noBudget = (id: string) => notFound(`There is no budget ${id}.`);
