import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { ExchangeRateTable } from './schema.ts';

export type ExchangeRateRow = Selectable<ExchangeRateTable>;

const rowsPerStatement = 500;

/** Every rate ever noted, each currency's earliest day first, of one day the earliest knowledge. */
export async function listExchangeRates(db: StateDb): Promise<ExchangeRateRow[]> {
  return db
    .selectFrom('exchange_rates')
    .selectAll()
    .orderBy('currency')
    .orderBy('day')
    .orderBy('known_from')
    .execute();
}

/** The rates as known at a time (ISO 8601), one a currency and day. */
export function ratesKnownAt(rows: readonly ExchangeRateRow[], knownAt: string): ExchangeRateRow[] {
  const latest = new Map<string, ExchangeRateRow>();
  for (const row of rows) {
    const key = `${row.currency} ${row.day}`;
    const known = latest.get(key);
    if (row.known_from <= knownAt && (!known || known.known_from < row.known_from)) latest.set(key, row);
  }
  return [...latest.values()];
}

export async function addExchangeRates(db: StateDb, rows: readonly ExchangeRateRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await db
      .insertInto('exchange_rates')
      .values(rows.slice(at, at + rowsPerStatement))
      .execute();
  }
}
