import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router';
import { alertQuestion, alertsQuestion } from './data/alerts.ts';
import { digestQuestion } from './data/digest.ts';
import { newsQuestion } from './data/drift.ts';
import { overviewQuestion } from './data/overview.ts';
import { featuresRequest, qualityQuestion } from './data/quality.ts';
import { queryClient } from './data/query-client.ts';
import { Shell } from './frame/shell.tsx';
import { type InboxTab, inboxTabs } from './pages/alerts/inbox.ts';
import { readBudgetsSearch } from './pages/budgets/search.ts';
import { readArmsSearch } from './pages/compare/search.ts';
import { readDeliveriesSearch } from './pages/deliveries/search.ts';
import { readRunsSearch, readSetSearch } from './pages/golden/search.ts';
import { type SourceSort, sourceSorts } from './pages/ingest/source-sort.ts';
import { type HistogramFigure, histogramFigures } from './pages/metrics/figures.ts';
import { readCardSearch } from './pages/model-card/search.ts';
import { readOutcomesSearch } from './pages/outcomes/search.ts';
import { readPricesSearch } from './pages/prices/search.ts';
import { readQualitySearch } from './pages/quality/search.ts';
import { readReconcileSearch } from './pages/reconcile/search.ts';
import { readReviewSearch } from './pages/review/search.ts';
import { type RulesSearch, rulesTabs } from './pages/rules/search.ts';
import { readSpendSearch } from './pages/spend/search.ts';
import { readStatementSearch } from './pages/statement/search.ts';
import { readTrainingSearch } from './pages/training/search.ts';
import { parseSearch, stringifySearch } from './state/search.ts';
import { type TraceQuery, traceSorts, traceStatuses } from './state/trace-query.ts';
import { readViewSearch, toView, type ViewSearch, whereOf } from './state/view.ts';
import { NotFound } from './states/not-found.tsx';
import { PageFailure, PagePending } from './states/page-states.tsx';

/** Code of the controls over time, loaded beside the page's own. */
const loadControls = () =>
  Promise.all([import('./frame/view-controls.tsx'), import('./frame/filter-chips.tsx')]);

type Search = Record<string, unknown>;
const oneOf = <Value extends string>(values: readonly Value[], value: unknown) =>
  values.find((one, at) => one === value && at > 0);
const words = (value: unknown, longest = 200) =>
  typeof value === 'string' && value ? value.slice(0, longest) : undefined;

const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Search): ViewSearch => readViewSearch(search),
  search: { middlewares: [retainSearchParams(['from', 'to', 'cmp', 'env', 'f', 'g', 'tz'])] },
  notFoundComponent: NotFound,
});

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  /** `b`: start of the bucket whose traces are shown beside the charts. */
  validateSearch: (search: Search): { b?: string } => ({ b: words(search.b) }),
  staticData: { view: 'compare' },
  loaderDeps: ({ search }) => search,
  // Asked for while the page's code is still on its way; the page draws the answer or the failure.
  loader: ({ deps }) => {
    const view = toView(deps);
    void queryClient.prefetchQuery(overviewQuestion(view, whereOf(view)));
    void queryClient.prefetchQuery(alertsQuestion());
    return loadControls().then(() => undefined);
  },
  component: lazyRouteComponent(() => import('./pages/overview/home.tsx'), 'Home'),
});

