import { randomBytes } from 'node:crypto';
import { existsSync, readlinkSync } from 'node:fs';
import { rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { quietLog } from '../../test/support/engine.ts';
import { preparedDataDir } from '../../test/support/prepared-engine.ts';
import { type ClickHouse, openClickHouse } from './client.ts';
import { type EnginePaths, enginePaths } from './config-files.ts';
import { definitionRepairs } from './definitions.ts';
import { migrate } from './migrate.ts';
import { type Engine, startEngine } from './supervise.ts';

let dataDir: string;
let paths: EnginePaths;
let engine: Engine;
let clickhouse: ClickHouse;

beforeEach(async () => {
  dataDir = await preparedDataDir('driftline-definitions-');
  paths = enginePaths(dataDir);
  await start();
  await migrate(engine);
});
afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  engine = await startEngine({ dataDir, maxMemoryBytes: 1e9, log: quietLog });
  await engine.ready;
  clickhouse = openClickHouse(engine);
}

async function stop(): Promise<void> {
  await clickhouse.close();
  await engine.stop();
}

const start_time = '2026-11-20 10:00:00.000000000';
const spans = ['a', 'b', 'c'].map(span_id => ({
  project_id: 'p',
  start_time,
  trace_id: 't',
  span_id,
  version: 1,
}));

/** Where the engine keeps the definition of each table. */
async function definitionFiles(): Promise<(table: string) => string> {
  const rows = await clickhouse.query<{ name: string; path: string }>(
    'SELECT name, metadata_path AS path FROM system.tables WHERE database = currentDatabase()',
  );
  return table => join(paths.store, rows.find(({ name }) => name === table)!.path);
}

const definitions = () =>
  clickhouse.query(
    'SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name',
  );
const count = async (table: string) =>
  Number((await clickhouse.query<{ n: string }>(`SELECT count() AS n FROM ${table}`))[0]!.n);

test('definitions that are empty, cut, noise or gone are made anew, with all data', async () => {
  await clickhouse.insert('spans', spans);
  await clickhouse.insert('calls', spans);
  await clickhouse.insert('tool_calls', spans);
  const before = await definitions();
  const file = await definitionFiles();
  await stop();
  await truncate(file('spans'), 300);
  await truncate(file('calls'), 0);
  await unlink(file('tool_calls'));
  await writeFile(file('schema_migrations'), randomBytes(2_000));
  await truncate(join(paths.store, 'metadata', 'driftline.sql'), 0);

  await start();
  expect(await Promise.all(['spans', 'calls', 'tool_calls'].map(count))).toEqual([3, 3, 3]);
  expect(await definitions()).toEqual(before);
  expect(await migrate(engine)).toEqual([]);
  const repairs = definitionRepairs(paths);
  expect(repairs.map(({ table, outcome }) => [table, outcome])).toEqual([
    ['calls', 'attached'],
    ['schema_migrations', 'attached'],
    ['spans', 'attached'],
    ['tool_calls', 'attached'],
  ]);
  // What could not be read is kept for a person to look at.
  expect(repairs.map(({ definition }) => definition !== null && existsSync(definition))).toEqual([
    true,
    true,
    true,
    false,
  ]);

  // And it is a table like any other afterwards: it takes rows, and survives a start.
  await clickhouse.insert('spans', [{ ...spans[0], span_id: 'd' }]);
  await stop();
  await start();
  expect(await count('spans')).toBe(4);
  expect(definitionRepairs(paths)).toEqual(repairs);
});

test('data that cannot be attached stays where it is, and new rows have a place', async () => {
  await clickhouse.insert('spans', spans);
  await clickhouse.command('CREATE TABLE of_a_visitor (n UInt8) ENGINE = MergeTree ORDER BY n');
  await clickhouse.insert('of_a_visitor', [{ n: 1 }]);
  const file = await definitionFiles();
  await stop();
  await truncate(file('spans'), 10);
  await truncate(file('of_a_visitor'), 10);
  const data = await damageData('spans');

  await start();
  await clickhouse.insert('spans', spans.slice(0, 1));
  expect(await count('spans')).toBe(1);
  expect(definitionRepairs(paths)).toMatchObject([
    { table: 'of_a_visitor', outcome: 'unknown' },
    { table: 'spans', outcome: 'empty', data },
  ]);
  expect(existsSync(data)).toBe(true);
});

/** Puts a format version there that no engine can read; the folder it is in. */
async function damageData(table: string): Promise<string> {
  const links = join(paths.store, 'data', 'driftline');
  const data = join(links, readlinkSync(join(links, table)));
  await writeFile(join(data, 'format_version.txt'), 'none');
  return data;
}
