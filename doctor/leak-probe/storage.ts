import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';

/** Something that can be read from end to end, by a name for people. */
export interface Stored {
  name: string;
  read(): AsyncIterable<Uint8Array>;
}

/** Every file below a folder, byte for byte. One that goes away meanwhile is empty. */
export function filesBelow(folder: string, below = folder): Stored[] {
  return entriesOf(folder).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, below);
    return entry.isFile() ? [{ name: relative(below, path), read: () => bytesOf(path) }] : [];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    // What is written while it is read belongs to the next look.
    const { size } = statSync(path);
    if (size > 0) yield* createReadStream(path, { highWaterMark: 1_048_576, end: size - 1 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** How to reach the ClickHouse whose data folder is looked through. */
interface Engine {
  url: string;
  user: string;
  password: string;
}

/** The engine that runs on a data folder. */
export function engineOf(dataDir: string): Engine {
  const written = JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8')) as Record<string, string>;
  const { clickhouseUrl: url = '', clickhouseUser: user = '', clickhousePassword: password = '' } = written;
  return { url, user, password };
}

/**
 * Every row of every table, as the engine answers: its files are compressed, so that no text could be found in them. Its
 * own logs of queries are tables as well.
 */
export async function tablesOf(engine: Engine): Promise<Stored[]> {
  const list = await query(
    engine,
    `SELECT database, name FROM system.tables
     WHERE (database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') OR name LIKE '%_log')
       AND engine LIKE '%MergeTree' ORDER BY database, name FORMAT TSVRaw`,
  );
  const rows = (await list.text()).split('\n').filter(row => row !== '');
  return rows.map(row => {
    const [database, table] = row.split('\t') as [string, string];
    const name = `${quoted(database)}.${quoted(table)}`;
    return {
      name: `table ${database}.${table}`,
      async *read() {
        const answer = await query(engine, `SELECT * FROM ${name} FORMAT TSVRaw`);
        if (answer.body) yield* Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
      },
    };
  });
}

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;

async function query({ url, user, password }: Engine, sql: string): Promise<Response> {
  const headers = { 'x-clickhouse-user': user, 'x-clickhouse-key': password };
  const response = await fetch(url, { method: 'POST', headers, body: sql });
  if (!response.ok) throw new Error(`the engine refused to read a table: ${await response.text()}`);
  return response;
}
