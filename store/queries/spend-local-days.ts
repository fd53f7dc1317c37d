import type { ClickHouse } from '../engine/client.ts';

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
 * SQL: sums of the rows of `spend_15m` that fit `filter` (begins with AND, or empty), by local day as `at`, and `keys` (SQL with aliases k0, k1 …);
 * the sum of a column `x` is `s_x`, of `maps` key by key. Rows of one key may be several, and some add up to nothing. Parameters `project` and `tz`.
 */
export function sumsOfLocalDays(
  { days, plus, minus }: LocalDays,
  {
    keys,
    numbers,
    maps = [],
    filter,
  }: { keys: readonly string[]; numbers: readonly string[]; maps?: readonly string[]; filter: string },
): string {
  const names = keys.map((_, at) => `k${at}`);
  const sums = (sign: '' | '-' = '') => [
    ...numbers.map(column => `${sign}sum(${column}) AS s_${column}`),
    ...maps.map(column =>
      sign === ''
        ? `sumMap(${column}) AS s_${column}`
        : `mapApply((k, v) -> (k, -v), sumMap(${column})) AS s_${column}`,
    ),
  ];
  const sumNames = [...numbers, ...maps].map(column => `s_${column}`);
  const grouped = (time: string, where: string, sign: '' | '-' = '') => `
    SELECT ${[`${time} AS time_key`, ...keys, ...sums(sign)].join(', ')}
    FROM spend_15m WHERE project_id = {project:String} AND ${where} ${filter}
    GROUP BY ${['time_key', ...names].join(', ')}`;
  const ofUtcDays = (where: string, sign: '' | '-' = '') => `
    SELECT ${[`${dayOfNoon('time_key')} AS at`, ...names, ...sumNames].join(', ')}
    FROM (${grouped('toYYYYMMDD(bucket)', where, sign)})`;
  const branches = [
    ...(days.length ? [ofUtcDays(`toYYYYMMDD(bucket) IN [${days.join(', ')}]`)] : []),
    ...(minus.length ? [ofUtcDays(within(minus), '-')] : []),
    ...(plus.length
      ? [
          `SELECT ${['time_key AS at', ...names, ...sumNames].join(', ')}
           FROM (${grouped('toDate(bucket, {tz:String})', within(plus))})`,
        ]
      : []),
  ];
  return branches.join(' UNION ALL ');
}

const within = (parts: readonly Seconds[]) =>
  `(${parts
    .map(([from, to]) => `bucket >= toDateTime(${from}, 'UTC') AND bucket < toDateTime(${to}, 'UTC')`)
    .join(' OR ')})`;
