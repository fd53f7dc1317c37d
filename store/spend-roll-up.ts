import type { ClickHouseSettings } from '@clickhouse/client';
import type { ClickHouse } from './engine/client.ts';
import { spendKeys, spendMap, spendNumbers } from './queries/spend-columns.ts';
import { type KnownRepricings, spendOfCalls } from './queries/spend-of-calls.ts';

/** Hours since the epoch, UTC: what is computed again at once. An hour is the unit because a call may move within its own. */
export type Hour = number;

/** Time whose days are frozen: Unix seconds [from, to), on quarters of an hour. */
export type Frozen = readonly [fromS: number, toS: number];

export interface SpendScope {
  projectId: string;
  frozen: readonly Frozen[];
  /** What one statement may use; 1 GB by default. More than that fails with ClickHouse's error 241 and changes nothing. */
  memoryBytes?: number | undefined;
}

/** One thread, so that a long computation leaves the engine to whoever looks at a page. */
export const rollUpSettings: ClickHouseSettings = {
  readonly: '0',
  max_threads: 1,
  max_execution_time: 300,
  max_memory_usage: '1000000000',
  max_bytes_before_external_group_by: '300000000',
  max_result_rows: '0',
  async_insert: 0,
  do_not_merge_across_partitions_select_final: 1,
  max_partitions_per_insert_block: '0',
  // The smaller sums of a block are made in memory beside it: a million rows, the default, would need more than there is.
  min_insert_block_size_rows: '65536',
  min_insert_block_size_bytes: '0',
};

const settingsOf = ({ memoryBytes }: SpendScope): ClickHouseSettings =>
  memoryBytes === undefined
    ? rollUpSettings
    : {
        ...rollUpSettings,
        max_memory_usage: String(memoryBytes),
        max_bytes_before_external_group_by: String(Math.floor(0.3 * memoryBytes)),
      };

const sums = [...spendNumbers, spendMap];
const columns = ['project_id', 'bucket', 'origin', 'entry', 'reason', ...spendKeys, ...sums];
const COLUMNS = columns.join(', ');

const hourOf = (column: string) => `intDiv(toUnixTimestamp(${column}), 3600)`;
const IS_FROZEN = (column: string) =>
  `arrayExists(part -> toUnixTimestamp(${column}) >= part.1 AND toUnixTimestamp(${column}) < part.2, {frozen:Array(Tuple(UInt32, UInt32))})`;
const inHours = (column: string) =>
  `${column} >= toDateTime({from:UInt32}, 'UTC') AND ${column} < toDateTime({to:UInt32}, 'UTC') AND ${hourOf(column)} IN {hours:Array(UInt32)}`;

/**
 * Computes some hours again and swaps the days they lie in, or adds to them when nothing was known of these hours; frozen
 * quarters stay as they are. What is under way when the process dies is in `spend_15m_next` only, which the next run empties.
 * Only one run may be under way: `stillMine` is asked right before each day is swapped; when it says no the answer is false,
 * and the rest is left to the other run.
 */
export async function rollUpHours(
  clickhouse: ClickHouse,
  scope: SpendScope,
  hours: readonly Hour[],
  stillMine: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  if (hours.length === 0) return true;
  const { projectId, frozen } = scope;
  const settings = settingsOf(scope);
  const params = { ...spanOf(hours), project: projectId, hours, frozen: tuples(frozen) };
  const days = daysOf(hours);
  const areNew = await areUnknown(clickhouse, params);
  const repriced = await knownRepricings(clickhouse, params);
  await clickhouse.command('TRUNCATE TABLE spend_15m_next', {}, { settings });
  await clickhouse.command(
    areNew ? compute(repriced) : `${compute(repriced)}${KEEP_THE_REST}`,
    { ...params, days },
    { settings },
  );
  const staged = await clickhouse.query<{ day: number }>(
    'SELECT DISTINCT toYYYYMMDD(bucket) AS day FROM spend_15m_next',
  );
  const full = new Set(staged.map(({ day }) => day));
  const changes = areNew
    ? [...full].map(day => `ATTACH PARTITION ${day} FROM spend_15m_next`)
    : days.map(day =>
        full.has(day) ? `REPLACE PARTITION ${day} FROM spend_15m_next` : `DROP PARTITION ${day}`,
      );
  for (const change of changes) {
    if (!(await stillMine())) return false;
    await clickhouse.command(`ALTER TABLE spend_15m ${change}`, {}, { settings });
  }
  return true;
}

/**
 * Whether the ledger has nothing of these hours, as in a long history that is worked through for the first time: then the
 * rest of their days need not be written again. A run that died between two days finds rows, and swaps.
 */
async function areUnknown(clickhouse: ClickHouse, params: Record<string, unknown>): Promise<boolean> {
  const found = await clickhouse.query(
    `SELECT 1 FROM spend_15m WHERE project_id = {project:String} AND ${inHours('bucket')} LIMIT 1`,
    params,
    { settings: rollUpSettings },
  );
  return found.length === 0;
}

async function knownRepricings(
  clickhouse: ClickHouse,
  params: Record<string, unknown>,
): Promise<KnownRepricings> {
  const [row] = await clickhouse.query<{ n: string; moved: 0 | 1 }>(
    `SELECT count() AS n, max(notEmpty(moved)) AS moved FROM call_repricings
     WHERE project_id = {project:String} AND ${inHours('start_time')}`,
    params,
    { settings: rollUpSettings },
  );
  return { repriced: row !== undefined && row.n !== '0', moved: row?.moved === 1 };
}