const getStarted = createRoute({
  getParentRoute: () => root,
  path: '/get-started',
  component: lazyRouteComponent(() => import('./pages/onboarding/get-started.tsx'), 'GetStarted'),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: '/traces',
  staticData: { view: 'range' },
  loader: () => loadControls().then(() => undefined),
  validateSearch: (search: Search): Partial<TraceQuery> => ({
    q: words(search.q),
    status: oneOf(traceStatuses, search.status),
    sort: oneOf(traceSorts, search.sort),
    score: words(search.score),
  }),
  component: lazyRouteComponent(() => import('./pages/traces/traces-page.tsx'), 'TracesPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/traces/$traceId',
  validateSearch: (search: Search): { span?: string } => ({ span: words(search.span) }),
  component: lazyRouteComponent(() => import('./pages/trace/trace-page.tsx'), 'TracePage'),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: (search: Search): { tab?: InboxTab } => ({ tab: oneOf(inboxTabs, search.tab) }),
  loader: () => {
    void queryClient.prefetchQuery(newsQuestion());
    void queryClient.prefetchQuery(digestQuestion());
  },
  component: lazyRouteComponent(() => import('./pages/alerts/alerts-page.tsx'), 'AlertsPage'),
});

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: (search: Search): RulesSearch => ({
    tab: oneOf(rulesTabs, search.tab),
    edit: words(search.edit),
  }),
  component: lazyRouteComponent(() => import('./pages/rules/rules-page.tsx'), 'RulesPage'),
});

const ruleAlert = createRoute({
  getParentRoute: () => root,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('./pages/rule-alert/rule-alert-page.tsx'), 'RuleAlertPage'),
});

const alert = createRoute({
  getParentRoute: () => root,
  path: '/a/$id',
  loader: ({ params }) => {
    void queryClient.prefetchQuery(alertQuestion(params.id));
  },
  component: lazyRouteComponent(() => import('./pages/alert/alert-page.tsx'), 'AlertPage'),
});

const ingest = createRoute({
  getParentRoute: () => root,
  path: '/ingest',
  staticData: { view: 'time' },
  loader: () => loadControls().then(() => undefined),
  validateSearch: (search: Search): { sort?: SourceSort } => ({ sort: oneOf(sourceSorts, search.sort) }),
  component: lazyRouteComponent(() => import('./pages/ingest/ingest-page.tsx'), 'IngestPage'),
});

/** A metric by name, unit and kind; grouped `by` an attribute, of the service `s`; which figure of a histogram to `show`. */
interface MetricSearch {
  m?: string;
  u?: string;
  k?: string;
  by?: string;
  s?: string;
  show?: HistogramFigure;
}

const metrics = createRoute({
  getParentRoute: () => root,
  path: '/metrics',
  staticData: { view: 'time' },
  loader: () => loadControls().then(() => undefined),
  validateSearch: (search: Search): MetricSearch => ({
    m: words(search.m, 1000),
    u: words(search.u),
    k: words(search.k),
    by: words(search.by, 1000),
    s: words(search.s, 1000),
    show: oneOf(histogramFigures, search.show),
  }),
  component: lazyRouteComponent(() => import('./pages/metrics/metrics-page.tsx'), 'MetricsPage'),
});

const quality = createRoute({
  getParentRoute: () => root,
  path: '/quality',
  staticData: { view: 'compare' },
  validateSearch: readQualitySearch,
  loader: ({ location: { search } }) => {
    const view = toView(readViewSearch(search));
    const { score } = readQualitySearch(search);
    void queryClient.prefetchQuery(qualityQuestion(featuresRequest(view, whereOf(view), score)));
    return loadControls().then(() => undefined);
  },
  component: lazyRouteComponent(() => import('./pages/quality/quality-page.tsx'), 'QualityPage'),
});

const drift = createRoute({
  getParentRoute: () => root,
  path: '/drift',
  validateSearch: (search: Search): { feature?: string } => ({ feature: words(search.feature) }),
  component: lazyRouteComponent(() => import('./pages/drift/drift-page.tsx'), 'DriftPage'),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  staticData: { view: 'range' },
  loader: () => loadControls().then(() => undefined),
  validateSearch: readArmsSearch,
  component: lazyRouteComponent(() => import('./pages/compare/compare-page.tsx'), 'ComparePage'),
});

