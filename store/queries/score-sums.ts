import type { Interval } from './measures.ts';

/** Sums over scores x with weights w = 1 / inclusion probability; of none: n is 0. */
export interface SumsRow {
  n: number;
  /** Without weights. */
  x: number;
  w: number;
  wx: number;
  wxx: number;
  ww: number;
  wwx: number;
  wwxx: number;
  min: number;
  max: number;
}

/** Start of the bucket of {tz:String} that `start_time` lies in. */
export const scoreBuckets: Record<Interval, string> = {
  '15m': 'toStartOfInterval(start_time, INTERVAL 15 MINUTE, {tz:String})',
  hour: 'toStartOfHour(toTimeZone(start_time, {tz:String}))',
  day: 'toStartOfDay(toTimeZone(start_time, {tz:String}))',
  week: 'toDateTime(toMonday(toTimeZone(start_time, {tz:String})), {tz:String})',
  month: 'toDateTime(toStartOfMonth(toTimeZone(start_time, {tz:String})), {tz:String})',
};

/** Columns `<name>_n`, `<name>_x`, … of the sums over `value` where a condition holds. */
export const scoreSums = (name: string, condition: string, weight: string) =>
  [
    ['n', 'toFloat64(count())'],
    ['x', 'sum(value)'],
    ['w', `sum(${weight})`],
    ['wx', `sum(${weight} * value)`],
    ['wxx', `sum(${weight} * value * value)`],
    ['ww', `sum(${weight} * ${weight})`],
    ['wwx', `sum(${weight} * ${weight} * value)`],
    ['wwxx', `sum(${weight} * ${weight} * value * value)`],
    ['min', 'min(value)'],
    ['max', 'max(value)'],
  ]
    .map(([part, sql]) => `${withIf(sql!, condition)} AS ${name}_${part}`)
    .join(', ');

/** `sum(x)` becomes `sumIf(x, condition)`. */
function withIf(sql: string, condition: string): string {
  if (sql === 'toFloat64(count())') return `toFloat64(countIf(${condition}))`;
  return sql.replace(
    /^(\w+)\((.*)\)$/s,
    (_, name: string, inner: string) => `${name}If(${inner}, ${condition})`,
  );
}

/** The sums of such columns; zeros where there are none. */
export function scoreSumsOf(row: Record<string, string | number | null>, name: string): SumsRow {
  const of = (part: keyof SumsRow) => Number(row[`${name}_${part}`] ?? 0);
  return {
    n: of('n'),
    x: of('x'),
    w: of('w'),
    wx: of('wx'),
    wxx: of('wxx'),
    ww: of('ww'),
    wwx: of('wwx'),
    wwxx: of('wwxx'),
    min: of('min'),
    max: of('max'),
  };
}
