import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startQuietChecks } from '#alerts/quiet/schedule.ts';
import { type Alerts, type AlertsOptions, startAlerts } from '#alerts/schedule.ts';
import { type Budgets, startBudgets } from '#ledger/budget/service.ts';
import { monthFiles } from '#ledger/files/spend-file.ts';
import { startOutcomes } from '#ledger/outcome/schedule.ts';
import { type Ledger, startLedger } from '#ledger/schedule.ts';
import { evaluators } from '#quality/evaluators/index.ts';
import { type JudgeService, startJudges } from '#quality/judge/service.ts';
import { startQualityRollUp } from '#quality/roll-up.ts';
import { type OnlineScoring, startOnlineScoring } from '#quality/scoring/start.ts';
import { startShapeRollUps } from '#quality/shape/schedule.ts';
import { type ClickHouse, ownLane } from '#store/engine/client.ts';
import type { Job } from '#store/job.ts';
import { storedMark } from '#store/queries/stored-mark.ts';
import { privacyInUse } from '#store/redact/in-use.ts';
import { incidentMarks } from '#store/state/incident-marks.ts';
import type { StateDb } from '#store/state/open.ts';
import { alertsFirst } from './alerts-first.ts';
import { createApp } from './app.ts';
import { reportingZone } from './asked.ts';
import type { ThreadSettings } from './decisions/calls.ts';
import { type DecisionThread, startDecisionThread } from './decisions/start-thread.ts';
import { decisionsFirst } from './decisions-first.ts';
import { startDeliveries } from './deliver/start.ts';
import { startTraining } from './deliver/training.ts';
import { type DemoControl, type DemoProcessOptions, demoProcess } from './demo-process.ts';
import { judgePrices, judgeSpans } from './judge-calls.ts';
import { startLive } from './live.ts';
import type { ApiLog } from './request-id.ts';
import type { Access } from './security.ts';
import type { About, Services } from './services.ts';

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
  /** Reads sums of money, and nothing else. */
  financeKey?: string | undefined;
  /** Where people reach the dashboard; default the address it listens on. */
  publicUrl?: string | undefined;
  /** The built dashboard. */
  webDir: string;
  demo: Pick<DemoProcessOptions, 'childFile' | 'key' | 'traffic'>;
  /** Shorter pauses between attempts of a judge. */
  judges?: { backoffMs: number };
  /**
   * Decisions are answered by a thread of their own, which opens both stores itself; without it by this one, among all else.
   * `file` is the compiled entry, `dist/api/decisions/thread.js`.
   */
  decisions?: { file: string } & Pick<ThreadSettings, 'dataDir' | 'databaseUrl' | 'clickhouse'>;
  /** `false` evaluates nothing by itself. */
  alerts?: false | Partial<AlertsOptions>;
}

