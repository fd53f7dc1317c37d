import type { ClickHouse } from '../engine/client.ts';

/** Texts of corrections by the id of their score; those taken back are missing. */
export async function correctionTexts(
  clickhouse: ClickHouse,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await clickhouse.query<{ score_id: string; explanation: string }>(
    `SELECT score_id, argMax(explanation, version) AS explanation FROM scores FINAL
     WHERE project_id = {project:String} AND score_id IN {ids:Array(String)} GROUP BY score_id`,
    { project: projectId, ids },
  );
  return new Map(rows.map(row => [row.score_id, row.explanation]));
}
