import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import Database from 'libsql';

/** How long a statement waits for another connection's write before it fails with SQLITE_BUSY. */
const waitMs = 10_000;
const pollMs = 5;

/** The state database as a file in the data folder, shared by every process that opens it. */
export function sqliteDialect(dataDir: string): Dialect {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const open = async () => {
    const database = new Database(join(dataDir, 'state.db'));
    await whileBusy(() => database.pragma('journal_mode = wal'));
    database.pragma('synchronous = full');
    return database;
  };
  const dialect = new SqliteDialect({ database: open });
  return {
    createAdapter: () => new SharedFileAdapter(),
    createDriver: () => new PatientDriver({ database: open }),
    createIntrospector: db => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

/**
 * Waits for other connections without blocking the process: SQLite's own busy timeout would stop the event loop, and
 * with it the very transaction that is waited for when that one is ours. A busy statement has done nothing yet.
 */
class PatientDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: query => whileBusy(() => connection.executeQuery(query)),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }

  /**
   * Takes the write lock at once: a transaction that reads first and writes later would fail, without waiting, when
   * another connection wrote in between.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

async function whileBusy<T>(act: () => T | Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    try {
      return await act();
    } catch (error) {
      if (waitedMs >= waitMs || !isBusy(error)) throw error;
      await sleep(pollMs);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** Runs all migrations in one (immediate) transaction, which is what makes two starts at once take turns. */
class SharedFileAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