export interface Api {
  url: string;
  /** Rolls up, evaluates and sends what is due, now. */
  checkAlerts(): Promise<void>;
  ledger: Pick<Ledger, 'runOnce' | 'compareNow'>;
  /** Scores what was stored up to now, as the rules say. */
  scoreNow(): Promise<void>;
  /** Scores the anchors of judges that are due, now. */
  judgeNow(): Promise<void>;
  /** Sends files and statements that are due, now. */
  deliver(): Promise<void>;
  /** Makes training data that is due, now. */
  train(): Promise<void>;
  /** Adds scores up by the hour, now. */
  rollUpScores(): Promise<void>;
  /** Rolls up shapes, usage and gaps between cohorts and judges the latter two, now. */
  checkQuiet(): Promise<void>;
  /** Joins outcomes and counts users, now. */
  outcomes: Pick<Job, 'runOnce'>;
  stop(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 65_000;

/** Serves API, live updates and the dashboard, and hosts the alerts. Rejects when the port is taken. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { state, clickhouse, log, about, projectId = 'default', now = Date.now } = options;
  const { localMode } = about;
  if (!localMode && !options.adminKey) throw new Error('Outside local mode the API needs an admin key.');
  const { adminKey, financeKey, publicUrl } = options;
  const access: Access = { localMode, adminKey, financeKey, publicUrl };

  const decisions = await decisionThread(options, access);
  // Neither open pages nor each other's long work keep the jobs, and the alerts least of all, from reading.
  const watched = { clickhouse: ownLane(clickhouse), state, projectId, clock: { now }, log };
  const demo = demoProcess({
    ...options.demo,
    otlpHttpUrl: about.otlpHttpUrl,
    api: () => ({ url, key: options.adminKey }),
    state,
    nowMs: now,
    log,
  });
  const ledger = startLedger({
    ...watched,
    monthFiles,
    timers: options.alerts !== false,
    mayWorkThroughHistory: alertsFirst(watched),
  });
  const budgets = await startBudgets(
    { ...watched, zone: () => reportingZone({ state, about }) },
    { timers: options.alerts !== false, decider: decisions?.decider ?? null },
  );
  const judges = startJudges(watched, {
    priceOf: judgePrices(state),
    onCall: judgeSpans({ otlpHttpUrl: about.otlpHttpUrl, key: options.demo.key }, log),
    timers: options.alerts !== false,
    ...options.judges,
  });
  const scoring = startOnlineScoring(watched, {
    timers: options.alerts !== false,
    more: judges.evaluators,
  });
  const services: Services = {
    clickhouse,
    state,
    projectId,
    nowMs: now,
    baseUrl: () => baseUrl,
    alerts: watched,
    ledger,
    demo,
    budgets,
    evaluators: [...evaluators, ...judges.evaluators],
    judges,
    scoring,
    privacy: privacyInUse(state, about.privacy),
    about,
  };
  const server = serverOf(
    decisionsFirst(createApp(services, { access, webDir: options.webDir, log }), services, access),
  );
  const url = await listen(server, options, decisions);
  const baseUrl = options.publicUrl ?? url;
  const sources = {
    storedMark: () => storedMark(clickhouse),
    incidentMarks: () => incidentMarks(state),
    nowMs: now,
  };
  const live = startLive(server, sources, access, log);
  const alerts = startAlerts({
    ...watched,
    clickhouse: ownLane(clickhouse),
    options: {
      ...{ baseUrl, allowPrivateAddresses: localMode, smtp: about.smtp },
      zone: () => reportingZone(services),
      ...(options.alerts || {}),
    },
    timers: options.alerts !== false,
  });
  const outcomes = startOutcomes(
    { clickhouse, state, projectId, zone: () => reportingZone(services), nowMs: now, log },
    { timers: options.alerts !== false },
  );
  const deliveries = startDeliveries(services, { timers: options.alerts !== false, log });
  const qualityRollUp = startQualityRollUp(watched, { timers: options.alerts !== false });
  const shapes = startShapeRollUps(watched, { timers: options.alerts !== false });
  const quiet = startQuietChecks(watched, { timers: options.alerts !== false, baseUrl });
  const training = startTraining(services, { timers: options.alerts !== false, log });
  await demo.resume();
  return {
    url,
    deliver: () => deliveries.runOnce(),
    train: () => training.runOnce(),
    rollUpScores: () => qualityRollUp.runOnce(),
    async checkQuiet() {
      await shapes.runOnce();
      await quiet.runOnce();
    },
    scoreNow: () => scoring.runOnce(),
    judgeNow: () => judges.runOnce(),
    async checkAlerts() {
      await budgets.runOnce();
      await alerts.runOnce();
    },
    ledger,
    outcomes,
    stop: () =>
      stop({
        server,
        decisions,
        live,
        alerts,
        demo,
        ledger,
        outcomes,
        budgets,
        deliveries,
        training,
        qualityRollUp,
        shapes,
        quiet,
        scoring,
        judges,
      }),
  };
}

function serverOf(app: RequestListener): Server {
  const server = createServer(app);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = IDLE_TIMEOUT_MS;
  return server;
}

function decisionThread(
  { decisions, projectId = 'default', about, log }: ApiOptions,
  access: Access,
): Promise<DecisionThread> | null {
  if (!decisions) return null;
  const { file, ...stores } = decisions;
  return startDecisionThread(file, { ...stores, projectId, access, reportingZone: about.reportingZone }, log);
}

/** Whoever answers decisions listens in front, and passes everything else on. */
async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
  decisions: DecisionThread | null,
): Promise<string> {
  const own = await listenAt(server, decisions ? { host: '127.0.0.1', port: 0 } : { host, port });
  const { port: taken } = decisions ? await decisions.open({ host, port, apiPort: own.port }) : own;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

function listenAt(server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

interface Running {
  budgets: Budgets;
  server: Server;
  decisions: DecisionThread | null;
  live: { stop(): Promise<void> };
  alerts: Alerts;
  demo: DemoControl;
  ledger: Ledger;
  outcomes: Job;
  deliveries: Job;
  training: Job;
  qualityRollUp: Job;
  shapes: Job;
  quiet: Job;
  scoring: OnlineScoring;
  judges: JudgeService;
}

/** No new work first, then what is under way. */
async function stop({ server, decisions, live, demo, ...loops }: Running): Promise<void> {
  await Promise.all([demo.close(), ...Object.values(loops).map(loop => loop.stop())]);
  // Closes the sockets and, with them, the HTTP server; idle keep-alive connections would hold it open.
  const closed = live.stop();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), 2_000);
  await closed;
  clearTimeout(cut);
  await decisions?.stop();
}
