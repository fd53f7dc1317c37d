import type { ClickHouseSettings } from '@clickhouse/client';
import type { ClickHouse } from './engine/client.ts';
import { answered } from './queries/calls-to-score.ts';
import { allJudgedCalls } from './queries/judged-calls.ts';
import { rolledColumns } from './queries/score-history.ts';
import { scoreSums } from './queries/score-sums.ts';

/** Hours since the epoch, UTC. */
type Hour = number;

export interface ScoreRollUp {
  /** Give this back as `since` next time: microseconds of the engine's clock when this one began, decimal. */
  begun: string;
  /** Hours that were computed again. */
  hours: number;
}

/** An insert may take a while to be seen: this much is looked at again. */
const overlapUs = 90_000_000n;
/** Hours of one statement: a long history is worked through a day at a time. */
const chunkHours = 24;

/** One thread, so that a long history leaves the engine to whoever looks at a page. */
const settings: ClickHouseSettings = {
  readonly: '0',
  max_threads: 1,
  max_execution_time: 120,
  max_memory_usage: '1000000000',
  max_bytes_before_external_group_by: '300000000',
  max_result_rows: '0',
  async_insert: 0,
  do_not_merge_across_partitions_select_final: 1,
  // Looking for conditions that follow from others takes longer than a day's statement takes without it, and there are none to find.
  optimize_and_compare_chain: 0,
};

/**
 * Computes score_stats_1h again for every hour whose calls or scores may have changed since `since`: also those of earlier calls of a
 * trace or session that goes on, since its score moves to the last one. `mayGoOn` is asked between days.
 */
export async function rollUpScores(
  clickhouse: ClickHouse,
  { projectId, since }: { projectId: string; since: string },
  mayGoOn: () => Promise<boolean> = async () => true,
): Promise<ScoreRollUp | null> {
  const [clock] = await clickhouse.query<{ now: string; sessions: 0 | 1 }>(CLOCK, { project: projectId });
  const from = BigInt(since) > overlapUs ? BigInt(since) - overlapUs : 0n;
  const changed = await clickhouse.query<{ hour: number }>(
    changedHours({ all: from === 0n, sessions: clock?.sessions === 1 }),
    { project: projectId, since: from.toString() },
    { settings },
  );
  const hours = changed.map(({ hour }) => hour).sort((one, other) => one - other);
  for (let at = 0; at < hours.length; ) {
    let end = at;
    while (end < hours.length && hours[end]! < hours[at]! + chunkHours) end += 1;
    if (!(await mayGoOn())) return null;
    await recompute(clickhouse, projectId, hours.slice(at, end));
    at = end;
  }
  return { begun: clock?.now ?? '0', hours: hours.length };
}

const CLOCK = `
SELECT toString(toUnixTimestamp64Micro(now64(6))) AS now,
  toUInt8((SELECT count() FROM (SELECT 1 FROM scores WHERE project_id = {project:String} AND target = 'session' LIMIT 1))) AS sessions`;

/** How far before its own time a score may reach back; texts, and with them what people can judge, are kept for less. */
const reachDays = 31;

/**
 * Deleted rows count as changed too: their hour must lose them. Scores are looked up near their own time first, which the order of
 * the table makes cheap, and only those that judge nothing there further back.
 */
