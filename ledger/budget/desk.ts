import type { BudgetDetail, BudgetWithState } from '#contract/budget.ts';
import { budgetSpend, type SpendSum } from '#store/queries/budget-spend.ts';
import {
  addForecasts,
  addNotices,
  type BudgetForecastRow,
  type BudgetNoticeRow,
  type BudgetRow,
  listBudgetRows,
  listForecasts,
  listNotices,
  setOutcome,
} from '#store/state/budgets.ts';
import type { LedgerDeps } from '../deps.ts';
import { backfillDone, readPosition } from '../roll-up/position.ts';
import { type Budget, budgetOf, nanosOf, percentOf, periodNow, saidOf, usdOf } from './budget.ts';
import { addDays, localDate, type Period, periodAt, startOfDay } from './calendar.ts';
import type { Standing } from './ceilings.ts';
import { spendHistories } from './spend-history.ts';
import { isInside, type Known, knownUntil, phaseAt, stateOf, usdText } from './state.ts';

export interface DeskDeps extends LedgerDeps {
  /** The reporting zone of this moment. */
  zone(): Promise<string>;
}

/** Every budget and where it stands, by one look at the ledger. */
export interface Overview {
  zone: string;
  asOf: string | null;
  budgets: BudgetWithState[];
}

const calibrationDays = 400;
const pastPeriods = 6;
/** Late calls arrive within hours; what comes later moves a period little. */
const settledMs = 6 * 3_600_000;

/** Works out where budgets stand, and keeps what should be known later: crossings, forecasts and how they turned out. */
export function createDesk(deps: DeskDeps, standings: () => Promise<ReadonlyMap<string, Standing>>) {
  const { state, clickhouse, projectId, clock } = deps;
  const historyOf = spendHistories(deps);

  async function overview(): Promise<Overview> {
    const zone = await deps.zone();
    const nowMs = clock.now();
    const position = await readPosition(state, projectId);
    const { asOf } = position;
    const isFilling = backfillDone(position) !== null;
    const rows = await listBudgetRows(state, projectId);
    const since = addDays(localDate(nowMs, zone), -calibrationDays);
    const [notices, forecasts] = [
      await listNotices(state, projectId),
      await listForecasts(state, projectId, since),
    ];
    const looked = await look(rows, { zone, nowMs, asOf, isFilling });
    const standing = await standings();
    const budgets: BudgetWithState[] = [];
    const morning: BudgetForecastRow[] = [];
    const crossed: BudgetNoticeRow[] = [];
    for (const { row, ...one } of looked) {
      const own = forecasts.filter(({ budget_id }) => budget_id === row.budget_id);
      const known: Known = {
        ...one,
        zone,
        nowMs,
        asOf,
        isFilling,
        notices,
        forecasts: own,
        standing: standing.get(row.budget_id) ?? null,
      };
      const found = stateOf(known);
      budgets.push({ ...saidOf(row), state: found.state });
      crossed.push(...crossings(known));
      const today = localDate(nowMs, zone);
      const isNew = !own.some(({ made_on }) => made_on === today);
      if (found.forecast && isNew) morning.push(forecastRow(known, found.forecast.total, today));
    }
    await addNotices(state, crossed);
    await addForecasts(state, morning);
    await learnOutcomes(looked, { zone, asOf, forecasts });
    return { zone, asOf, budgets: budgets.sort(nearestToLimit) };
  }

  async function look(
    rows: readonly BudgetRow[],
    { zone, nowMs, asOf, isFilling }: Pick<Known, 'zone' | 'nowMs' | 'asOf' | 'isFilling'>,
  ) {
    const asked = rows.map(row => {
      const budget = budgetOf(row);
      const period = periodNow(budget, nowMs, zone);
      return { row, budget, period, today: localDate(knownUntil({ period, nowMs, asOf }), zone) };
    });
    const sums = await budgetSpend(
      clickhouse,
      projectId,
      asked.flatMap(({ budget, period, today }) => [
        { conditions: budget.filter, fromMs: period.fromMs, toMs: period.toMs },
        {
          conditions: budget.filter,
          fromMs: startOfDay(today, zone),
          toMs: startOfDay(addDays(today, 1), zone),
        },
      ]),
    );
    const looked = [];
    for (const [index, { row, budget, period, today }] of asked.entries()) {
      const history = await historyOf({ budget, first: period.first, today, zone, isFilling }, nowMs);
      const todayUsd = Number(sums[index * 2 + 1]!.highNanos) / 1e9;
      looked.push({ row, budget, period, spent: sums[index * 2]!, todayUsd, history });
    }
    return looked;
  }

  /** What past periods came to, once late calls have had their time. */
  async function learnOutcomes(
    looked: readonly { budget: Budget }[],
    { zone, asOf, forecasts }: { zone: string; asOf: string | null; forecasts: readonly BudgetForecastRow[] },
  ): Promise<void> {
    if (asOf === null) return;
    const due = new Map<string, { budget: Budget; period: Period; periodFrom: string }>();
    for (const { budget_id, period_from, outcome_nanos } of forecasts) {
      const budget = looked.find(one => one.budget.id === budget_id)?.budget;
      if (!budget || outcome_nanos !== null) continue;
      const period = periodNow(budget, Date.parse(period_from), zone);
      if (Date.parse(asOf) < period.toMs + settledMs) continue;
      due.set(`${budget_id} ${period_from}`, { budget, period, periodFrom: period_from });
    }
    const ended = [...due.values()];
    const sums = await spendOf(ended);
    for (const [index, { budget, periodFrom }] of ended.entries()) {
      await setOutcome(state, { budgetId: budget.id, periodFrom, nanos: String(sums[index]!.highNanos) });
    }
  }

  function spendOf(of: readonly { budget: Budget; period: Period }[]): Promise<SpendSum[]> {
    const asks = of.map(({ budget, period }) => ({
      conditions: budget.filter,
      fromMs: period.fromMs,
      toMs: period.toMs,
    }));
    return asks.length === 0 ? Promise.resolve([]) : budgetSpend(clickhouse, projectId, asks);
  }

  /** A budget's earlier periods, and every forecast of the present one. */
  async function detail(found: BudgetWithState, zone: string): Promise<BudgetDetail> {
    const rows = await listBudgetRows(state, projectId);
    const budget = budgetOf(rows.find(({ budget_id }) => budget_id === found.id)!);
    const all = await listForecasts(state, projectId, '');
    const own = all.filter(({ budget_id }) => budget_id === found.id);
    const past = earlierPeriods(budget, Date.parse(found.state.from), zone);
    const sums = await spendOf(past.map(period => ({ budget, period })));
    return {
      ...found,
      zone,
      past: past
        .map((period, index) => pastPeriod(budget, period, { spent: sums[index]!, forecasts: own }))
        .filter(({ spent_usd, forecast }) => forecast !== null || /[1-9]/.test(spent_usd)),
      forecasts: own
        .filter(({ period_from }) => period_from === found.state.from)
        .map(row => ({
          made_at: row.made_at,
          spent_usd: usdOf(BigInt(row.spent_nanos)),
          ...usdOfForecast(row),
        })),
    };
  }

  return { overview, detail };
}

