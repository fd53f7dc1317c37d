import { randomUUID } from 'node:crypto';
import type { Decision } from '#contract/budget.ts';
import type { DecisionReply, DecisionRequest } from '#contract/decision.ts';
import type { LeaseReserveRow, Reserves } from '#store/state/lease-reserves.ts';
import { createTurns } from '#store/turns.ts';
import { type Budget, nanosOf, usdOf } from './budget.ts';
import type { About, Ceiling, Observed } from './ceiling.ts';
import * as of from './ceiling.ts';
import type { LeaseSigner } from './lease-token.ts';
import { coverMs } from './reserve.ts';

export interface CeilingsDeps {
  reserves: Reserves;
  projectId: string;
  signer: LeaseSigner;
  /** Unix milliseconds. */
  nowMs(): number;
}

/** One look at the ledger: sums, and up to when spend is visible in them. */
export interface Look {
  observed: ReadonlyMap<string, Observed>;
  /** What was spent from leases that ended by then is in the sums, Unix milliseconds. */
  visibleUntilMs: number;
  asOf: string | null;
}

/** Where a ceiling stands; amounts are nano-dollars. */
export interface Standing {
  decision: Decision;
  reservedNanos: bigint;
  degradeNanos: bigint | null;
  denyNanos: bigint | null;
}

/** Nothing can be said: the ledger was not asked yet, or what is promised cannot be written down. */
export class CannotDecideError extends Error {}

const allowedForMs = 10_000;
const deniedForMs = 2_000;
/** Less than this part of a lease is not worth reserving or giving. */
const smallestPart = 10n;
/** Callers that came at once wait for each other's blocks, some of which are replaced ahead of need before all were served. */
const mostRounds = 20;

/**
 * Answers decisions from memory. A lease is granted only while observed spend (high bound) + everything reserved + the lease
 * stays within the ceiling, and a reserve counts until what may have been spent from it is visible in the ledger. So
 * callers who keep to their leases spend the ceiling at most; what goes beyond is what a call cost more than its lease had left.
 */
export class Ceilings {
  readonly #deps: CeilingsDeps;
  readonly #holder = randomUUID();
  #ceilings: Ceiling[] = [];
  #closed = false;
  #look: Look = { observed: new Map(), visibleUntilMs: 0, asOf: null };
  /** Writes to the state database take turns. */
  readonly #inTurn = createTurns();
  #refilling: Promise<void> | null = null;
  /** How much callers wait for, by budget. */
  readonly #wanted = new Map<string, bigint>();

  constructor(deps: CeilingsDeps) {
    this.#deps = deps;
  }

  /** Replaces the budgets with ceilings; those that were there keep their promises. A changed filter needs a new look. */
  setBudgets(budgets: readonly Budget[]): void {
    const known = new Map(this.#ceilings.map(ceiling => [ceiling.budget.id, ceiling]));
    this.#ceilings = budgets.flatMap(budget => of.ceilingOf(budget, known.get(budget.id)) ?? []);
  }

  /** Reserves are read under the same horizon as the spend, so that no lease is missing from both. */
  async setLook(look: Look): Promise<void> {
    await this.#inTurn(async () => {
      const rows = byBudget(await this.#deps.reserves.live(look.visibleUntilMs));
      this.#look = look;
      for (const ceiling of this.#ceilings) {
        ceiling.observed = look.observed.get(ceiling.budget.id) ?? ceiling.observed;
        ceiling.reserve.seen(rows.get(ceiling.budget.id) ?? []);
        ceiling.isDry = of.availableNanos(ceiling, ceiling.reserve.liveNanos) < smallest(ceiling);
      }
    });
  }

  /** Where a budget's ceiling stands; null when it has none. */
  standing(budgetId: string): Standing | null {
    const ceiling = this.#ceilings.find(({ budget }) => budget.id === budgetId);
    if (!ceiling) return null;
    const { degradeNanos, denyNanos, reserve } = ceiling;
    const decision = of.standingOf(ceiling);
    return { decision, reservedNanos: reserve.promisedNanos(), degradeNanos, denyNanos };
  }

