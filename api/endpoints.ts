import {
  acknowledgeAlert,
  alertById,
  createChannel,
  deleteChannel,
  listAlerts,
  listChannels,
  snoozeAlert,
  testChannel,
} from '#contract/alert.ts';
import { budgetById, createBudget, deleteBudget, listBudgets, replaceBudget } from '#contract/budget.ts';
import { decision, decisionKeys } from '#contract/decision.ts';
import type { Endpoint } from '#contract/endpoint.ts';
import { exportSpend } from '#contract/export.ts';
import { markers, overview } from '#contract/feature.ts';
import { health } from '#contract/health.ts';
import { ingest, ingestFindings } from '#contract/ingest.ts';
import { getMapping, putMapping, testMapping } from '#contract/mapping.ts';
import { measures } from '#contract/measure.ts';
import { onboarding, startDemo, stopDemo } from '#contract/onboarding.ts';
import { otlpMetricSeries, otlpMetrics } from '#contract/otlp-metric.ts';
import { adoption, outcomeSummary, postOutcomes } from '#contract/outcome.ts';
import {
  addOverlay,
  addRates,
  applyPrices,
  changeOverlay,
  exportPrices,
  listOverlays,
  listPrices,
  listRates,
  overlayHistory,
  previewOverlay,
  previewPrices,
  previewRates,
  priceHistory,
  unpricedModels,
  withdrawOverlay,
} from '#contract/price.ts';
import { getPrivacy, putPrivacy, testRedaction } from '#contract/privacy.ts';
import {
  createReconciliation,
  deleteReconciliation,
  listReconciliations,
  reconciliationById,
  reconciliationCsv,
} from '#contract/reconcile.ts';
import { postFeedback, postScores } from '#contract/score.ts';
import {
  closeMonth,
  explainSpend,
  listMonths,
  listRepricings,
  postRepricing,
  previewRepricing,
  repricingById,
  spend,
  spendCalls,
} from '#contract/spend.ts';
import { forecastSpend } from '#contract/spend-forecast.ts';
import { getStatement, listCentres } from '#contract/statement.ts';
import { traceById, traceSearch } from '#contract/trace.ts';

/** Every endpoint of the API: what openapi.json describes and what must be served. */
export const endpoints: Record<string, Endpoint> = {
  listBudgets,
  budgetById,
  createBudget,
  replaceBudget,
  deleteBudget,
  decision,
  decisionKeys,
  health,
  ingest,
  ingestFindings,
  measures,
  overview,
  markers,
  traceSearch,
  traceById,
  postScores,
  postFeedback,
  listAlerts,
  alertById,
  acknowledgeAlert,
  snoozeAlert,
  listChannels,
  createChannel,
  deleteChannel,
  testChannel,
  onboarding,
  startDemo,
  stopDemo,
  getMapping,
  putMapping,
  testMapping,
  otlpMetrics,
  otlpMetricSeries,
  postOutcomes,
  outcomeSummary,
  adoption,
  createReconciliation,
  listReconciliations,
  reconciliationById,
  reconciliationCsv,
  deleteReconciliation,
  getPrivacy,
  putPrivacy,
  testRedaction,
  listPrices,
  priceHistory,
  previewPrices,
  applyPrices,
  exportPrices,
  unpricedModels,
  listOverlays,
  overlayHistory,
  previewOverlay,
  addOverlay,
  changeOverlay,
  withdrawOverlay,
  listRates,
  previewRates,
  addRates,
  exportSpend,
  getStatement,
  listCentres,
  spend,
  spendCalls,
  forecastSpend,
  explainSpend,
  listMonths,
  closeMonth,
  listRepricings,
  previewRepricing,
  postRepricing,
  repricingById,
};

export const openApiPath = '/api/v1/openapi.json';
