import type { ClickHouse } from '../engine/client.ts';

const SQL = `
SELECT toString(sum(newest_block)) AS mark
FROM
(
    SELECT max(max_block_number) AS newest_block
    FROM system.parts
    WHERE database = currentDatabase() AND active AND table IN ('spans', 'calls', 'scores')
    GROUP BY table
)`;

/**
 * A mark that changes with every insert of spans, calls or scores, and not with merges. Reads part names only, so it may
 * be asked twice a second.
 */
export async function storedMark(clickhouse: ClickHouse): Promise<string> {
  const [row] = await clickhouse.query<{ mark: string }>(SQL);
  return row?.mark ?? '0';
}
