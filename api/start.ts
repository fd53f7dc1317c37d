import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import compression from 'compression';
import express, { type Express, type Router } from 'express';
import { type Alerts, type AlertsOptions, startAlerts } from '#alerts/schedule.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { storedMark } from '#store/queries/stored-mark.ts';
import { incidentMarks } from '#store/state/incident-marks.ts';
import type { StateDb } from '#store/state/open.ts';
import { type DemoControl, type DemoProcessOptions, demoProcess } from './demo-process.ts';
import { endpoints, openApiPath } from './endpoints.ts';
import { startLive } from './live.ts';
import { openApi } from './openapi.ts';
import { HttpProblem, notFound, problemHandler } from './problem.ts';
import { type ApiLog, nameRequests } from './request-id.ts';
import { channelsRoutes } from './routes/channels.ts';
import { demoRoutes } from './routes/demo.ts';
import { healthRoutes } from './routes/health.ts';
import { markersRoutes } from './routes/markers.ts';
import { measuresRoutes } from './routes/measures.ts';
import { onboardingRoutes } from './routes/onboarding.ts';
import { overviewRoutes } from './routes/overview.ts';
import { scoresRoutes } from './routes/scores.ts';
import { tracesRoutes } from './routes/traces.ts';
import { type Access, checkHost, checkOrigin, neverStore, requireKey, securityHeaders } from './security.ts';
import type { About, Services } from './services.ts';
import { servePages } from './web.ts';

export interface ApiOptions {
  host: string;
  /** 0 picks a free port. */
  port: number;
  clickhouse: ClickHouse;
  state: StateDb;
  log: ApiLog;
  /** Unix milliseconds; default the wall clock. */
  now?: () => number;
  projectId?: string;
  about: About;
  /** Needed by every caller unless `about.localMode`. */
  adminKey?: string | undefined;
  /** Where people reach the dashboard; default the address it listens on. */
  publicUrl?: string | undefined;
  /** The built dashboard. */
  webDir: string;
  demo: Pick<DemoProcessOptions, 'childFile' | 'key' | 'traffic'>;
  /** `false` evaluates nothing by itself. */
  alerts?: false | Partial<AlertsOptions>;
}

export interface Api {
  url: string;
  /** Rolls up, evaluates and sends what is due, now. */
  checkAlerts(): Promise<void>;
  stop(): Promise<void>;
}

const BODY_LIMIT = '8mb';
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 65_000;

/** Serves API, live updates and the dashboard, and hosts the alerts. Rejects when the port is taken. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { state, clickhouse, log, about, projectId = 'default', now = Date.now } = options;
  const { localMode } = about;
  const access: Access = { localMode, adminKey: options.adminKey, publicUrl: options.publicUrl };
  if (!localMode && !options.adminKey) throw new Error('Outside local mode the API needs an admin key.');

  const demo = demoProcess({ ...options.demo, otlpHttpUrl: about.otlpHttpUrl, state, nowMs: now, log });
  let baseUrl = options.publicUrl ?? '';
  const services: Services = {
    clickhouse,
    state,
    projectId,
    nowMs: now,
    baseUrl: () => baseUrl,
    demo,
    about,
  };
  const server = createServer(createApp(options, services, access));
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = IDLE_TIMEOUT_MS;
  const url = await listen(server, options);
  baseUrl = options.publicUrl ?? url;
  const sources = {
    storedMark: () => storedMark(clickhouse),
    incidentMarks: () => incidentMarks(state),
    nowMs: now,
  };
  const live = startLive(server, sources, access, log);
  const alerts = startAlerts({
    clickhouse,
    state,
    projectId,
    clock: { now },
    log,
    options: {
      baseUrl,
      allowPrivateAddresses: localMode,
      ...(options.alerts || {}),
    },
    timers: options.alerts !== false,
  });
  await demo.resume();
  return { url, checkAlerts: () => alerts.runOnce(), stop: () => stop({ server, live, alerts, demo }) };
}

function createApp({ log, webDir }: ApiOptions, services: Services, access: Access): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(nameRequests, securityHeaders, checkHost(access), compression());
  app.use('/api', neverStore, checkOrigin(access), requireKey(access), express.json({ limit: BODY_LIMIT }));
  app.use(apiRouter(services));
  app.use(servePages(webDir));
  app.use(() => {
    throw new HttpProblem(405, 'Pages can only be read.', { allow: 'GET, HEAD' });
  });
  app.use(problemHandler(log));
  return app;
}

const routes = [
  healthRoutes,
  measuresRoutes,
  overviewRoutes,
  markersRoutes,
  tracesRoutes,
  scoresRoutes,
  channelsRoutes,
  onboardingRoutes,
  demoRoutes,
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
    if (allowed.length === 0)
      throw notFound(`There is no ${request.path}; ${openApiPath} lists what there is.`);
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

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: taken } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`);
    });
  });
}

interface Running {
  server: Server;
  live: { stop(): Promise<void> };
  alerts: Alerts;
  demo: DemoControl;
}

/** Newest first: no new work, then what is under way. */
async function stop({ server, live, alerts, demo }: Running): Promise<void> {
  await Promise.all([demo.close(), alerts.stop()]);
  // Closes the sockets and, with them, the HTTP server.
  await live.stop();
  server.closeAllConnections();
}
