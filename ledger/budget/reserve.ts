import { type LeaseReserveRow, sumOf } from '#store/state/lease-reserves.ts';

/** Amounts are nano-dollars, times Unix milliseconds. */
interface Block {
  reserveId: string;
  amountNanos: bigint;
  leftNanos: bigint;
  takenAtMs: number;
  grantUntilMs: number;
  coversUntilMs: number;
}

/** For how long leases are given from one reserve. */
const grantMs = 20_000;
/** A reserve that was used up within this time was too small. */
const shortMs = 5_000;
/** How many times as large the next one may be: a demand that comes all at once is met by the third. */
const mostGrowth = 64n;
/** One process takes no more than this part of what is left, unless that is a few leases: if it dies, nobody else has it. */
const largestPart = 4n;

/** How long after it was taken a reserve may still be spent from, when leases last `leaseMs`. */
export const coverMs = (leaseMs: number) => grantMs + leaseMs;

/**
 * What this process may promise of one ceiling without asking anybody. It is taken in the state database beforehand, a
 * block at a time, and counts as spent there from that moment: granting a lease is a subtraction in memory, and neither a
 * killed process nor a second one can promise more than is left.
 */
export class Reserve {
  #block: Block | null = null;
  /** Blocks that grant no more, whose rest is to be given back. */
  #retired: Block[] = [];
  /** Of all processes, by the last look. */
  #liveNanos = 0n;
  #nextNanos: bigint;
  readonly #leaseNanos: bigint;

  constructor(leaseNanos: bigint) {
    this.#leaseNanos = leaseNanos;
    this.#nextNanos = this.#smallestNanos;
  }

  get #smallestNanos(): bigint {
    return this.#leaseNanos * 4n;
  }

  /** What can be granted at this moment. */
  leftNanos(nowMs: number): bigint {
    return this.#block && nowMs < this.#block.grantUntilMs ? this.#block.leftNanos : 0n;
  }

  /** No lease that is granted now may end later. */
  get coversUntilMs(): number {
    return this.#block?.coversUntilMs ?? 0;
  }

  /** Promised in leases that may not be visible in the ledger yet, by this process and others. */
  promisedNanos(): bigint {
    const unused = [...this.#retired, ...(this.#block ? [this.#block] : [])];
    const promised = unused.reduce((sum, block) => sum - block.leftNanos, this.#liveNanos);
    return promised > 0n ? promised : 0n;
  }

  /** Only what `leftNanos` said. */
  grant(nanos: bigint): void {
    if (!this.#block || this.#block.leftNanos < nanos) throw new Error('more was granted than is reserved');
    this.#block.leftNanos -= nanos;
  }

  /** Whether a new block should be taken ahead of need: this one is nearly used up. */
  isLow(nowMs: number): boolean {
    return this.#block !== null && this.leftNanos(nowMs) * 4n < this.#block.amountNanos;
  }

  /** Blocks to give the rest of back; they grant no more. */
  retire(nowMs: number, { all = false } = {}): { reserveId: string; usedNanos: bigint }[] {
    if (this.#block && (all || nowMs >= this.#block.grantUntilMs)) {
      this.#retired.push(this.#block);
      this.#block = null;
    }
    return this.#retired
      .filter(block => block.leftNanos > 0n)
      .map(({ reserveId, amountNanos, leftNanos }) => ({ reserveId, usedNanos: amountNanos - leftNanos }));
  }

  hasToGiveBack(nowMs: number): boolean {
    return this.#retired.length > 0 || (this.#block !== null && nowMs >= this.#block.grantUntilMs);
  }

  /** Of all processes: what counts as spent. */
  get liveNanos(): bigint {
    return this.#liveNanos;
  }

  /** How much to take next, of what is available; at least what a caller needs, where there is that much. */
  wishNanos(availableNanos: bigint, neededNanos: bigint): bigint {
    const part = larger(availableNanos / largestPart, this.#smallestNanos);
    return smaller(availableNanos, larger(neededNanos, smaller(this.#nextNanos, part)));
  }

  /** After the state database was written: the retired blocks are settled, and `taken` is the new one. */
  settled(
    settledIds: readonly string[],
    live: readonly LeaseReserveRow[],
    taken: LeaseReserveRow | null,
  ): void {
    this.#retired = this.#retired.filter(
      block => block.leftNanos > 0n && !settledIds.includes(block.reserveId),
    );
    this.#liveNanos = sumOf(live);
    if (!taken) return;
    if (this.#block) this.#retired.push(this.#block);
    const takenAtMs = Date.parse(taken.taken_at);
    this.#resize(takenAtMs);
    this.#block = {
      reserveId: taken.reserve_id,
      amountNanos: BigInt(taken.amount_nanos),
      leftNanos: BigInt(taken.amount_nanos),
      takenAtMs,
      grantUntilMs: takenAtMs + grantMs,
      coversUntilMs: Date.parse(taken.covers_until),
    };
  }

  /** By the last look at the state database; `live` are the rows of all processes. */
  seen(live: readonly LeaseReserveRow[]): void {
    this.#liveNanos = sumOf(live);
  }

  // Blocks follow demand, so that the state database is asked a few times a minute.
  #resize(nowMs: number): void {
    const last = this.#block;
    const lastedMs = last ? nowMs - last.takenAtMs : Number.POSITIVE_INFINITY;
    if (last && lastedMs < shortMs) {
      const usedNanos = last.amountNanos - last.leftNanos;
      const demand = (usedNanos * BigInt(2 * shortMs)) / BigInt(Math.max(1, lastedMs));
      this.#nextNanos = larger(this.#nextNanos, smaller(demand, this.#nextNanos * mostGrowth));
    } else this.#nextNanos = larger(this.#nextNanos / 2n, this.#smallestNanos);
  }
}

const larger = (one: bigint, other: bigint) => (one > other ? one : other);
const smaller = (one: bigint, other: bigint) => (one < other ? one : other);
