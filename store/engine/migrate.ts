import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromPackageRoot } from '../package-root.ts';
import { type ClickHouse, type ClickHouseAddress, databaseName, openClickHouse } from './client.ts';

export interface MigrateOptions {
  /** Folder with `NNNN-name.sql` files; default: `store/schema`. */
  folder?: string;
  /** Numbers of the files to apply, for the schema of an earlier day; default: all. */
  only?: readonly number[];
}

/** The data was written by a newer program than this one; nothing has been changed. */
export class SchemaTooNewError extends Error {
  override name = 'SchemaTooNewError';
}

interface Migration {
  number: number;
  name: string;
  statements: string[];
  /** Of the statements; comments may change after the fact. */
  sha256: string;
}

/**
 * Brings the database to the newest schema, creating it where it is missing; returns the names of the files
 * applied now. A crash half-way repeats a file from its beginning, so its statements must bear repetition
 * (`IF NOT EXISTS`). Throws SchemaTooNewError, or an Error naming the file and statement that failed.
 */
export async function migrate(address: ClickHouseAddress, options: MigrateOptions = {}): Promise<string[]> {
  const all = await readMigrations(options.folder ?? fromPackageRoot('store/schema'));
  const { only } = options;
  const migrations = only ? all.filter(({ number }) => only.includes(number)) : all;
  const database = address.database ?? databaseName;
  // A connection to a database that does not exist yet is refused, so this one starts in `default`.
  const server = openClickHouse({ ...address, database: 'default' });
  try {
    await server.command('CREATE DATABASE IF NOT EXISTS {database:Identifier}', { database });
  } finally {
    await server.close();
  }
  const clickhouse = openClickHouse({ ...address, database });
  try {
    return await applyPending(clickhouse, migrations);
  } finally {
    await clickhouse.close();
  }
}

async function applyPending(clickhouse: ClickHouse, migrations: Migration[]): Promise<string[]> {
  await clickhouse.command(
    `CREATE TABLE IF NOT EXISTS schema_migrations
     (number UInt32, name String, sha256 String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
     ENGINE = ReplacingMergeTree ORDER BY number
     SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  );
  const applied = await clickhouse.query<{ number: number; name: string; sha256: string }>(
    'SELECT number, name, sha256 FROM schema_migrations FINAL ORDER BY number',
  );
  refuseForeignData(applied, migrations);
  const done = new Set(applied.map(row => row.number));
  const pending = migrations.filter(migration => !done.has(migration.number));
  for (const migration of pending) {
    await applyOne(clickhouse, migration);
  }
  return pending.map(migration => migration.name);
}

function refuseForeignData(
  applied: { number: number; name: string; sha256: string }[],
  migrations: Migration[],
): void {
  const newestKnown = Math.max(0, ...migrations.map(migration => migration.number));
  const tooNew = applied.filter(row => row.number > newestKnown).map(row => row.name);
  if (tooNew.length > 0) {
    throw new SchemaTooNewError(
      `This data was written by a newer Driftline (it has ${tooNew.join(', ')}). Start that version, or restore a backup made before the upgrade.`,
    );
  }
  for (const row of applied) {
    const migration = migrations.find(({ number }) => number === row.number);
    if (migration?.sha256 === row.sha256) continue;
    throw new Error(
      `Schema file ${row.name} is ${migration ? 'not the one this data was made with' : 'missing'}. ` +
        'An applied file stays as it is; a change to the schema is a new file.',
    );
  }
}

async function applyOne(
  clickhouse: ClickHouse,
  { number, name, sha256, statements }: Migration,
): Promise<void> {
  for (const [index, statement] of statements.entries()) {
    try {
      await clickhouse.command(statement);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${name}, statement ${index + 1} of ${statements.length}, failed: ${reason}`, {
        cause,
      });
    }
  }
  await clickhouse.insert('schema_migrations', [{ number, name, sha256 }]);
}

/** The migrations of a folder in order; refuses two files with one number. */
async function readMigrations(folder: string): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const name of (await readdir(folder)).filter(file => file.endsWith('.sql')).sort()) {
    const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1] ?? Number.NaN);
    if (!(number > 0)) throw new Error(`${join(folder, name)}: schema files are called 0001-some-name.sql`);
    if (migrations.some(migration => migration.number === number)) {
      throw new Error(`${folder} has two schema files with the number ${number}`);
    }
    const statements = splitStatements(await readFile(join(folder, name), 'utf8'));
    const sha256 = createHash('sha256').update(statements.join(';\n')).digest('hex');
    migrations.push({ number, name, statements, sha256 });
  }
  return migrations;
}

/** Statements of a schema file: a `;` at the end of a line ends one, lines that start with `--` are left out. */
export function splitStatements(sql: string): string[] {
  return sql
    .split('\n')
    .filter(line => !line.trimStart().startsWith('--'))
    .join('\n')
    .split(/;[ \t\r]*(?:\n|$)/)
    .map(statement => statement.trim())
    .filter(statement => statement !== '');
}
