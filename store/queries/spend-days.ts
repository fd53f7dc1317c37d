const dayMs = 86_400_000;

/** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
export interface SpendRange {
  fromMs: number;
  toMs: number;
}

/**
 * SQL: sums of `spend_15m` over a range, by `keys` (SQL with its alias, of the dimensions) and `entry`; the sum of a column `x`
 * is `s_x`. Rows of one key may be several, to be added up: whole days of UTC come from the smallest sums the engine keeps
 * (by_day), and what lies between the bounds and the midnights nearest to them is added, or taken away. `name` tells parameters
 * of several ranges apart (`rangeParams`); `filter` begins with AND or is empty.
 */
export function sumsOfRange(
  name: string,
  { keys, numbers, filter }: { keys: readonly string[]; numbers: readonly string[]; filter: string },
): string {
  const aliases = keys.map(key => /(?:^| AS )(\w+)$/.exec(key)?.[1] ?? key);
  const sums = (time: string, sign = '') => `
    SELECT ${[...keys, 'entry', ...numbers.map(column => `${sign}sum(${column}) AS s_${column}`)].join(', ')}
    FROM spend_15m WHERE project_id = {project:String} AND ${time} ${filter}
    GROUP BY ${[...aliases, 'entry'].join(', ')}`;
  const between = (from: string, to: string) =>
    `bucket >= toDateTime({${name}${from}:UInt32}, 'UTC') AND bucket < toDateTime({${name}${to}:UInt32}, 'UTC')`;
  const days = `toYYYYMMDD(bucket) >= {${name}FromDay:UInt32} AND toYYYYMMDD(bucket) < {${name}ToDay:UInt32}`;
  const outside = `(${between('From', 'First')} OR ${between('Last', 'To')})`;
  const inside = `(${between('First', 'From')} OR ${between('To', 'Last')})`;
  return `${sums(days)} UNION ALL ${sums(outside)} UNION ALL ${sums(inside, '-')}`;
}

/** Parameters of `sumsOfRange`: days as 20261024, the bounds and the midnights nearest to them as Unix seconds. */
export function rangeParams(name: string, { fromMs, toMs }: SpendRange): Record<string, number> {
  const firstMs = Math.round(fromMs / dayMs) * dayMs;
  const lastMs = Math.round(toMs / dayMs) * dayMs;
  const day = (ms: number) => Number(new Date(ms).toISOString().slice(0, 10).replaceAll('-', ''));
  return {
    [`${name}FromDay`]: day(firstMs),
    [`${name}ToDay`]: day(lastMs),
    [`${name}From`]: fromMs / 1000,
    [`${name}First`]: firstMs / 1000,
    [`${name}Last`]: lastMs / 1000,
    [`${name}To`]: toMs / 1000,
  };
}
