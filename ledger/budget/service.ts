import type { BudgetDetail } from '#contract/budget.ts';
import { startRounds } from '#store/rounds.ts';
import { forgetReserves } from '#store/state/lease-reserves.ts';
import { type Decider, startDecider } from './decider.ts';
import { createDesk, type DeskDeps, type Overview } from './desk.ts';

export interface Budgets extends Pick<Decider, 'decide' | 'keys' | 'changed' | 'runOnce' | 'stop'> {
  /** Where all budgets stand, at most some seconds old. */
  overview(): Promise<Overview>;
  /** Null when there is no such budget. */
  detail(budgetId: string): Promise<BudgetDetail | null>;
}

const overviewEveryMs = 60_000;
const freshMs = 10_000;
const forgottenAfterMs = 24 * 3_600_000;

/** Budgets, forecasts and ceilings of a project; with `timers: false` nothing happens by itself. `decider` is stopped with it. */
export async function startBudgets(
  deps: DeskDeps,
  { timers = true, decider: given = null as Decider | null } = {},
): Promise<Budgets> {
  const { state, clock, log } = deps;
  const decider = given ?? (await startDecider(deps, { timers }));
  const desk = createDesk(deps, () => decider.standings());
  let latest: { overview: Promise<Overview>; atMs: number } | null = null;

  function overview(maxAgeMs: number): Promise<Overview> {
    const nowMs = performance.now();
    if (latest && nowMs - latest.atMs < maxAgeMs) return latest.overview;
    const asked = desk.overview();
    latest = { overview: asked, atMs: nowMs };
    asked.catch(() => {
      latest = null;
    });
    return asked;
  }

  let isStarting = true;
  const round = async () => {
    // A start has enough to do.
    if (isStarting) {
      isStarting = false;
      return;
    }
    await overview(0);
    await forgetReserves(state, clock.now() - forgottenAfterMs).catch(() => {});
  };
  const failed = (error: unknown) =>
    log.error({ err: error }, 'budgets could not be worked out; it is tried again');
  const rounds = timers ? startRounds(round, { everyMs: overviewEveryMs, failed }) : null;

  return {
    decide: request => decider.decide(request),
    keys: () => decider.keys(),
    overview: () => overview(freshMs),
    async detail(budgetId) {
      const { budgets, zone } = await overview(freshMs);
      const found = budgets.find(({ id }) => id === budgetId);
      return found ? desk.detail(found, zone) : null;
    },
    async changed() {
      latest = null;
      await decider.changed();
    },
    async runOnce() {
      await decider.runOnce();
      await overview(0);
    },
    async stop() {
      await rounds?.stop();
      await decider.stop();
    },
  };
}
