import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouse } from '../engine/client.ts';

/** A part of a table that the engine could not read when it started and has set aside, in `detached`. */
export interface BrokenPart {
  table: string;
  name: string;
  /** How many it had; null where its own count cannot be read, or is on another machine. */
  rows: number | null;
}

const SQL = `
SELECT table, replaceRegexpOne(name, '^broken[a-z-]*_', '') AS name, path
FROM system.detached_parts
WHERE database = currentDatabase() AND startsWith(reason, 'broken')
ORDER BY table, name`;

/** Rows of these parts are missing from every answer until the part is restored from a backup or dropped. */
export async function brokenParts(
  clickhouse: ClickHouse,
  options: { signal: AbortSignal },
): Promise<BrokenPart[]> {
  const parts = await clickhouse.query<{ table: string; name: string; path: string }>(SQL, {}, options);
  return Promise.all(parts.map(async ({ table, name, path }) => ({ table, name, rows: await rowsOf(path) })));
}

/** A part says in a file of its own how many rows it has. */
async function rowsOf(path: string): Promise<number | null> {
  try {
    const text = await readFile(join(path, 'count.txt'), 'utf8');
    return /^\d+$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}
