import type { ClickHouse } from '../engine/client.ts';

/** A part of a table that the engine could not read when it started and has set aside, in `detached`. */
export interface BrokenPart {
  table: string;
  name: string;
}

const SQL = `
SELECT table, replaceRegexpOne(name, '^broken[a-z-]*_', '') AS name
FROM system.detached_parts
WHERE database = currentDatabase() AND startsWith(reason, 'broken')
ORDER BY table, name`;

/** Rows of these parts are missing from every answer until the part is restored from a backup or dropped. */
export function brokenParts(clickhouse: ClickHouse, options: { signal: AbortSignal }): Promise<BrokenPart[]> {
  return clickhouse.query<BrokenPart>(SQL, {}, options);
}
