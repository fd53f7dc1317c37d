import type { Readable } from 'node:stream';
import type { ExportInterval } from '#contract/export.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import { type SpendDimension, spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { localDays, sumsOfLocalDays } from './spend-local-days.ts';
import { mayChoose } from './spend-projection.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';
import { isoToStore } from './time.ts';

/** Which part of `spend_15m` a file holds. */
export interface SpendPart {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs); whole quarters of an hour. */
  fromMs: number;
  toMs: number;
  /** IANA zone in which days and months begin. */
  tz: string;
  where: readonly SpendCondition[];
}

export interface SpendRowsQuestion extends SpendPart {
  interval: ExportInterval;
  groupBy: readonly SpendDimension[];
  format: 'csv' | 'parquet';
}

/**
 * Bytes of the file, oldest period first, every row in its fixed place. Reading to the end without an error means that it is
 * whole.
 */
export async function exportSpendRows(
  clickhouse: ClickHouse,
  question: SpendRowsQuestion,
  signal?: AbortSignal,
): Promise<Readable> {
  return clickhouse.bytes(await rowsSql(clickhouse, question), partParams(question), {
    ...(signal && { signal }),
    settings: fileSettings,
  });
}

/** Money keeps its nine places, missing is empty, and Parquet's pieces are small enough to be made in little memory. */
export const fileSettings = {
  output_format_decimal_trailing_zeros: 1,
  format_csv_null_representation: '',
  output_format_parquet_row_group_size: '100000',
  output_format_parquet_datetime_as_uint32: 0,
  ...mayChoose,
} as const;

export function partParams({ projectId, fromMs, toMs, tz, where }: SpendPart): Record<string, unknown> {
  return {
    project: projectId,
    from: isoToStore(fromMs).slice(0, 19),
    to: isoToStore(toMs).slice(0, 19),
    tz,
    ...spendWhereSql(where).params,
  };
}

/** `WHERE …` for the part, over the columns of `spend_15m`. */
export const partSql = ({ where }: SpendPart): string => `
WHERE project_id = {project:String} AND bucket >= {from:DateTime('UTC')} AND bucket < {to:DateTime('UTC')}
  ${spendWhereSql(where).sql}`;

/** What rows of a file are added up by before they are put into periods. */
export interface PartSums {
  unit: 'hour' | 'day';
  /** SQL over the dimensions of `spend_15m`. */
  keys: readonly string[];
  /** Columns of `spend_15m`. */
  numbers: readonly string[];
  /** Those that are added up key by key. */
  maps?: readonly string[];
}

/**
 * SQL: sums of the part by hour or local day it is booked in (`at`) and was made in (`made`), `entry`, `reason` and keys (`k0`, `k1` …); of a
 * column `x`, `s_x`. Rows of one key may be several and some add up to nothing. Whole days come from the engine's smaller sums
 * where those know enough: that is all but tenants, and what has a reason.
 */
export async function partSums(
  clickhouse: ClickHouse,
  part: SpendPart,
  { unit, keys, numbers, maps = [] }: PartSums,
): Promise<string> {
  const filter = spendWhereSql(part.where).sql;
  const named = keys.map((key, at) => `${key} AS k${at}`);
  const names = keys.map((_, at) => `k${at}`);
  const unitOf = (time: string) => unitSql(unit, time);
  const sums = [
    ...numbers.map(column => `sum(${column}) AS s_${column}`),
    ...maps.map(column => `sumMap(${column}) AS s_${column}`),
  ];
  const rowByRow = (entries: string) => `
    SELECT ${[`${unitOf('bucket')} AS at, ${unitOf('origin')} AS made, toString(entry) AS entry_, toString(reason) AS reason_`, ...named, ...sums].join(', ')}
    FROM spend_15m ${partSql(part)} ${entries}
    GROUP BY ${['at', 'made', 'entry_', 'reason_', ...names].join(', ')}`;
  const knowsTenants = [filter, ...keys].some(sql => /\btenant\b/.test(sql));
  const days = unit === 'hour' || knowsTenants ? null : await localDays(clickhouse, part);
  if (days === null) return rowByRow('');
  const calls = sumsOfLocalDays(days, { keys: named, numbers, maps, filter: `AND entry = 'call' ${filter}` });
  const columns = [
    ...names,
    ...numbers.map((column, at) => `sums[${at + 1}] AS s_${column}`),
    ...maps.map(column => `s_${column}`),
  ].join(', ');
  const ofCalls = `SELECT at, at AS made, 'call' AS entry_, '' AS reason_, ${columns} FROM (${calls})`;
  return `${calls ? `${ofCalls} UNION ALL` : ''} ${rowByRow("AND entry != 'call'")}`;
}

/** SQL: the hour or local day that an instant lies in. */
export const unitSql = (unit: PartSums['unit'], time: string): string =>
  `${unit === 'hour' ? 'toStartOfHour' : 'toDate'}(${time}, {tz:String})`;

interface PeriodSql {
  /** SQL of an instant in UTC. */
  start: string;
  end: string;
}

