import { constants } from 'node:zlib';
import compression from 'compression';
import express, { type Express, type Router } from 'express';
import { alertFirstPaint } from './alert-first-paint.ts';
import { endpoints, openApiPath } from './endpoints.ts';
import { openApi } from './openapi.ts';
import { HttpProblem, notFound, problemHandler } from './problem.ts';
import { type ApiLog, nameRequests } from './request-id.ts';
import { requireRole } from './roles.ts';
import { alertEvidenceRoutes } from './routes/alert-evidence.ts';
import { alertsRoutes } from './routes/alerts.ts';
import { budgetsRoutes } from './routes/budgets.ts';
import { changeMarkerRoutes } from './routes/change-markers.ts';
import { channelsRoutes } from './routes/channels.ts';
import { compareRoutes } from './routes/compare.ts';
import { compareTestsRoutes } from './routes/compare-tests.ts';
import { decisionRoutes } from './routes/decision.ts';
import { deliveriesRoutes } from './routes/deliveries.ts';
import { demoRoutes } from './routes/demo.ts';
import { digestRoutes } from './routes/digest.ts';
import { driftRoutes } from './routes/drift.ts';
import { evaluatorsRoutes } from './routes/evaluators.ts';
import { exportRoutes } from './routes/export.ts';
import { fairnessRoutes } from './routes/fairness.ts';
import { goldenRoutes } from './routes/golden.ts';
import { healthRoutes } from './routes/health.ts';
import { ingestRoutes } from './routes/ingest.ts';
import { judgeRoutes } from './routes/judge.ts';
import { mappingRoutes } from './routes/mapping.ts';
import { markersRoutes } from './routes/markers.ts';
import { measuresRoutes } from './routes/measures.ts';
import { modelCardRoutes } from './routes/model-card.ts';
import { notificationsRoutes } from './routes/notifications.ts';
import { onboardingRoutes } from './routes/onboarding.ts';
import { otlpMetricsRoutes } from './routes/otlp-metrics.ts';
import { outcomesRoutes } from './routes/outcomes.ts';
import { overviewRoutes } from './routes/overview.ts';
import { priceTermsRoutes } from './routes/price-terms.ts';
import { pricesRoutes } from './routes/prices.ts';
import { privacyRoutes } from './routes/privacy.ts';
import { qualityRoutes } from './routes/quality.ts';
import { quietDriftRoutes } from './routes/quiet-drift.ts';
import { reconcileBodyLimit, reconcileRoutes } from './routes/reconcile.ts';
import { reviewRoutes } from './routes/review.ts';
import { routingRoutes } from './routes/routing.ts';
import { rulesRoutes } from './routes/rules.ts';
import { scoresRoutes } from './routes/scores.ts';
import { spendRoutes } from './routes/spend.ts';
import { spendCallsRoutes } from './routes/spend-calls.ts';
import { spendExplainRoutes } from './routes/spend-explain.ts';
import { spendForecastRoutes } from './routes/spend-forecast.ts';
import { spendMonthsRoutes } from './routes/spend-months.ts';
import { spendRepricingsRoutes } from './routes/spend-repricings.ts';
import { statementRoutes } from './routes/statement.ts';
import { tracesRoutes } from './routes/traces.ts';
import { trainingRoutes } from './routes/training.ts';
import { trainingScheduleRoutes } from './routes/training-schedules.ts';
import { watermarksRoutes } from './routes/watermarks.ts';
import { type Access, checkHost, checkOrigin, neverStore, requireKey, securityHeaders } from './security.ts';
import type { Services } from './services.ts';
import { servePages } from './web.ts';

const BODY_LIMIT = '8mb';

/** Two megabytes of chart take 5 ms instead of the default's 18 and become about as small. Scripts are compressed by the build. */
const compressed = { level: 2, brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } } };

/** The HTTP side: security first, then the API, then the pages; what falls through becomes a problem. */
export function createApp(
  services: Services,
  { access, webDir, log }: { access: Access; webDir: string; log: ApiLog },
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(nameRequests, securityHeaders(access), checkHost(access), compression(compressed));
  app.use('/api', neverStore, checkOrigin(access), requireKey(access), requireRole(access));
  app.use('/api/v1/reconciliations', express.json({ limit: reconcileBodyLimit }));
  app.use('/api', express.json({ limit: BODY_LIMIT }));
  app.use(apiRouter(services));
  // Pages are sent to whoever asks; what they show must not be, where a key is needed.
  const alertPage = access.localMode
    ? (id: string, page: string) => alertFirstPaint(services.alerts, id, page)
    : undefined;
  app.use(servePages(webDir, { alertPage, isOpen: access.localMode, log }));
  app.use(() => {
    throw new HttpProblem(405, 'Pages can only be read.', { allow: 'GET, HEAD' });
  });
  app.use(problemHandler(log));
  return app;
}

const routes = [
  budgetsRoutes,
  decisionRoutes,
  pricesRoutes,
  priceTermsRoutes,
  healthRoutes,
  ingestRoutes,
  measuresRoutes,
  watermarksRoutes,
  overviewRoutes,
  markersRoutes,
  tracesRoutes,
  scoresRoutes,
  evaluatorsRoutes,
  qualityRoutes,
  modelCardRoutes,
  compareRoutes,
  compareTestsRoutes,
  judgeRoutes,
  fairnessRoutes,
  alertsRoutes,
  rulesRoutes,
  routingRoutes,
  alertEvidenceRoutes,
  driftRoutes,
  quietDriftRoutes,
  digestRoutes,
  changeMarkerRoutes,
  channelsRoutes,
  notificationsRoutes,
  onboardingRoutes,
  demoRoutes,
  mappingRoutes,
  privacyRoutes,
  otlpMetricsRoutes,
  outcomesRoutes,
  reconcileRoutes,
  exportRoutes,
  spendRoutes,
  spendCallsRoutes,
  spendExplainRoutes,
  spendForecastRoutes,
  spendMonthsRoutes,
  spendRepricingsRoutes,
  statementRoutes,
  goldenRoutes,
  reviewRoutes,
  trainingRoutes,
  trainingScheduleRoutes,
  deliveriesRoutes,
];

function apiRouter(services: Services): Router {
  const router = express.Router({ caseSensitive: true });
  const described = openApi(services.about.version);
  router.get(openApiPath, (_request, response) => {
    response.json(described);
  });
  for (const add of routes) add(router, services);
  router.all('/api{/*path}', request => {
    const allowed = allowedMethods(request.path);
    if (allowed.length === 0) {
      throw notFound(`There is no ${request.path}; ${openApiPath} lists what there is.`);
    }
    throw new HttpProblem(405, `${request.method} is not possible here.`, { allow: allowed.join(', ') });
  });
  return router;
}

/** Methods under which a path exists; none when it does not. */
function allowedMethods(path: string): string[] {
  const matching = Object.values(endpoints).filter(endpoint =>
    new RegExp(`^${endpoint.path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`).test(path),
  );
  const methods = [
    ...matching.map(({ method }) => method as string),
    ...(path === openApiPath ? ['GET'] : []),
  ];
  return [...new Set(methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}