function changedHours({ all, sessions }: { all: boolean; sessions: boolean }): string {
  const mine = 'project_id = {project:String}';
  const stored = `${mine} AND stored_at >= fromUnixTimestamp64Micro({since:Int64})`;
  const hoursAround = (table: string, time: string) =>
    `SELECT DISTINCT toStartOfHour(toDateTime(${time}, 'UTC')) + arrayJoin(range(49)) * 3600 - 86400 FROM ${table} WHERE ${stored}`;
  const near = (hours: string) => `toStartOfHour(start_time) IN (${hours})`;
  const nearScores = near(hoursAround('scores', 'time'));
  const within = `start_time >= (SELECT min(time) FROM scores WHERE ${stored}) - INTERVAL ${reachDays} DAY`;
  const judged = (column: string) => `SELECT ${column} FROM scores WHERE ${stored} AND ${column} != ''`;
  // Scores of what goes on: they move to its last call.
  const stirred = (column: string) =>
    `SELECT ${column} FROM scores WHERE ${mine} AND ${column} != ''
       AND ${column} IN (SELECT ${column} FROM calls WHERE ${stored} AND ${column} != '')`;
  const judgedBy = (column: string) => [
    `${nearScores} AND ${column} IN (${judged(column)})`,
    `${within} AND ${column} IN (${judged(column)} AND ${column} NOT IN
      (SELECT ${column} FROM calls WHERE ${mine} AND ${nearScores} AND ${column} IN (${judged(column)})))`,
  ];
  const conditions = all
    ? [stored]
    : [
        stored,
        ...judgedBy('trace_id'),
        ...judgedBy('response_id'),
        `${near(hoursAround('calls', 'start_time'))} AND trace_id IN (${stirred('trace_id')})`,
        ...(sessions
          ? [
              `${within} AND session IN (${judged('session')} AND target = 'session')`,
              `${within} AND session IN (${stirred('session')} AND target = 'session')`,
            ]
          : []),
      ];
  return conditions
    .map(
      condition => `SELECT DISTINCT toUInt32(intDiv(toUnixTimestamp(start_time), 3600)) AS hour FROM calls
        WHERE ${mine} AND ${condition}`,
    )
    .join(' UNION DISTINCT ');
}

const dimensions = rolledColumns.join(', ');
const sums = ['n', 'x', 'w', 'wx', 'wxx', 'ww', 'wwx', 'wwxx', 'min', 'max'];
const written = [
  ...['project_id', 'name', 'bucket', ...rolledColumns, 'calls'],
  ...sums.map(part => `known_${part}`),
  ...['unknown_n', 'unknown_x', 'unknown_xx', 'unknown_min', 'unknown_max', 'version'],
].join(', ');

// What is stored now is added with nothing in it, so that a row that is no more is written as empty.
const RECOMPUTE = `
INSERT INTO score_stats_1h (${written})
SELECT {project:String}, name, bucket, ${dimensions}, if(name = '', called, scored),
  ${sums.map(part => `known_${part}`).join(', ')}, unknown_n, unknown_x, unknown_wxx, unknown_min, unknown_max,
  toUnixTimestamp64Micro(now64(6))
FROM
(
  SELECT name, bucket, ${dimensions}, countIf(what = 'call') AS called, uniqExactIf((trace_id, span_id), what = 'score') AS scored,
    ${scoreSums('known', "what = 'score' AND probability > 0", '(1 / probability)')},
    ${scoreSums('unknown', "what = 'score' AND probability <= 0", '1.')}
  FROM
  (
    SELECT score_name AS name, toStartOfHour(toDateTime(start_time, 'UTC')) AS bucket, ${dimensions}, 'score' AS what, value,
      ifNull(probability, 0) AS probability, trace_id, span_id
    FROM (${allJudgedCalls([...rolledColumns, 'trace_id', 'span_id'])})
    UNION ALL
    SELECT '', toStartOfHour(toDateTime(start_time, 'UTC')), ${dimensions}, 'call', 0., 0., '', ''
    FROM calls FINAL
    WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} AND ${answered}
    UNION ALL
    SELECT name, bucket, ${dimensions}, 'before', 0., 0., '', ''
    FROM score_stats_1h
    WHERE project_id = {project:String} AND bucket >= toDateTime({from:DateTime64(3)}) AND bucket < toDateTime({to:DateTime64(3)})
  )
  WHERE has({hours:Array(UInt32)}, intDiv(toUnixTimestamp(bucket), 3600))
  GROUP BY name, bucket, ${dimensions}
)`;

async function recompute(clickhouse: ClickHouse, projectId: string, hours: readonly Hour[]): Promise<void> {
  const instant = (hour: Hour) => new Date(hour * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  const params = { project: projectId, hours, from: instant(hours[0]!), to: instant(hours.at(-1)! + 1) };
  await clickhouse.command(RECOMPUTE, params, { settings });
}
