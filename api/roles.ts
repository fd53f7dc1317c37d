import type { Request, RequestHandler } from 'express';
import { budgetById, listBudgets } from '#contract/budget.ts';
import { clientCost } from '#contract/client-cost.ts';
import type { Endpoint } from '#contract/endpoint.ts';
import { exportSpend } from '#contract/export.ts';
import { health } from '#contract/health.ts';
import { onboarding } from '#contract/onboarding.ts';
import { adoption, outcomeSummary } from '#contract/outcome.ts';
import {
  exportPrices,
  listOverlays,
  listPrices,
  listRates,
  overlayHistory,
  priceHistory,
  unpricedModels,
} from '#contract/price.ts';
import { listReconciliations, reconciliationById, reconciliationCsv } from '#contract/reconcile.ts';
import { explainSpend, listMonths, listRepricings, repricingById, spend } from '#contract/spend.ts';
import { forecastSpend } from '#contract/spend-forecast.ts';
import { getStatement, listCentres } from '#contract/statement.ts';
import { openApiPath } from './endpoints.ts';
import { HttpProblem } from './problem.ts';
import { type Access, roleOf } from './security.ts';

/** What the finance key may read: sums and what they are made of, no call, message, score or person. What is not here is denied. */
export const readByFinance: readonly Endpoint[] = [
  health,
  onboarding,
  spend,
  explainSpend,
  clientCost,
  forecastSpend,
  exportSpend,
  listMonths,
  getStatement,
  listCentres,
  listBudgets,
  budgetById,
  listPrices,
  priceHistory,
  exportPrices,
  unpricedModels,
  listOverlays,
  overlayHistory,
  listRates,
  listRepricings,
  repricingById,
  listReconciliations,
  reconciliationById,
  reconciliationCsv,
  outcomeSummary,
  adoption,
];

const readable = [openApiPath, ...readByFinance.map(({ path }) => path)].map(
  path => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
);

/** Lets through what the key of a request may do; `requireKey` has refused those without one. */
export function requireRole(access: Access): RequestHandler {
  return (request, _response, next) => {
    const problem =
      roleOf(request.headers.authorization, access) === 'finance' ? refusalOf(request) : undefined;
    next(problem);
  };
}

function refusalOf({ method, originalUrl, query }: Request): HttpProblem | undefined {
  const path = originalUrl.split('?')[0] ?? '';
  const reads = method === 'GET' || method === 'HEAD';
  if (!reads) return new HttpProblem(403, 'This key may read sums of money and change nothing.');
  if (!readable.some(pattern => pattern.test(path)))
    return new HttpProblem(
      403,
      'This key may read sums of money, not the calls behind them or anything else. Ask somebody with the admin key.',
    );
  if (Object.values(query).some(value => /(^|,)user(,|$|:)/.test(String(value))))
    return new HttpProblem(403, 'This key may not see who the users are.');
  return undefined;
}