const spend = createRoute({
  getParentRoute: () => root,
  path: '/spend',
  validateSearch: readSpendSearch,
  loader: ({ location: { search } }) => {
    const asked = { ...readSpendSearch(search), tz: readViewSearch(search).tz };
    // What cannot be asked now is asked by the page, which also says why it failed.
    void import('./pages/spend/first-questions.ts').then(({ askFirst }) => askFirst(asked)).catch(() => {});
  },
  component: lazyRouteComponent(() => import('./pages/spend/spend-page.tsx'), 'SpendPage'),
});

const outcomes = createRoute({
  getParentRoute: () => root,
  path: '/spend/outcomes',
  validateSearch: readOutcomesSearch,
  component: lazyRouteComponent(() => import('./pages/outcomes/outcomes-page.tsx'), 'OutcomesPage'),
});

const reconcile = createRoute({
  getParentRoute: () => root,
  path: '/spend/reconcile',
  validateSearch: readReconcileSearch,
  component: lazyRouteComponent(() => import('./pages/reconcile/reconcile-page.tsx'), 'ReconcilePage'),
});

const budgets = createRoute({
  getParentRoute: () => root,
  path: '/budgets',
  validateSearch: readBudgetsSearch,
  component: lazyRouteComponent(() => import('./pages/budgets/budgets-page.tsx'), 'BudgetsPage'),
});

const statement = createRoute({
  getParentRoute: () => root,
  path: '/statement',
  validateSearch: readStatementSearch,
  component: lazyRouteComponent(() => import('./pages/statement/statement-page.tsx'), 'StatementPage'),
});

const prices = createRoute({
  getParentRoute: () => root,
  path: '/prices',
  validateSearch: readPricesSearch,
  component: lazyRouteComponent(() => import('./pages/prices/prices-page.tsx'), 'PricesPage'),
});

const judge = createRoute({
  getParentRoute: () => root,
  path: '/judge',
  component: lazyRouteComponent(() => import('./pages/judge/judge-page.tsx'), 'JudgePage'),
});

const golden = createRoute({
  getParentRoute: () => root,
  path: '/golden',
  component: lazyRouteComponent(() => import('./pages/golden/golden-page.tsx'), 'GoldenPage'),
});

const goldenSet = createRoute({
  getParentRoute: () => root,
  path: '/golden/$set',
  validateSearch: readSetSearch,
  component: lazyRouteComponent(() => import('./pages/golden/set-page.tsx'), 'SetPage'),
});

const goldenCompare = createRoute({
  getParentRoute: () => root,
  path: '/golden/$set/compare',
  validateSearch: readRunsSearch,
  component: lazyRouteComponent(() => import('./pages/golden/compare-page.tsx'), 'ComparePage'),
});

const review = createRoute({
  getParentRoute: () => root,
  path: '/review',
  validateSearch: readReviewSearch,
  component: lazyRouteComponent(() => import('./pages/review/review-page.tsx'), 'ReviewPage'),
});

const training = createRoute({
  getParentRoute: () => root,
  path: '/training',
  validateSearch: readTrainingSearch,
  component: lazyRouteComponent(() => import('./pages/training/training-page.tsx'), 'TrainingPage'),
});

const modelCard = createRoute({
  getParentRoute: () => root,
  path: '/features/$feature/card',
  validateSearch: readCardSearch,
  component: lazyRouteComponent(() => import('./pages/model-card/card-page.tsx'), 'CardPage'),
});

const deliveries = createRoute({
  getParentRoute: () => root,
  path: '/deliveries',
  validateSearch: readDeliveriesSearch,
  component: lazyRouteComponent(() => import('./pages/deliveries/deliveries-page.tsx'), 'DeliveriesPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings-page.tsx'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    overview,
    getStarted,
    traces,
    trace,
    alerts,
    ruleAlert,
    rules,
    alert,
    ingest,
    metrics,
    quality,
    drift,
    compare,
    spend,
    outcomes,
    reconcile,
    budgets,
    statement,
    prices,
    judge,
    golden,
    goldenSet,
    goldenCompare,
    review,
    training,
    modelCard,
    deliveries,
    settings,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 0,
  defaultPendingMinMs: 0,
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageFailure,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
