import { setTimeout as sleep } from 'node:timers/promises';
import type { DecisionReply, DecisionRequest } from '#contract/decision.ts';
import { budgetSpend } from '#store/queries/budget-spend.ts';
import { startRounds } from '#store/rounds.ts';
import { listBudgetRows } from '#store/state/budgets.ts';
import { readIngestStatuses } from '#store/state/ingest-status.ts';
import { leaseKey, reservesIn } from '#store/state/lease-reserves.ts';
import { createTurns, nothing } from '#store/turns.ts';
import { readPosition } from '../roll-up/position.ts';
import { type Budget, budgetOf, periodNow } from './budget.ts';
import type { Observed } from './ceiling.ts';
import { Ceilings, type Standing } from './ceilings.ts';
import type { DeskDeps } from './desk.ts';
import { type LeaseSigner, leaseSigner } from './lease-token.ts';
import { practiceDecider } from './practice.ts';
import { phaseAt } from './state.ts';
import { createVisibility } from './visible.ts';

/** Makes decisions, in this thread or in one of its own. */
export interface Decider {
  /** Answers from memory; rejects with CannotDecideError. */
  decide(request: DecisionRequest): Promise<DecisionReply>;
  /** Public keys that verify leases. */
  keys(): LeaseSigner['jwk'][];
  /** Where each ceiling stands, by the id of its budget. */
  standings(): Promise<ReadonlyMap<string, Standing>>;
  /** After a budget was made, changed or removed: ceilings hold from the moment this resolves. */
  changed(): Promise<void>;
  /** Sums the ledger up anew, now. */
  runOnce(): Promise<void>;
  /** Gives back what is not promised. */
  stop(): Promise<void>;
}

const lookEveryMs = 1000;
const firstLookMs = 3000;
/**
 * What was spent from a lease is in the ledger this long after the lease has ended, when the ledger and the collectors are up to
 * date: the call that was under way ends, its span is exported, its trace is settled, its insert is seen.
 */
const visibleAfterMs = 150_000;

export interface DeciderOptions {
  timers?: boolean;
  /** Called once, when there is something to decide, with a decider of nobody's money to practise on. */
  onFirstCeiling?(practice: Decider['decide']): void;
}

/** The ceilings of a project, which look at the ledger every second; with `timers: false` only when they are told to. */
export async function startDecider(
  deps: DeskDeps,
  { timers = true, onFirstCeiling }: DeciderOptions = {},
): Promise<Decider> {
  const { state, clickhouse, projectId, clock, log } = deps;
  const signer = leaseSigner(await leaseKey(state, clock.now()));
  const ceilings = new Ceilings({ reserves: reservesIn(state), projectId, signer, nowMs: () => clock.now() });
  const visibleUntil = createVisibility();
  let toldOfCeiling = false;
  let withCeiling: Budget[] = [];
  let loaded = '';
  let lookedAt = '';

  /** Another process may have changed budgets as well. */
  async function load(): Promise<void> {
    const rows = await listBudgetRows(state, projectId);
    const version = JSON.stringify(rows);
    if (version === loaded) return;
    withCeiling = rows.map(budgetOf).filter(({ ceiling }) => ceiling !== null);
    ceilings.setBudgets(withCeiling);
    if (withCeiling.length > 0 && !toldOfCeiling) {
      toldOfCeiling = true;
      onFirstCeiling?.(await practiceDecider(signer, () => clock.now()));
    }
    loaded = version;
    lookedAt = '';
  }

  /** The horizon is read before the sums, which then hold at least everything up to it. */
  async function lookNow(): Promise<void> {
    await load();
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
        observed.set(budget.id, { highNanos, unboundedCalls, phase: phaseAt(period, nowMs) });
      });
      lookedAt = version;
    }
    const knownMs = asOf === null ? 0 : Math.min(Date.parse(asOf), collectedMs);
    await ceilings.setLook({ observed, visibleUntilMs: Math.max(0, knownMs - visibleAfterMs), asOf });
    await ceilings.tick();
  }

  const inTurn = createTurns();
  const look = () => inTurn(lookNow);
  const failed = (error: unknown) =>
    log.error({ err: error }, 'ceilings could not be looked at; it is tried again');
  await load();
  // The store may still be starting; until it was asked, decisions say that they cannot be made.
  const first = look().catch(failed);
  const rounds = timers ? startRounds(look, { everyMs: lookEveryMs, failed }) : null;
  await Promise.race([first, sleep(firstLookMs, undefined, { ref: false })]);

  return {
    decide: request => ceilings.decide(request),
    keys: () => [signer.jwk],
    async standings() {
      return new Map(withCeiling.map(({ id }) => [id, ceilings.standing(id)!]));
    },
    async changed() {
      await inTurn(load);
      await look().catch(failed);
    },
    async runOnce() {
      lookedAt = '';
      await look();
    },
    async stop() {
      await rounds?.stop();
      await inTurn(nothing);
      await ceilings.close();
    },
  };
}
