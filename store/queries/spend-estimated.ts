import type { ClickHouse } from '../engine/client.ts';
import { partParams, partSql, type SpendPart } from './export-spend.ts';

/** Calls of a part whose tokens the sender estimated, and how many tokens these were. Reads rows that have any and nothing else. */
export async function readEstimated(
  clickhouse: ClickHouse,
  part: SpendPart,
): Promise<{ calls: number; tokens: number }> {
  const [row] = await clickhouse.query<{ calls: string; tokens: string }>(
    `SELECT sum(estimated_calls) AS calls, sum(estimated_tokens) AS tokens FROM spend_15m ${partSql(part)} AND estimated_calls != 0`,
    partParams(part),
  );
  return { calls: Number(row?.calls ?? 0), tokens: Number(row?.tokens ?? 0) };
}
