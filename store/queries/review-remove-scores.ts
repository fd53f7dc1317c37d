import type { ClickHouse } from '../engine/client.ts';

/** Takes scores back, by id; whatever is not there is left alone. */
export async function removeScores(
  clickhouse: ClickHouse,
  { projectId, ids, nowMs }: { projectId: string; ids: readonly string[]; nowMs: number },
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await clickhouse.query<Record<string, unknown>>(
    `SELECT * EXCEPT (stored_at) FROM scores FINAL
     WHERE project_id = {project:String} AND score_id IN {ids:Array(String)}`,
    { project: projectId, ids },
  );
  const removed = rows.map(row => ({ ...row, is_deleted: 1, version: String(nowMs * 1000) }));
  await clickhouse.insert('scores', removed);
}
