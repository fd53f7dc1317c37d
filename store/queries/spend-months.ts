import type { ClickHouse } from '../engine/client.ts';
import { rangeParams, sumsOfRange } from './spend-days.ts';

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
  const [row] = await clickhouse.query<{ at: number; n: string }>(
    'SELECT toUnixTimestamp(min(bucket)) AS at, count() AS n FROM spend_15m WHERE project_id = {project:String}',
    { project: projectId },
  );
  return row && row.n !== '0' ? row.at * 1000 : null;
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
    Promise.all(parts.map(([from, to]) => bookedIn(clickhouse, projectId, [from, to]))),
    clickhouse.query<{ part: string; since: string }>(
      `SELECT ${partOf('origin')} AS part, sum(cost_nanos) AS since FROM spend_adjustments WHERE project_id = {project:String} GROUP BY part`,
      params,
    ),
  ]);
  return parts.map((_, at) => ({
    ...none,
    ...booked[at],
    since: since.find(({ part }) => String(part) === String(at + 1))?.since ?? '0',
  }));
}

async function bookedIn(
  clickhouse: ClickHouse,
  projectId: string,
  [from, to]: MonthPart,
): Promise<Omit<MonthSums, 'since'> | undefined> {
  const numbers = ['cost_nanos', 'calls', 'unpriced_calls', 'unbounded_calls', 'high_nanos'];
  const [row] = await clickhouse.query<Omit<MonthSums, 'since'>>(
    `SELECT sum(s_cost_nanos) AS cost, sum(s_calls) AS calls, sum(s_unpriced_calls) AS unpriced,
       sum(s_unbounded_calls) AS unbounded, sum(s_high_nanos) AS high, sumIf(s_cost_nanos, entry = 'adjustment') AS fromEarlier
     FROM (${sumsOfRange('part', { keys: [], numbers, filter: '' })})`,
    { project: projectId, ...rangeParams('part', { fromMs: from * 1000, toMs: to * 1000 }) },
  );
  return row;
}
