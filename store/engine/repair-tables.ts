import { join } from 'node:path';
import { type ClickHouse, type ClickHouseAddress, databaseName, openClickHouse } from './client.ts';
import type { EnginePaths } from './config-files.ts';
import { type DefinitionRepair, noteRepair, tablesWithData } from './definitions.ts';
import { migrate } from './migrate.ts';

// Where the schema is applied once more, to see how the engine writes the definition of a table.
const scratch = 'driftline_repair';
const migrations = 'schema_migrations';

/**
 * Makes the definitions anew of tables that have data but no definition any more, from the schema that the data was made
 * with, and attaches the data where it lies. Repeating it after a crash half-way is safe. Resolves with what was repaired.
 */
export async function repairTables(
  address: ClickHouseAddress,
  paths: EnginePaths,
): Promise<DefinitionRepair[]> {
  const withData = tablesWithData(paths, databaseName);
  if (withData.size === 0) return [];
  const clickhouse = openClickHouse({ ...address, database: 'default' });
  try {
    const known = await tablesOf(clickhouse, databaseName);
    const lost = [...withData].filter(([name]) => !known.has(name));
    return lost.length > 0 ? await repair(clickhouse, address, paths, new Map(lost)) : [];
  } finally {
    await clickhouse.close();
  }
}

async function repair(
  clickhouse: ClickHouse,
  address: ClickHouseAddress,
  paths: EnginePaths,
  lost: ReadonlyMap<string, string>,
): Promise<DefinitionRepair[]> {
  const repairs: DefinitionRepair[] = [];
  const attachAll = async (names: readonly string[]) => {
    const definitions = await tablesOf(clickhouse, scratch);
    for (const table of names) {
      const uuid = lost.get(table)!;
      const outcome = await attach(clickhouse, table, definitions.get(table), uuid);
      repairs.push(
        noteRepair(paths, { table, outcome, data: join(paths.store, 'store', uuid.slice(0, 3), uuid) }),
      );
    }
  };
  const schema = { ...address, database: scratch };
  await dropScratch(clickhouse);
  try {
    // First the table that says which schema the data of the others was made with.
    await migrate(schema, { only: [] });
    if (lost.has(migrations)) await attachAll([migrations]);
    await migrate(schema, { only: await appliedMigrations(clickhouse) });
    await attachAll([...lost.keys()].filter(name => name !== migrations));
  } finally {
    await dropScratch(clickhouse);
  }
  return repairs;
}

async function attach(
  clickhouse: ClickHouse,
  table: string,
  definition: string | undefined,
  uuid: string,
): Promise<DefinitionRepair['outcome']> {
  const head = `CREATE TABLE ${scratch}.${table} `;
  if (!definition?.startsWith(head)) return 'unknown';
  const body = definition.slice(head.length);
  try {
    await clickhouse.command(`ATTACH TABLE ${databaseName}.${table} UUID '${uuid}' ${body}`);
    return 'attached';
  } catch {
    // The data is damaged as well: new rows must have a place all the same, and the old ones stay where they are.
    await clickhouse.command(`CREATE TABLE ${databaseName}.${table} ${body}`);
    return 'empty';
  }
}

/** The definitions of a database, by table. */
async function tablesOf(clickhouse: ClickHouse, database: string): Promise<Map<string, string>> {
  const rows = await clickhouse.query<{ name: string; definition: string }>(
    `SELECT name, create_table_query AS definition FROM system.tables WHERE database = {database:String}`,
    { database },
  );
  return new Map(rows.map(({ name, definition }) => [name, definition]));
}

async function appliedMigrations(clickhouse: ClickHouse): Promise<number[]> {
  const rows = await clickhouse.query<{ number: number }>(
    `SELECT number FROM ${databaseName}.${migrations} FINAL`,
  );
  return rows.map(({ number }) => number);
}

function dropScratch(clickhouse: ClickHouse): Promise<void> {
  return clickhouse.command(`DROP DATABASE IF EXISTS ${scratch} SYNC`);
}
