import { useMutation, useQuery } from '@tanstack/react-query';
import type {
  BudgetInput,
  budgetById,
  createBudget,
  deleteBudget,
  listBudgets,
  replaceBudget,
} from '#contract/budget.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type BudgetList = ReplyOf<typeof listBudgets>;

export const budgetsQuestion = () => question<typeof listBudgets>('/api/v1/budgets', {});

/** Budgets and experiments with how they stand, nearest to its limit first. */
export const useBudgets = () => useQuery(budgetsQuestion());

/** One budget with its earlier periods and forecasts. */
export const useBudget = (id: string, enabled = true) =>
  useQuery({ ...question<typeof budgetById>('/api/v1/budgets/{id}', {}, { id }), enabled });

const refresh = () =>
  Promise.all(
    ['/api/v1/budgets', '/api/v1/budgets/{id}'].map(path =>
      queryClient.invalidateQueries({ queryKey: [path] }),
    ),
  );

/** Creates a budget, or replaces the one of that id. */
export const useSaveBudget = (id: string | null) =>
  useMutation({
    mutationFn: (request: BudgetInput) =>
      id === null
        ? tell<typeof createBudget>('POST', '/api/v1/budgets', { request })
        : tell<typeof replaceBudget>('PUT', '/api/v1/budgets/{id}', { request, params: { id } }),
    onSuccess: refresh,
  });

export const useDeleteBudget = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof deleteBudget>('DELETE', '/api/v1/budgets/{id}', { params: { id } }),
    onSuccess: refresh,
  });