function earlierPeriods({ period, dates }: Budget, fromMs: number, zone: string): Period[] {
  if (dates) return [];
  const periods: Period[] = [];
  for (let at = fromMs; periods.length < pastPeriods; at = periods.at(-1)!.fromMs) {
    periods.push(periodAt(at - 1, period ?? 'month', zone));
  }
  return periods;
}

function pastPeriod(
  budget: Budget,
  { fromMs, toMs }: Period,
  { spent, forecasts }: { spent: SpendSum; forecasts: readonly BudgetForecastRow[] },
): BudgetDetail['past'][number] {
  const made = forecasts.filter(({ period_from }) => period_from === iso(fromMs));
  const halfway = made[Math.floor(made.length / 2)];
  return {
    from: iso(fromMs),
    to: iso(toMs),
    spent_usd: usdOf(spent.highNanos),
    used: Number(spent.highNanos) / Number(budget.amountNanos),
    forecast: halfway
      ? { made_at: halfway.made_at, inside: isInside(halfway, spent.highNanos), ...usdOfForecast(halfway) }
      : null,
  };
}

function crossings({ budget, period, zone, nowMs, spent, notices }: Known): BudgetNoticeRow[] {
  if (phaseAt(period, nowMs) === 'ahead') return [];
  const period_from = iso(period.fromMs);
  return budget.thresholds
    .filter(percent => spent.highNanos >= percentOf(budget.amountNanos, percent) && spent.highNanos > 0n)
    .filter(
      percent =>
        !notices.some(
          one => one.budget_id === budget.id && one.period_from === period_from && one.percent === percent,
        ),
    )
    .map(percent => ({
      budget_id: budget.id,
      period_from,
      percent,
      period_to: iso(period.toMs),
      zone,
      amount_nanos: String(budget.amountNanos),
      spent_nanos: String(spent.highNanos),
      crossed_at: iso(nowMs),
      announced_at: null,
    }));
}

function forecastRow(
  { budget, period, spent, nowMs }: Known,
  total: { p10: number; p50: number; p90: number },
  today: string,
): BudgetForecastRow {
  return {
    budget_id: budget.id,
    period_from: iso(period.fromMs),
    made_on: today,
    made_at: iso(nowMs),
    spent_nanos: String(spent.highNanos),
    p10_nanos: nanosText(total.p10),
    p50_nanos: nanosText(total.p50),
    p90_nanos: nanosText(total.p90),
    outcome_nanos: null,
  };
}

const usdOfForecast = ({ p10_nanos, p50_nanos, p90_nanos }: BudgetForecastRow) => ({
  p10_usd: usdOf(BigInt(p10_nanos)),
  p50_usd: usdOf(BigInt(p50_nanos)),
  p90_usd: usdOf(BigInt(p90_nanos)),
});

function nearestToLimit(one: BudgetWithState, other: BudgetWithState): number {
  const risk = ({ state }: BudgetWithState) =>
    state.phase === 'running' ? (state.breach?.probability ?? 0) : -1;
  return risk(other) - risk(one) || other.state.used - one.state.used;
}

const nanosText = (usd: number) => String(nanosOf(usdText(usd)));
const iso = (ms: number) => new Date(ms).toISOString();
