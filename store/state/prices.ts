import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { PriceAliasTable, PriceTable } from './schema.ts';

export type PriceRow = Selectable<PriceTable>;
export type PriceAliasRow = Selectable<PriceAliasTable>;

const rowsPerStatement = 500;

/** Everything ever said about prices, each model's earliest validity first, of one validity the earliest knowledge. */
export async function listPrices(db: StateDb): Promise<PriceRow[]> {
  return db
    .selectFrom('prices')
    .selectAll()
    .orderBy('provider')
    .orderBy('model')
    .orderBy('region')
    .orderBy('valid_from')
    .orderBy('known_from')
    .execute();
}

/** Writes further statements down. Rejects, writing none, when one's id is taken: what was said stays as it is. */
export async function addPrices(db: StateDb, rows: readonly PriceRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await db
      .insertInto('prices')
      .values(rows.slice(at, at + rowsPerStatement))
      .execute();
  }
}

/** Everything ever said about names of models, the earliest first. */
export async function listPriceAliases(db: StateDb): Promise<PriceAliasRow[]> {
  return db
    .selectFrom('price_aliases')
    .selectAll()
    .orderBy('known_from')
    .orderBy('provider')
    .orderBy('model')
    .orderBy('alias')
    .execute();
}

export async function addPriceAliases(db: StateDb, rows: readonly PriceAliasRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await db
      .insertInto('price_aliases')
      .values(rows.slice(at, at + rowsPerStatement))
      .execute();
  }
}

export interface PriceRevision {
  /** Grows with every change of prices, names, overlays and rates. */
  revision: number;
  /** ISO 8601; null before the first. */
  changedAt: string | null;
}

/** One row: cheap enough to ask for every few seconds. */
export async function readPriceRevision(db: StateDb): Promise<PriceRevision> {
  const row = await db
    .selectFrom('price_revision')
    .select(['revision', 'changed_at'])
    .where('book', '=', 'prices')
    .executeTakeFirstOrThrow();
  return { revision: row.revision, changedAt: row.changed_at };
}

/**
 * Runs `change` in a transaction of its own while nobody else can change the price book. `knownFrom` is now, and later than
 * anything known so far. When `change` answers null it has written nothing and the revision stays.
 */
export async function changePriceBook<T>(
  db: StateDb,
  nowMs: number,
  change: (transaction: StateDb, knownFrom: string, before: PriceRevision) => Promise<T | null>,
): Promise<T | null> {
  return db.transaction().execute(async transaction => {
    const { changedAt, revision } = await takeTurn(transaction);
    const before = { revision: revision - 1, changedAt };
    const knownMs = changedAt === null ? nowMs : Math.max(nowMs, Date.parse(changedAt) + 1);
    const knownFrom = new Date(knownMs).toISOString();
    const result = await change(transaction, knownFrom, before);
    const after = result === null ? before : { revision, changedAt: knownFrom };
    await transaction
      .updateTable('price_revision')
      .set({ revision: after.revision, changed_at: after.changedAt })
      .where('book', '=', 'prices')
      .execute();
    return result;
  });
}

/** The update holds the row until the transaction ends: whoever comes next waits here. */
async function takeTurn(transaction: StateDb): Promise<PriceRevision> {
  await transaction
    .updateTable('price_revision')
    .set(row => ({ revision: row('revision', '+', 1) }))
    .where('book', '=', 'prices')
    .execute();
  return readPriceRevision(transaction);
}
