import type { ClickHouse } from '../engine/client.ts';
import { aliasOf, type RangeSums, summedBy } from './spend-days.ts';
import { chosenSums, ledgerFor } from './spend-projection.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
const quartersOfDay = 96;
/** Longer ranges are added up row by row. */
const longestMs = 400 * dayMs;

/** Unix seconds [from, to). */
type Seconds = readonly [fromS: number, toS: number];

/**
 * How the days of a zone are made of days of UTC, which the engine keeps sums of (by_day): each day of UTC in `days` counts for the local
 * day that its noon lies in; what of it lies elsewhere is taken away (`minus`) and added where it belongs (`plus`).
 */
export interface LocalDays {
  /** 20261024 */
  days: number[];
  plus: Seconds[];
  minus: Seconds[];
}

export interface LocalRange {
  /** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** IANA zone. */
  tz: string;
}

/** SQL: the local day that the noon of a day of UTC lies in; `utcDay` is SQL of a number as 20261024. */
const dayOfNoon = (utcDay: string) =>
  `toDate(addHours(toDateTime(YYYYMMDDToDate(${utcDay}), 'UTC'), 12), {tz:String})`;

/** Asked of the engine, because its idea of when a day begins is the one that rows are grouped by. */
const ELSEWHERE = `
SELECT toUnixTimestamp(quarter) AS at
FROM (SELECT toDateTime({first:UInt32} + number * 900, 'UTC') AS quarter FROM numbers({quarters:UInt32}))
WHERE toDate(quarter, {tz:String}) != ${dayOfNoon('toYYYYMMDD(quarter)')}`;

/** Null for a range that is too long to be worked out like this. */
export async function localDays(
  clickhouse: ClickHouse,
  { fromMs, toMs, tz }: LocalRange,
): Promise<LocalDays | null> {
  if (toMs - fromMs > longestMs) return null;
  const firstMs = Math.floor(fromMs / dayMs) * dayMs;
  const lastMs = Math.ceil(toMs / dayMs) * dayMs;
  const rows = await clickhouse.query<{ at: number }>(ELSEWHERE, {
    first: firstMs / 1000,
    quarters: (lastMs - firstMs) / quarterMs,
    tz,
  });
  const elsewhere = new Set(rows.map(({ at }) => at * 1000));
  const result: LocalDays = { days: [], plus: [], minus: [] };
  for (let day = firstMs; day < lastMs; day += dayMs) {
    const quarters = Array.from({ length: quartersOfDay }, (_, at) => day + at * quarterMs);
    const isAsked = (ms: number) => ms >= fromMs && ms < toMs;
    const isInside = (ms: number) => isAsked(ms) && !elsewhere.has(ms);
    // A day that mostly lies outside is dearer to take apart than to add up.
    const isWhole = quarters.filter(isInside).length >= quartersOfDay / 2;
    if (isWhole) result.days.push(Number(new Date(day).toISOString().slice(0, 10).replaceAll('-', '')));
    for (const ms of quarters) {
      if (isWhole && !isInside(ms)) extend(result.minus, ms);
      if (isAsked(ms) && (!isWhole || elsewhere.has(ms))) extend(result.plus, ms);
    }
  }
  return result;
}

function extend(parts: Seconds[], ms: number): void {
  const [fromS, toS] = [ms / 1000, (ms + quarterMs) / 1000];
  const last = parts.at(-1);
  if (last?.[1] === fromS) parts[parts.length - 1] = [last[0], toS];
  else parts.push([fromS, toS]);
}

/**
 * SQL: sums of the rows of `spend_15m` that fit `filter` (begins with AND, or empty), by local day as `at`, and `keys` (SQL with aliases k0, k1 …):
 * `sums`, an array in the order of `numbers`, and of a column `x` of `maps`, key by key, `s_x`. Rows of one key may be several, and some add up to
 * nothing. Asked with `mayChoose`; parameters `project` and `tz`.
 */
export function sumsOfLocalDays({ days, plus, minus }: LocalDays, sums: LocalSums): string {
  const parts = [
    ...(days.length ? [sumsOfDays(days, sums)] : []),
    ...(plus.length || minus.length ? [sumsOfEnds({ plus, minus }, sums)] : []),
  ];
  return parts.join(' UNION ALL ');
}

interface LocalSums extends RangeSums {
  maps?: readonly string[];
}

function sumsOfDays(days: readonly number[], { keys, numbers, maps = [], filter }: LocalSums): string {
  const { by, sum } = summedBy('day', keys, numbers);
  const wanted = { unit: 'day', keys: [...by, filter], numbers, maps } as const;
  const sums = [
    `[${numbers.map(sum).join(', ')}] AS sums`,
    ...maps.map(name => `sumMap(${name}) AS s_${name}`),
  ];
  return `
    SELECT ${[`${dayOfNoon('utc_day')} AS at`, ...keys.map(aliasOf), 'sums', ...maps.map(name => `s_${name}`)].join(', ')}
    FROM (
      SELECT ${['toYYYYMMDD(bucket) AS utc_day', ...by, ...sums].join(', ')}
      FROM ${ledgerFor(wanted)} WHERE project_id = {project:String} AND toYYYYMMDD(bucket) IN [${days.join(', ')}] ${filter}
      GROUP BY ${['utc_day', ...by.map(aliasOf)].join(', ')}
      ${chosenSums(wanted)}
    )`;
}

/** What lies elsewhere than its day of UTC counts twice: it is taken away there and added where it belongs, in one read. */
function sumsOfEnds(
  { plus, minus }: Pick<LocalDays, 'plus' | 'minus'>,
  { keys, numbers, maps = [], filter }: LocalSums,
): string {
  const { by, sum } = summedBy('quarter', keys, numbers);
  const wanted = { unit: 'quarter', keys: [...by, filter], numbers, maps } as const;
  const all = [
    ...by,
    `[${numbers.map(sum).join(', ')}] AS of_part`,
    ...maps.map(name => `sumMap(${name}) AS p_${name}`),
  ];
  const signed = [
    'arrayMap(x -> effect.2 * x, of_part) AS sums',
    ...maps.map(name => `mapApply((k, v) -> (k, effect.2 * v), p_${name}) AS s_${name}`),
  ];
  const isIn = (parts: readonly Seconds[]) =>
    parts.length ? `bucket IN (${quartersOf(parts).join(', ')})` : '0';
  return `
    SELECT ${['effect.1 AS at', ...keys.map(aliasOf), ...signed].join(', ')}
    FROM (
      SELECT ${['toYYYYMMDD(bucket) AS utc_day, toDate(bucket, {tz:String}) AS local_day', `${isIn(plus)} AS is_plus, ${isIn(minus)} AS is_minus`, ...all].join(', ')}
      FROM ${ledgerFor(wanted)} WHERE project_id = {project:String} AND ${isIn([...plus, ...minus])} ${filter}
      GROUP BY ${['utc_day, local_day, is_plus, is_minus', ...by.map(aliasOf)].join(', ')}
      ${chosenSums(wanted)}
    ) ARRAY JOIN arrayFilter(e -> e.2 != 0, [(${dayOfNoon('utc_day')}, -is_minus), (local_day, is_plus)]) AS effect`;
}

/** Unix seconds of their quarters, each once. */
function quartersOf(parts: readonly Seconds[]): number[] {
  const quarters = new Set<number>();
  for (const [fromS, toS] of parts) for (let at = fromS; at < toS; at += quarterMs / 1000) quarters.add(at);
  return [...quarters];
}
