import { Kysely, Migrator } from 'kysely';
import { migrations } from './migrations/index.ts';
import { postgresDialect } from './postgres.ts';
import type { State } from './schema.ts';
import { sqliteDialect } from './sqlite.ts';

/** The state database, or a transaction of it: every question accepts both. */
export type StateDb = Kysely<State>;

/**
 * Opens the state database with its newest schema: SQLite in the data folder, or PostgreSQL. Any number of processes may
 * open it at once, also for the first time. Close it with `destroy()`.
 */
export async function openState(options: {
  dataDir: string;
  databaseUrl?: string | undefined;
  /** For a process whose writes may be lost in a power cut, but whose event loop must not wait for the disk. */
  neverWaitForDisk?: boolean;
}): Promise<StateDb> {
  try {
    const dialect = options.databaseUrl
      ? await postgresDialect(options.databaseUrl)
      : sqliteDialect(options.dataDir, options.neverWaitForDisk);
    return await migrated(new Kysely<State>({ dialect }));
  } catch (cause) {
    const where = options.databaseUrl ? 'DATABASE_URL' : `${options.dataDir}/state.db`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the state database (${where}) could not be opened: ${reason}`, { cause });
  }
}

async function migrated(db: StateDb): Promise<StateDb> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (!error) return db;
  await db.destroy();
  throw error;
}
