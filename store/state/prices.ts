import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { PriceTable } from './schema.ts';

export type PriceRow = Selectable<PriceTable>;

const rowsPerStatement = 500;

/** All prices, each model's oldest first. */
export async function listPrices(db: StateDb): Promise<PriceRow[]> {
  return db
    .selectFrom('prices')
    .selectAll()
    .orderBy('provider')
    .orderBy('model')
    .orderBy('valid_from')
    .execute();
}

/** Adds the prices whose id is not known yet; the others, and what an earlier price says, stay as they are. */
export async function addPrices(db: StateDb, rows: readonly PriceRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await db
      .insertInto('prices')
      .values(rows.slice(at, at + rowsPerStatement))
      .onConflict(conflict => conflict.doNothing())
      .execute();
  }
}

/** Ends a price at the day its successor begins. */
export async function endPrice(db: StateDb, priceId: string, validTo: string): Promise<void> {
  await db.updateTable('prices').set({ valid_to: validTo }).where('price_id', '=', priceId).execute();
}
