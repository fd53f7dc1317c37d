import { setTimeout as sleep } from 'node:timers/promises';
import type { BudgetDetail } from '#contract/budget.ts';
import type { DecisionReply, DecisionRequest } from '#contract/decision.ts';
import { budgetSpend } from '#store/queries/budget-spend.ts';
import { listBudgetRows } from '#store/state/budgets.ts';
import { readIngestStatuses } from '#store/state/ingest-status.ts';
import { forgetReserves, leaseKey } from '#store/state/lease-reserves.ts';
import { readPosition } from '../roll-up/position.ts';
import { type Budget, budgetOf, periodNow } from './budget.ts';
import type { Observed } from './ceiling.ts';
import { Ceilings } from './ceilings.ts';
import { createDesk, type DeskDeps, type Overview } from './desk.ts';
import { type LeaseSigner, leaseSigner } from './lease-token.ts';
import { phaseAt } from './state.ts';
import { createVisibility } from './visible.ts';

export interface Budgets {
  /** Answers from memory; rejects with CannotDecideError. */
  decide(request: DecisionRequest): Promise<DecisionReply>;
  /** Public keys that verify leases. */
  keys(): LeaseSigner['jwk'][];
  /** Where all budgets stand, at most some seconds old. */
  overview(): Promise<Overview>;
  /** Null when there is no such budget. */
  detail(budgetId: string): Promise<BudgetDetail | null>;
  /** After a budget was made, changed or removed: ceilings hold from the moment this resolves. */
  changed(): Promise<void>;
  /** Looks at the ledger and works everything out, now. */
  runOnce(): Promise<void>;
  stop(): Promise<void>;
}

const lookEveryMs = 1000;
const firstLookMs = 3000;
const overviewEveryMs = 60_000;
const freshMs = 10_000;
/**
 * What was spent from a lease is in the ledger this long after the lease has ended, when the ledger and the collectors are up to
 * date: the call that was under way ends, its span is exported, its trace is settled, its insert is seen.
 */
const visibleAfterMs = 150_000;
const forgottenAfterMs = 24 * 3_600_000;

/** Budgets, forecasts and ceilings of a project; with `timers: false` nothing happens by itself. */
export async function startBudgets(deps: DeskDeps, { timers = true } = {}): Promise<Budgets> {
  const { state, clickhouse, projectId, clock, log } = deps;
  const signer = leaseSigner(await leaseKey(state, clock.now()));
  const ceilings = new Ceilings({ state, projectId, signer, nowMs: () => clock.now() });
  const desk = createDesk(deps, id => ceilings.standing(id));
  const visibleUntil = createVisibility();
  let withCeiling: Budget[] = [];
  let lookedAt = '';
  let latest: { overview: Promise<Overview>; atMs: number } | null = null;

  async function load(): Promise<void> {
    const budgets = (await listBudgetRows(state, projectId)).map(budgetOf);
    withCeiling = budgets.filter(({ ceiling }) => ceiling !== null);
    ceilings.setBudgets(withCeiling);
    lookedAt = '';
  }

  /** The horizon is read before the sums, which then hold at least everything up to it. */
  async function look(): Promise<void> {
    if (withCeiling.length === 0) return;
    const nowMs = clock.now();
    const { asOf } = await readPosition(state, projectId);
    const collectedMs = visibleUntil(await readIngestStatuses(state), nowMs);
    const zone = await deps.zone();
    const asked = withCeiling.map(budget => ({ budget, period: periodNow(budget, nowMs, zone) }));
    const version = JSON.stringify([asOf, asked.map(({ period }) => [period, phaseAt(period, nowMs)])]);
    const observed = new Map<string, Observed>();
    if (version !== lookedAt) {
      const asks = asked.map(({ budget, period }) => ({ conditions: budget.filter, ...period }));
      const sums = await budgetSpend(clickhouse, projectId, asks);
      asked.forEach(({ budget, period }, index) => {
        const { highNanos, unboundedCalls } = sums[index]!;
        observed.set(budget.id, { highNanos, atLeast: unboundedCalls > 0, phase: phaseAt(period, nowMs) });
      });
      lookedAt = version;
    }
    const knownMs = asOf === null ? 0 : Math.min(Date.parse(asOf), collectedMs);
    await ceilings.setLook({ observed, visibleUntilMs: Math.max(0, knownMs - visibleAfterMs), asOf });
    await ceilings.tick();
  }

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

  let stopped = false;
  const failed = (message: string) => (error: unknown) => {
    if (!stopped) log.error({ err: error }, message);
  };
  const loops = timers
    ? [
        every(lookEveryMs, () => look().catch(failed('ceilings could not be looked at; it is tried again'))),
        every(overviewEveryMs, async () => {
          await overview(0).catch(failed('budgets could not be worked out; it is tried again'));
          await forgetReserves(state, clock.now() - forgottenAfterMs).catch(() => {});
        }),
      ]
    : [];
  await load();
  // The store may still be starting; until it was asked, decisions say that they cannot be made.
  const first = look().catch(failed('ceilings could not be looked at; it is tried again'));
  await Promise.race([first, sleep(firstLookMs, undefined, { ref: false })]);

  return {
    decide: request => ceilings.decide(request),
    keys: () => [signer.jwk],
    overview: () => overview(freshMs),
    async detail(budgetId) {
      const { budgets, zone } = await overview(freshMs);
      const found = budgets.find(({ id }) => id === budgetId);
      return found ? desk.detail(found, zone) : null;
    },
    async changed() {
      latest = null;
      await load();
      await look().catch(failed('ceilings could not be looked at; it is tried again'));
    },
    async runOnce() {
      lookedAt = '';
      await look();
      await overview(0);
    },
    async stop() {
      stopped = true;
      await Promise.all([first, ...loops.map(end => end())]);
      await ceilings.close();
    },
  };
}

/** Runs `work` again and again; the result ends it. */
function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let ended = false;
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();
  const again = () => {
    timer = setTimeout(() => {
      running = work().then(() => {
        if (!ended) again();
      });
    }, ms);
  };
  again();
  return async () => {
    ended = true;
    clearTimeout(timer);
    await running;
  };
}
