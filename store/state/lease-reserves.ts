import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { LeaseKeyTable, LeaseReserveTable } from './schema.ts';

export type LeaseReserveRow = Selectable<LeaseReserveTable>;

/** What a process wants of one budget. */
export interface ReserveWish {
  budgetId: string;
  /** Reserve rows of this process whose rest is given back: what was promised of each, in nano-dollars. */
  settled: readonly { reserveId: string; usedNanos: bigint }[];
  /** How much to take, given the sum of the reserves of this budget that still count; 0n takes nothing. */
  amount(reservedNanos: bigint): bigint;
  /** Spend up to here is visible: a reserve that covers no later time does not count any more. Unix milliseconds. */
  visibleUntilMs: number;
}

/** What counts after taking: all live rows of a budget, and the new one when something was taken. */
export interface ReserveTaken {
  budgetId: string;
  taken: LeaseReserveRow | null;
  live: LeaseReserveRow[];
}

/** Where reserves are taken from. */
export interface Reserves {
  take(wishes: readonly ReserveWish[], taker: Taker): Promise<ReserveTaken[]>;
  /** Rows that cover a time after `ms`, of all budgets of all processes. */
  live(ms: number): Promise<LeaseReserveRow[]>;
}

interface Taker {
  holder: string;
  nowMs: number;
  coversUntilMs: number;
}

export const reservesIn = (db: StateDb): Reserves => ({
  take: (wishes, taker) => takeReserves(db, wishes, taker),
  live: ms => liveReserves(db, ms),
});

/**
 * Takes reserves of several budgets in one transaction. The budget's row is written first: it makes processes take
 * turns in both databases, so the sum that `amount` sees is the sum that counts. Reserves survive their process.
 */
async function takeReserves(
  db: StateDb,
  wishes: readonly ReserveWish[],
  taker: Taker,
): Promise<ReserveTaken[]> {
  // In one order everywhere, so that two processes cannot wait for each other.
  const inOrder = [...wishes].sort((one, other) => (one.budgetId < other.budgetId ? -1 : 1));
  return db.transaction().execute(async tx => {
    const taken: ReserveTaken[] = [];
    for (const wish of inOrder) taken.push(await takeOne(tx, wish, taker));
    return taken;
  });
}

async function takeOne(tx: StateDb, wish: ReserveWish, taker: Taker): Promise<ReserveTaken> {
  const { budgetId } = wish;
  const turn = await tx
    .updateTable('budgets')
    .set(eb => ({ reserve_turn: eb('reserve_turn', '+', 1) }))
    .where('budget_id', '=', budgetId)
    .executeTakeFirst();
  for (const { reserveId, usedNanos } of wish.settled) {
    await tx
      .updateTable('lease_reserves')
      .set({ amount_nanos: String(usedNanos) })
      .where('reserve_id', '=', reserveId)
      .execute();
  }
  const live = await tx
    .selectFrom('lease_reserves')
    .selectAll()
    .where('budget_id', '=', budgetId)
    .where('covers_until', '>', iso(wish.visibleUntilMs))
    .execute();
  const amount = turn.numUpdatedRows > 0n ? wish.amount(sumOf(live)) : 0n;
  if (amount <= 0n) return { budgetId, taken: null, live };
  const row = {
    reserve_id: randomUUID(),
    budget_id: budgetId,
    holder: taker.holder,
    amount_nanos: String(amount),
    taken_at: iso(taker.nowMs),
    covers_until: iso(taker.coversUntilMs),
  };
  await tx.insertInto('lease_reserves').values(row).execute();
  return { budgetId, taken: row, live: [...live, row] };
}

export function sumOf(rows: readonly Pick<LeaseReserveRow, 'amount_nanos'>[]): bigint {
  return rows.reduce((sum, row) => sum + BigInt(row.amount_nanos), 0n);
}

async function liveReserves(db: StateDb, ms: number): Promise<LeaseReserveRow[]> {
  return db.selectFrom('lease_reserves').selectAll().where('covers_until', '>', iso(ms)).execute();
}

/** Removes rows whose spend has long been visible to everybody. */
export async function forgetReserves(db: StateDb, coveredBeforeMs: number): Promise<void> {
  await db.deleteFrom('lease_reserves').where('covers_until', '<', iso(coveredBeforeMs)).execute();
}

/** The key that signs leases, made by whoever needs it first; the same for all processes. PKCS #8 DER, base64. */
export async function leaseKey(
  db: StateDb,
  nowMs: number,
): Promise<Pick<Selectable<LeaseKeyTable>, 'key_id' | 'private_key'>> {
  const slot = 'current';
  const read = () =>
    db.selectFrom('lease_keys').select(['key_id', 'private_key']).where('slot', '=', slot).executeTakeFirst();
  const known = await read();
  if (known) return known;
  const { privateKey } = generateKeyPairSync('ed25519');
  await db
    .insertInto('lease_keys')
    .values({
      slot,
      key_id: randomUUID(),
      private_key: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      created_at: iso(nowMs),
    })
    .onConflict(conflict => conflict.doNothing())
    .execute();
  const kept = await read();
  if (!kept) throw new Error('the key that signs leases could not be kept');
  return kept;
}

const iso = (ms: number) => new Date(ms).toISOString();
