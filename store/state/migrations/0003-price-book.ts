import { type Kysely, sql } from 'kysely';

/**
 * The price book as a list of statements that only grows: who said them and why, the end of a price as a statement of its own,
 * further names of models, negotiated prices and exchange rates.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `ALTER TABLE prices ADD COLUMN region text NOT NULL DEFAULT ''`,
  `ALTER TABLE prices ADD COLUMN ended integer NOT NULL DEFAULT 0`,
  `ALTER TABLE prices ADD COLUMN noted_by text NOT NULL DEFAULT ''`,
  `ALTER TABLE prices ADD COLUMN note text NOT NULL DEFAULT ''`,
  `CREATE TABLE price_aliases (
    provider text NOT NULL, model text NOT NULL, alias text NOT NULL, known_from text NOT NULL,
    removed integer NOT NULL, noted_by text NOT NULL, note text NOT NULL,
    PRIMARY KEY (provider, model, alias, known_from))`,
  `CREATE TABLE price_overlays (
    overlay_id text NOT NULL, version integer NOT NULL, project_id text NOT NULL, known_from text NOT NULL,
    withdrawn integer NOT NULL, terms text NOT NULL, noted_by text NOT NULL, note text NOT NULL,
    PRIMARY KEY (overlay_id, version))`,
  `CREATE TABLE exchange_rates (
    currency text NOT NULL, day text NOT NULL, usd_per_unit text NOT NULL, known_from text NOT NULL,
    source text NOT NULL, noted_by text NOT NULL, note text NOT NULL,
    PRIMARY KEY (currency, day, known_from))`,
  // One row: whoever changes the book takes it first, so changes take turns and each is known later than the one before.
  `CREATE TABLE price_revision (
    book text PRIMARY KEY, revision integer NOT NULL, changed_at text)`,
  `INSERT INTO price_revision (book, revision, changed_at)
    SELECT 'prices', 0, max(known_from) FROM prices`,
];
