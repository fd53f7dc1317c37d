import type { ClickHouse } from '../engine/client.ts';
import { sumsOfRanges } from './spend-days.ts';
import { mayChoose } from './spend-projection.ts';

/** Unix seconds [fromS, toS). */
export type MonthPart = readonly [fromS: number, toS: number];

/** Sums of one part as decimal text, money in nano-dollars. */
export interface MonthSums {
  cost: string;
  calls: string;
  unpriced: string;
  unbounded: string;
  high: string;
  /** Booked here for parts closed before. */
  fromEarlier: string;
  /** Booked, wherever, for this part since it was closed. */
  since: string;
}

const none: MonthSums = {
  cost: '0',
  calls: '0',
  unpriced: '0',
  unbounded: '0',
  high: '0',
  fromEarlier: '0',
  since: '0',
};

/** Start of the oldest bucket, Unix milliseconds; null without any spend. */
export async function oldestSpend(clickhouse: ClickHouse, projectId: string): Promise<number | null> {
  // In the order of the key, so that the first row is all that is read.
  const [row] = await clickhouse.query<{ at: number }>(
    `SELECT toUnixTimestamp(bucket) AS at FROM spend_15m WHERE project_id = {project:String}
     ORDER BY project_id, bucket LIMIT 1`,
    { project: projectId },
  );
  return row ? row.at * 1000 : null;
}

const partOf = (column: string) =>
  `arrayFirstIndex(part -> toUnixTimestamp(${column}) >= part.1 AND toUnixTimestamp(${column}) < part.2, {parts:Array(Tuple(UInt32, UInt32))})`;

/** What was booked in each part of time, in the order of the parts. */
export async function spendOfParts(
  clickhouse: ClickHouse,
  { projectId, parts }: { projectId: string; parts: readonly MonthPart[] },
): Promise<MonthSums[]> {
  if (parts.length === 0) return [];
  const params = { project: projectId, parts: `[${parts.map(([from, to]) => `(${from},${to})`).join(',')}]` };
  const [booked, since] = await Promise.all([
    bookedIn(clickhouse, projectId, parts),
    clickhouse.query<{ part: string; since: string }>(
      `SELECT ${partOf('origin')} AS part, sum(cost_nanos) AS since FROM spend_adjustments WHERE project_id = {project:String} GROUP BY part`,
      params,
    ),
  ]);
  return parts.map((_, at) => ({
    ...none,
    ...booked.get(at),
    since: since.find(({ part }) => String(part) === String(at + 1))?.since ?? '0',
  }));
}

/** By the place of the part; one in which nothing was spent may be missing. */
async function bookedIn(
  clickhouse: ClickHouse,
  projectId: string,
  parts: readonly MonthPart[],
): Promise<Map<number, Omit<MonthSums, 'since'>>> {
  const numbers = ['cost_nanos', 'calls', 'unpriced_calls', 'unbounded_calls', 'high_nanos'];
  const ranges = parts.map(([from, to]) => ({ fromMs: from * 1000, toMs: to * 1000 }));
  const rows = await clickhouse.query<Omit<MonthSums, 'since'> & { at: number }>(
    `SELECT range_ AS at, (sumForEach(sums) AS m)[1] AS cost, m[2] AS calls, m[3] AS unpriced, m[4] AS unbounded, m[5] AS high,
       sumIf(sums[1], entry = 'adjustment') AS fromEarlier
     FROM (${sumsOfRanges(ranges, { keys: ['entry'], numbers, filter: '' })}) GROUP BY at`,
    { project: projectId },
    { settings: mayChoose },
  );
  return new Map(rows.map(({ at, ...sums }) => [at, sums]));
}