  /**
   * Answers at once from what is reserved; only when a block is used up before the next one was taken does it wait for the
   * state database. Rejects with CannotDecideError.
   */
  async decide(request: DecisionRequest): Promise<DecisionReply> {
    if (this.#closed) throw new CannotDecideError('Driftline is stopping.');
    const { amount_usd, min_usd, ...about } = request;
    const applying = this.#ceilings.filter(ceiling => of.applies(ceiling, about));
    if (applying.length === 0) return this.#answer('allow', 'No ceiling applies.', null, allowedForMs);
    if (applying.some(({ observed }) => observed === null))
      throw new CannotDecideError('The ledger has not been read yet.');
    const ended = applying.find(({ observed }) => observed?.phase === 'over');
    if (ended)
      return this.#answer(
        'deny',
        `${of.nameOf(ended)} ended on ${ended.budget.dates?.last}.`,
        ended,
        deniedForMs,
      );
    const limited = applying.filter(({ denyNanos }) => denyNanos !== null);
    const wish = amount_usd === undefined ? null : nanosOf(amount_usd);
    const least = min_usd === undefined ? null : nanosOf(min_usd);
    const want = wanted(limited, wish, least);
    const nowMs = await this.#ready(limited, want);
    const left = limited.map(ceiling => of.leftNanos(ceiling, nowMs)).reduce(smaller, want);
    const enough = least ?? (want / smallestPart || 1n);
    const short = limited.find(ceiling => of.leftNanos(ceiling, nowMs) < enough);
    if (short) return this.#usedUp(short);
    for (const { reserve } of limited) reserve.grant(left);
    this.#refillAhead(limited, nowMs);
    return this.#permit({ applying, limited, about, granted: left, nowMs });
  }

