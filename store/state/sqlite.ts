import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import Database from 'libsql';

/** How long a statement waits for another connection's write before it fails with SQLITE_BUSY. */
const waitMs = 10_000;
const pollMs = 5;

/**
 * The state database as a file in the data folder, shared by every process that opens it. What a connection writes is on
 * stable storage when it is told so, unless `neverWaitForDisk`: then a power cut may take back its last writes, and
 * the event loop is never kept by the disk.
 */
export function sqliteDialect(dataDir: string, neverWaitForDisk = false): Dialect {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'state.db');
  // It holds secrets; the files that SQLite puts beside it get the same mode.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const database = new Database(file);
  const dialect = new SqliteDialect({ database });
  return {
    createAdapter: () => new SharedFileAdapter(),
    createDriver: () => new PatientDriver(database, neverWaitForDisk),
    createIntrospector: db => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

/**
 * Waits for other connections without blocking the process: SQLite's own busy timeout would stop the event loop, and
 * with it the very transaction that is waited for when that one is ours. Only BEGIN IMMEDIATE ever has to wait: what
 * holds the write lock from its first statement cannot be refused later. It runs through exec() because a prepared
 * statement that was refused stays unfinished in libsql and blocks the commit of the next transaction.
 */
class PatientDriver extends SqliteDriver {
  readonly #database: Database.Database;
  readonly #neverWaitForDisk: boolean;

  constructor(database: Database.Database, neverWaitForDisk: boolean) {
    super({ database });
    this.#database = database;
    this.#neverWaitForDisk = neverWaitForDisk;
  }

  override async init(): Promise<void> {
    await super.init();
    await whileBusy(() => this.#database.exec('PRAGMA journal_mode = wal'));
    if (this.#neverWaitForDisk) {
      // Checkpoints, which sync in either mode, are left to the other processes.
      this.#database.exec('PRAGMA synchronous = normal; PRAGMA wal_autocheckpoint = 0');
    } else this.#database.exec('PRAGMA synchronous = full');
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: query => this.#execute(connection, query),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }

  async #execute<Row>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#database.inTransaction || isRead(query)) return connection.executeQuery<Row>(query);
    await this.beginTransaction();
    try {
      const result = await connection.executeQuery<Row>(query);
      await this.commitTransaction();
      return result;
    } catch (error) {
      await this.rollbackTransaction();
      throw error;
    }
  }

  override async beginTransaction(): Promise<void> {
    await whileBusy(() => this.#database.exec('begin immediate'));
  }

  override async commitTransaction(): Promise<void> {
    this.#database.exec('commit');
  }

  override async rollbackTransaction(): Promise<void> {
    // A full disk ends the transaction by itself.
    if (this.#database.inTransaction) this.#database.exec('rollback');
  }
}

function isRead(query: CompiledQuery): boolean {
  return query.query.kind === 'SelectQueryNode' || /^\s*(select|pragma)\b/i.test(query.sql);
}

async function whileBusy(act: () => unknown): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    try {
      act();
      return;
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