/** Partitions that some hours lie in, `20261120`. */
export function daysOf(hours: readonly Hour[]): number[] {
  const days = hours.map(hour => new Date(hour * 3_600_000).toISOString().slice(0, 10).replaceAll('-', ''));
  return [...new Set(days)].map(Number).sort((one, other) => one - other);
}

function spanOf(hours: readonly Hour[]) {
  let [from, to] = [Infinity, 0];
  for (const hour of hours) {
    from = Math.min(from, hour);
    to = Math.max(to, hour + 1);
  }
  return { from: from * 3600, to: to * 3600 };
}

const tuples = (frozen: readonly Frozen[]) => `[${frozen.map(([from, to]) => `(${from},${to})`).join(',')}]`;

const compute = (repriced: KnownRepricings) => `
INSERT INTO spend_15m_next (${COLUMNS})
SELECT * FROM (${spendOfCalls(`${inHours('start_time')} AND NOT ${IS_FROZEN('start_time')}`, repriced)})
UNION ALL
SELECT project_id, bucket, origin, 'adjustment', reason, ${[...spendKeys, ...sums].join(', ')}
FROM spend_adjustments
WHERE project_id = {project:String} AND ${inHours('bucket')} AND NOT ${IS_FROZEN('bucket')}`;

// What is not computed again is copied: other hours of these days, frozen quarters, other projects.
const KEEP_THE_REST = `
UNION ALL
SELECT ${COLUMNS} FROM spend_15m
WHERE toYYYYMMDD(bucket) IN {days:Array(UInt32)}
  AND (project_id != {project:String} OR NOT (${inHours('bucket')}) OR ${IS_FROZEN('bucket')})`;

/**
 * Books what frozen quarters of some hours would be now minus what was booked for them so far, once each: as `late`, or under
 * the repricing that made the difference. Returns how many rows were booked, in the quarter of `nowMs`.
 */
export async function adjustFrozen(
  clickhouse: ClickHouse,
  scope: SpendScope,
  { hours, nowMs }: { hours: readonly Hour[]; nowMs: number },
): Promise<number> {
  const { projectId, frozen } = scope;
  const touched = hours.filter(hour =>
    frozen.some(([from, to]) => hour * 3600 < to && (hour + 1) * 3600 > from),
  );
  if (touched.length === 0) return 0;
  const params = { ...spanOf(touched), project: projectId, hours: touched, frozen: tuples(frozen) };
  const booked = Math.floor(nowMs / 900_000) * 900;
  const before = await countAdjustments(clickhouse, projectId);
  await clickhouse.command(
    `INSERT INTO spend_adjustments (project_id, bucket, posted_at, origin, reason, ${[...spendKeys, ...sums].join(', ')})
     SELECT {project:String}, toDateTime({booked:UInt32}, 'UTC'), fromUnixTimestamp64Milli({now:Int64}, 'UTC'), * FROM (${difference(await knownRepricings(clickhouse, params))})`,
    { ...params, booked, now: nowMs },
    { settings: settingsOf(scope) },
  );
  return (await countAdjustments(clickhouse, projectId)) - before;
}

async function countAdjustments(clickhouse: ClickHouse, project: string): Promise<number> {
  const [row] = await clickhouse.query<{ n: string }>(
    'SELECT count() AS n FROM spend_adjustments WHERE project_id = {project:String}',
    { project },
  );
  return Number(row?.n ?? 0);
}

const KEYS = spendKeys.join(', ');
function asMap(column: string): string {
  return `CAST(${column}, 'Map(String, Int64)')`;
}
const REASON = "if(entry = 'call', 'late', reason)";
const less = [
  ...spendNumbers.map(name => `-${name}`),
  `mapApply((key, nanos) -> (key, -nanos), ${asMap(spendMap)})`,
].join(', ');
const isFrozenHour = (column: string) => `${inHours(column)} AND ${IS_FROZEN(column)}`;

const difference = (repriced: KnownRepricings) => `
SELECT made_at, why, ${KEYS}, ${spendNumbers.map(name => `sum(${name}) AS d_${name}`).join(', ')},
  mapFilter((key, nanos) -> nanos != 0, sumMap(taken_off)) AS d_${spendMap}
FROM (
  SELECT origin AS made_at, ${REASON} AS why, ${KEYS}, ${spendNumbers.join(', ')}, ${asMap(spendMap)} AS taken_off
  FROM (${spendOfCalls(isFrozenHour('start_time'), repriced)})
  UNION ALL
  SELECT origin, ${REASON}, ${KEYS}, ${less}
  FROM spend_15m
  WHERE project_id = {project:String} AND entry IN ('call', 'repricing') AND ${isFrozenHour('bucket')}
  UNION ALL
  SELECT origin, reason, ${KEYS}, ${less}
  FROM spend_adjustments
  WHERE project_id = {project:String} AND ${isFrozenHour('origin')}
)
GROUP BY ALL
HAVING notEmpty(d_${spendMap}) OR arrayExists(n -> n != 0, [${spendNumbers.map(name => `d_${name}`).join(', ')}])`;