  /** When it resolves, what is left is as much as there can be, and nothing is awaited any more. */
  async #ready(limited: readonly Ceiling[], want: bigint): Promise<number> {
    for (let round = 0; ; round += 1) {
      const nowMs = this.#deps.nowMs();
      const lacking = limited.filter(({ reserve, isDry }) => !isDry && reserve.leftNanos(nowMs) < want);
      if (lacking.length === 0) return nowMs;
      if (round === mostRounds) throw new CannotDecideError('Too many callers at once.');
      await this.#refill(lacking, want);
    }
  }

  #permit(permit: {
    applying: readonly Ceiling[];
    limited: readonly Ceiling[];
    about: About;
    granted: bigint;
    nowMs: number;
  }): DecisionReply {
    const { applying, limited, granted, nowMs } = permit;
    const degraded = applying.find(of.isDegraded);
    const decision = degraded ? 'degrade' : 'allow';
    const deciding = degraded ?? of.nearest(applying);
    const answer = this.#answer(decision, `${of.sentence(deciding)}.`, deciding, allowedForMs);
    if (limited.length === 0) return answer;
    const endsMs = limited.map(({ leaseMs, reserve }) => Math.min(nowMs + leaseMs, reserve.coversUntilMs));
    // Whole seconds, as in the token, and rounded down: no lease outlives its reserve.
    const expiresS = Math.floor(Math.min(...endsMs) / 1000);
    const expires_at = new Date(expiresS * 1000).toISOString();
    const lease = { id: randomUUID(), amount_usd: usdOf(granted), expires_at };
    const token = this.#deps.signer.token({
      jti: lease.id,
      iss: 'driftline',
      iat: Math.floor(nowMs / 1000),
      exp: expiresS,
      project: this.#deps.projectId,
      about: permit.about,
      amount_usd: lease.amount_usd,
      decision,
    });
    return { ...answer, lease: { ...lease, token }, valid_until: expires_at };
  }

  #usedUp(ceiling: Ceiling): DecisionReply {
    return this.#answer('deny', `${of.sentence(ceiling)}: nothing is left to lease.`, ceiling, deniedForMs);
  }

  #answer(decision: Decision, reason: string, ceiling: Ceiling | null, forMs: number): DecisionReply {
    const model = decision === 'degrade' ? (ceiling?.budget.ceiling?.degrade_model ?? null) : null;
    return {
      decision,
      reason,
      budget: ceiling && { id: ceiling.budget.id, name: ceiling.budget.name },
      hint: model === null ? null : { model },
      lease: null,
      valid_until: new Date(this.#deps.nowMs() + forMs).toISOString(),
      as_of: ceiling && this.#look.asOf,
    };
  }

  #refillAhead(ceilings: readonly Ceiling[], nowMs: number): void {
    if (this.#refilling) return;
    const low = ceilings.filter(({ reserve, isDry }) => !isDry && reserve.isLow(nowMs));
    // What cannot be taken now is asked for again, and reported, when it is needed.
    if (low.length > 0) this.#refill(low, 0n).catch(() => {});
  }

  /** Takes new blocks for some ceilings. Calls while one is under way share the next. */
  async #refill(ceilings: readonly Ceiling[], want: bigint): Promise<void> {
    for (const { budget } of ceilings) {
      this.#wanted.set(budget.id, (this.#wanted.get(budget.id) ?? 0n) + want);
    }
    // The one under way may have begun before these were wanted.
    if (this.#refilling) await this.#refilling.catch(() => {});
    if (!ceilings.some(({ budget }) => this.#wanted.has(budget.id))) return this.#refilling ?? undefined;
    this.#refilling ??= this.#inTurn(() => this.#take()).finally(() => {
      this.#refilling = null;
    });
    await this.#refilling;
  }

  async #take(): Promise<void> {
    const wanted = new Map(this.#wanted);
    this.#wanted.clear();
    const ceilings = this.#ceilings.filter(({ budget }) => wanted.has(budget.id));
    await this.#write(ceilings, (ceiling, reserved) => {
      const available = of.availableNanos(ceiling, reserved);
      if (available < smallest(ceiling)) return 0n;
      return ceiling.reserve.wishNanos(available, wanted.get(ceiling.budget.id) ?? 0n);
    });
  }

  /** Gives back what ended blocks did not use. Call it every second or so. */
  async tick(): Promise<void> {
    const nowMs = this.#deps.nowMs();
    const due = this.#ceilings.filter(({ reserve }) => reserve.hasToGiveBack(nowMs));
    if (due.length > 0) await this.#inTurn(() => this.#write(due, null));
  }

  /** Gives everything back that is not promised; nothing is granted afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    const ceilings = this.#ceilings;
    await this.#inTurn(() => this.#write(ceilings, null, { all: true }));
  }

  /** Settles ended blocks and takes new ones, of all these ceilings in one transaction. */
  async #write(
    ceilings: readonly Ceiling[],
    take: ((ceiling: Ceiling, reservedNanos: bigint) => bigint) | null,
    retire: { all?: boolean } = {},
  ): Promise<void> {
    const limited = ceilings.filter(({ denyNanos }) => denyNanos !== null);
    if (limited.length === 0) return;
    const nowMs = this.#deps.nowMs();
    const { visibleUntilMs } = this.#look;
    const wishes = limited.map(ceiling => ({
      budgetId: ceiling.budget.id,
      settled: ceiling.reserve.retire(nowMs, retire),
      visibleUntilMs,
      amount: (reservedNanos: bigint) => take?.(ceiling, reservedNanos) ?? 0n,
    }));
    const longestMs = Math.max(...limited.map(({ leaseMs }) => leaseMs));
    const taker = { holder: this.#holder, nowMs, coversUntilMs: nowMs + coverMs(longestMs) };
    const results = new Map(
      (await this.#deps.reserves.take(wishes, taker)).map(result => [result.budgetId, result]),
    );
    limited.forEach((ceiling, index) => {
      const { live, taken } = results.get(ceiling.budget.id)!;
      const settled = wishes[index]!.settled.map(({ reserveId }) => reserveId);
      ceiling.reserve.settled(settled, live, taken);
      if (take && !taken) ceiling.isDry = true;
    });
  }
}

/** The lease to give if there is enough: what is asked for but not more than each ceiling leases at once, unless one call needs more. */
function wanted(limited: readonly Ceiling[], wish: bigint | null, least: bigint | null): bigint {
  const most = limited
    .map(({ leaseNanos }) => leaseNanos)
    .reduce(smaller, wish ?? limited[0]?.leaseNanos ?? 0n);
  return least !== null && least > most ? least : most;
}

const smaller = (one: bigint, other: bigint) => (one < other ? one : other);

const smallest = ({ leaseNanos }: Ceiling) => leaseNanos / smallestPart + 1n;

function byBudget(rows: readonly LeaseReserveRow[]): Map<string, LeaseReserveRow[]> {
  const groups = new Map<string, LeaseReserveRow[]>();
  for (const row of rows) groups.set(row.budget_id, [...(groups.get(row.budget_id) ?? []), row]);
  return groups;
}
