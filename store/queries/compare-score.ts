import { defectScores } from '#contract/score.ts';
import type { ClickHouse } from '../engine/client.ts';
import { isoToStore } from './time.ts';

/**
 * The score most calls of a range have; judged ones before rules, which see one side only, and before feedback, which is sparse and on
 * another scale. Null without any.
 */
export async function mostFrequentScore(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: { projectId: string; fromMs: number; toMs: number },
): Promise<string | null> {
  const [row] = await clickhouse.query<{ name: string }>(
    `SELECT name FROM scores FINAL
     WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)} + INTERVAL 1 DAY
       AND isNotNull(value) AND target != 'session' AND name NOT IN {defects:Array(String)}
     GROUP BY name ORDER BY name LIKE 'user\\_%', min(rater = 'rule'), count() DESC, name LIMIT 1`,
    { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs), defects: defectScores },
  );
  return row?.name ?? null;
}
