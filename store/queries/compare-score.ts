import { defectScores } from '#contract/score.ts';
import type { ClickHouse } from '../engine/client.ts';
import { isoToStore } from './time.ts';

interface Range {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
}

/** What most calls have now is what a year is looked at by. */
const recentMs = 31 * 86_400_000;

/**
 * The score most calls of a range have, of a long one in its last 31 days if there are any; judged ones before rules, which see one side
 * only, and before feedback, which is sparse and on another scale. Null without any.
 */
export async function mostFrequentScore(clickhouse: ClickHouse, range: Range): Promise<string | null> {
  const recent = { ...range, fromMs: Math.max(range.fromMs, range.toMs - recentMs) };
  const found = await mostFrequent(clickhouse, recent);
  return found ?? (recent.fromMs > range.fromMs ? mostFrequent(clickhouse, range) : null);
}

async function mostFrequent(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: Range,
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