/** Start and end of the period that a `time` of `partSums` lies in; cut to the asked range. */
function periodSql(interval: ExportInterval, unit: PartSums['unit'], time: string): PeriodSql {
  const from = "{from:DateTime('UTC')}";
  const to = "{to:DateTime('UTC')}";
  if (interval === 'total') return { start: from, end: to };
  const { start, end } = wholePeriodSql(interval, unit, time);
  return { start: `greatest(${start}, ${from})`, end: `least(${end}, ${to})` };
}

/** Start and end of the hour, day or month of the asked zone that a `time` of `partSums` lies in. */
export function wholePeriodSql(
  interval: 'hour' | 'day' | 'month',
  unit: PartSums['unit'],
  time: string,
): PeriodSql {
  const utc = (sql: string) => `toTimeZone(${sql}, 'UTC')`;
  if (interval === 'hour') return { start: utc(time), end: utc(`${time} + 3600`) };
  // Through the calendar, so that a day in which the clock changes has 23 or 25 hours.
  const day = unit === 'day' ? time : `toDate(${time}, {tz:String})`;
  const first = interval === 'day' ? day : `toStartOfMonth(${day})`;
  const next = interval === 'day' ? `addDays(${first}, 1)` : `addMonths(${first}, 1)`;
  return {
    start: utc(`toDateTime(${first}, {tz:String})`),
    end: utc(`toDateTime(${next}, {tz:String})`),
  };
}

/** An instant as `2026-10-25T00:00:00+02:00`, on the clock of the asked zone. */
const isoSql = (time: string): string => {
  const offset = `timezoneOffset(toTimeZone(${time}, {tz:String}))`;
  const hours = `leftPad(toString(intDiv(abs(${offset}), 3600)), 2, '0')`;
  const minutes = `leftPad(toString(intDiv(abs(${offset}) % 3600, 60)), 2, '0')`;
  const clock = `formatDateTime(${time}, '%Y-%m-%dT%H:%i:%S', {tz:String})`;
  return `concat(${clock}, if(${offset} < 0, '-', '+'), ${hours}, ':', ${minutes})`;
};

/** Integer nano-dollars as exact decimal USD. */
export const usdSql = (nanos: string): string =>
  `CAST(toDecimal128(${nanos}, 9) / 1000000000 AS Decimal(38, 9))`;

/** Spreadsheets run text that begins like a formula, and names come from whoever sends. */
export const safeInSheets = (text: string): string =>
  `if(match(${text}, '^[=+\\\\-@\\t\\r]'), concat('\\'', ${text}), toString(${text}))`;

const counts = [
  'calls',
  'attempts',
  'failed_attempts',
  'unpriced_calls',
  'unbounded_calls',
  'unpriced_tokens',
];
const money = ['cost', 'low', 'high', 'uncached', 'client', 'client_ours'];

async function rowsSql(clickhouse: ClickHouse, question: SpendRowsQuestion): Promise<string> {
  const { interval, groupBy, format } = question;
  const dimensions = [...new Set(groupBy)];
  const unit = interval === 'hour' ? 'hour' : 'day';
  const period = periodSql(interval, unit, 'at');
  const written = (time: string) => (format === 'csv' ? isoSql(time) : time);
  const text = (name: string) => (format === 'csv' ? safeInSheets(name) : `toString(${name})`);
  const keys = ['start', 'end', 'entry_', 'reason_', 'origin_', ...dimensions.map((_, at) => `k${at}`)];
  const numbers = [
    ...counts,
    ...money.map(name => `${name}_nanos`),
    ...spendKinds.flatMap(kind => [`units_${kind}`, `nanos_${kind}`]),
  ];
  const source = await partSums(clickhouse, question, { unit, keys: dimensions.map(spendColumn), numbers });
  return `
SELECT
  ${written('start')} AS period_start, ${written('end')} AS period_end,
  entry_ AS entry, ${text('reason_')} AS reason,
  if(isNull(origin_), NULL, ${written('assumeNotNull(origin_)')}) AS origin_start,
  ${dimensions.map((name, at) => `${text(`k${at}`)} AS ${name},`).join(' ')}
  ${counts.map(name => `sum_${name} AS ${name}`).join(', ')},
  ${money.map(name => `${usdSql(`sum_${name}_nanos`)} AS ${name}_usd`).join(', ')},
  ${spendKinds.map(kind => `sum_units_${kind} AS units_${kind}`).join(', ')},
  ${spendKinds.map(kind => `${usdSql(`sum_nanos_${kind}`)} AS usd_${kind}`).join(', ')}
FROM
(
  SELECT
    ${period.start} AS start, ${period.end} AS end, entry_, reason_,
    if(entry_ = 'adjustment', toNullable(${wholePeriodSql('day', unit, 'made').start}), NULL) AS origin_,
    ${dimensions.map((_, at) => `k${at},`).join(' ')}
    ${numbers.map(column => `sum(s_${column}) AS sum_${column}`).join(', ')}
  FROM (${source})
  GROUP BY ${keys.join(', ')}
  HAVING ${numbers.map(column => `sum_${column} != 0`).join(' OR ')}
)
ORDER BY ${keys.join(', ')}
FORMAT ${format === 'csv' ? 'CSVWithNames' : 'Parquet'}`;
}
