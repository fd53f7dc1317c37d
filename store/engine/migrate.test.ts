import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { type ClickHouse, openClickHouse } from './client.ts';
import { migrate, SchemaTooNewError, splitStatements } from './migrate.ts';

let engine: TestEngine;
let clickhouse: ClickHouse;
let folder: string;
let database = 'scratch_0';
let databases = 0;

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-schema-'));
  database = `scratch_${++databases}`;
  clickhouse = openClickHouse({ ...address(), database });
});
afterEach(async () => {
  await clickhouse.close();
  await rm(folder, { recursive: true, force: true });
});

function address() {
  const { url, user, password } = engine;
  return { url, user, password, database };
}

function file(name: string, sql: string): Promise<void> {
  return writeFile(join(folder, name), sql);
}

const run = () => migrate(address(), { folder });
const tables = async () => {
  const rows = await clickhouse.query<{ name: string }>('SHOW TABLES');
  return rows.map(row => row.name).filter(name => name !== 'schema_migrations');
};
const table = (name: string) => `CREATE TABLE IF NOT EXISTS ${name} (n UInt8) ENGINE = MergeTree ORDER BY n`;

test('applies files in order, each once', async () => {
  await file('0002-second.sql', 'ALTER TABLE a ADD COLUMN m UInt8;');
  await file('0001-first.sql', `-- two statements\n${table('a')};\n\n${table('b')};\n`);
  await file('notes.md', 'not a migration');
  expect(await run()).toEqual(['0001-first.sql', '0002-second.sql']);
  expect(await run()).toEqual([]);
  await file('0003-third.sql', table('c'));
  expect(await run()).toEqual(['0003-third.sql']);
  expect(await tables()).toEqual(['a', 'b', 'c']);
});

test('a file that fails is named, and repeated as a whole the next time', async () => {
  await file('0001-first.sql', `${table('a')};\nCREATE TABLE broken (n Nonsense) ENGINE = Memory;`);
  await expect(run()).rejects.toThrow(/0001-first\.sql, statement 2 of 2, failed: .*Nonsense/s);
  await file('0001-first.sql', `${table('a')};\n${table('b')};`);
  expect(await run()).toEqual(['0001-first.sql']);
  expect(await tables()).toEqual(['a', 'b']);
});

test('refuses data of a newer program and leaves it alone', async () => {
  await file('0001-first.sql', table('a'));
  await file('0007-from-the-future.sql', table('b'));
  await run();
  await rm(join(folder, '0007-from-the-future.sql'));
  await file('0002-second.sql', table('c'));
  await expect(run()).rejects.toThrow(SchemaTooNewError);
  await expect(run()).rejects.toThrow('0007-from-the-future.sql');
  expect(await tables()).toEqual(['a', 'b']);
});

test('refuses an applied file that changed, but not a better comment', async () => {
  await file('0001-first.sql', table('a'));
  await run();
  await file('0001-first.sql', `-- what a is for\n${table('a')};\n`);
  expect(await run()).toEqual([]);
  await file('0001-first.sql', table('b'));
  await expect(run()).rejects.toThrow('0001-first.sql is not the one this data was made with');
});

test('refuses file names that leave the order open', async () => {
  await file('1-first.sql', table('a'));
  await expect(run()).rejects.toThrow('schema files are called 0001-some-name.sql');
  await rm(join(folder, '1-first.sql'));
  await file('0001-a.sql', table('a'));
  await file('0001-b.sql', table('b'));
  await expect(run()).rejects.toThrow('two schema files with the number 1');
});

test('a statement ends with a line, so a semicolon inside one is text', () => {
  expect(
    splitStatements("SELECT ';', 1;  \n-- a; comment;\n  -- another\nSELECT 2\n;\r\n\nSELECT 3"),
  ).toEqual(["SELECT ';', 1", 'SELECT 2', 'SELECT 3']);
});
