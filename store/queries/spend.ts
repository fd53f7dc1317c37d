import type { SpendGroup, SpendMeasure, SpendRow, SpendTotals } from '#contract/spend.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import { type SpendDimension, spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import type { Interval } from './measures.ts';
import { rangeParams, sumsOfRange } from './spend-days.ts';
import { localDays, sumsOfLocalDays } from './spend-local-days.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';
import { usdFromNanos } from './usd.ts';
import { isoInZone } from './zone-time.ts';

export interface SpendQuestion {
  projectId: string;
  /** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  where: readonly SpendCondition[];
  /** Dimensions, and `kind`; users are in a table of their own. */
  groupBy: readonly Exclude<SpendGroup, 'user'>[];
  interval?: Interval | undefined;
  /** IANA zone that decides the buckets. */
  tz: string;
  /** All when empty. */
  measures: readonly SpendMeasure[];
  limit: number;
}

/** Sums of one group as decimal text by measure, in nano-dollars where the measure is money. */
type Sums = Partial<Record<SpendMeasure, string>>;

const booked = "sumIf(cost_nanos, entry = 'call')";

/** How each measure is added up; what is not here is worked out of these. */
const SOURCES: Partial<Record<SpendMeasure, string>> = {
  cost_usd: 'sum(cost_nanos)',
  low_usd: 'sum(low_nanos)',
  bounded_high_usd: 'sum(high_nanos)',
  booked_usd: booked,
  uncached_usd: 'sum(uncached_nanos)',
  client_usd: 'sum(client_nanos)',
  client_ours_usd: 'sum(client_ours_nanos)',
  calls: 'sum(calls)',
  attempts: 'sum(attempts)',
  failed_attempts: 'sum(failed_attempts)',
  unpriced_calls: 'sum(unpriced_calls)',
  unbounded_calls: 'sum(unbounded_calls)',
  tokens: 'sum(tokens)',
  unpriced_tokens: 'sum(unpriced_tokens)',
};

/** What else has to be known for a measure. */
const NEEDS: Partial<Record<SpendMeasure, readonly SpendMeasure[]>> = {
  high_usd: ['bounded_high_usd', 'unbounded_calls'],
  adjustments_usd: ['booked_usd'],
  cache_saving_usd: ['uncached_usd'],
};

const allMeasures = [
  ...Object.keys(SOURCES),
  'high_usd',
  'adjustments_usd',
  'cache_saving_usd',
] as SpendMeasure[];
/** What a kind can tell: tokens of it and their cost. */
const ofKind: readonly SpendMeasure[] = ['cost_usd', 'units'];

const BUCKETS: Record<Interval, string> = {
  '15m': 'bucket',
  hour: 'toStartOfHour(toTimeZone(bucket, {tz:String}))',
  day: 'toStartOfDay(toTimeZone(bucket, {tz:String}))',
  week: 'toDateTime(toMonday(toTimeZone(bucket, {tz:String})), {tz:String})',
  month: 'toDateTime(toStartOfMonth(toTimeZone(bucket, {tz:String})), {tz:String})',
};

/**
 * Spend by group and bucket, oldest bucket first, dearest group first; `limit + 1` rows mean that there are more. Totals are of
 * everything, whatever the limit.
 */
export async function readSpend(
  clickhouse: ClickHouse,
  question: SpendQuestion,
): Promise<{ rows: SpendRow[]; totals: SpendTotals; coverage: Coverage }> {
  const { limit } = question;
  const shown = new Set(question.measures.length ? ['cost_usd', ...question.measures] : allMeasures);
  // What is priced, and of how much, every answer says.
  const measures = [...new Set([...shown, ...coverageMeasures])] as SpendMeasure[];
  const byKind = question.groupBy.includes('kind');
  const grouped = byKind ? kindRows(clickhouse, question) : groupedRows(clickhouse, question, measures);
  const [rows, wholly] = await Promise.all([
    grouped,
    byKind ? totalSums(clickhouse, question, measures) : null,
  ]);
  const sums =
    wholly ?? (rows.length > limit ? await totalSums(clickhouse, question, measures) : added(rows, measures));
  const totals = tell(sums, shown);
  return {
    rows: rows.map(({ sums: of, ...keys }) => ({ ...keys, ...tell(of, byKind ? new Set(ofKind) : shown) })),
    totals,
    coverage: coverageOf(sums),
  };
}

export interface Coverage {
  tokens: number | null;
  calls: number | null;
}

const coverageMeasures: readonly SpendMeasure[] = ['calls', 'unpriced_calls', 'tokens', 'unpriced_tokens'];

function coverageOf(sums: Sums): Coverage {
  const share = (unpriced: number, all: number) => (all > 0 ? Math.max(0, 1 - unpriced / all) : null);
  return {
    tokens: share(Number(sums.unpriced_tokens ?? 0), Number(sums.tokens ?? 0)),
    calls: share(Number(sums.unpriced_calls ?? 0), Number(sums.calls ?? 0)),
  };
}

interface Group extends Partial<Record<SpendGroup, string>> {
  time?: string;
  sums: Sums;
}

function sourcesOf(measures: readonly SpendMeasure[]): SpendMeasure[] {
  const needed = new Set<SpendMeasure>([
    'cost_usd',
    ...measures.flatMap(name => [name, ...(NEEDS[name] ?? [])]),
  ]);
  return [...needed].filter(name => SOURCES[name] !== undefined);
}

async function groupedRows(
  clickhouse: ClickHouse,
  question: SpendQuestion,
  measures: readonly SpendMeasure[],
): Promise<Group[]> {
  if (question.groupBy.length === 0 && !question.interval) {
    const sums = await totalSums(clickhouse, question, measures);
    return Object.values(sums).every(sum => sum === '0') ? [] : [{ sums }];
  }
  const sources = sourcesOf(measures);
  const { from, keys, sum, params } = await sourceOf(clickhouse, question, numbersOf(sources));
  const numbered = keys.map((_, at) => at + 1).join(', ');
  const rows = await clickhouse.query<Record<string, string | number>>(
    `SELECT ${[...keys, ...sources.map((name, at) => `${sum(SOURCES[name] ?? '')} AS m${at}`)].join(', ')}
     FROM ${from} GROUP BY ${numbered} HAVING ${sources.map((_, at) => `m${at} != 0`).join(' OR ')}
     ORDER BY ${question.interval ? 'time_s, ' : ''}${sum('sum(cost_nanos)')} DESC, ${numbered} LIMIT {limit:UInt32}`,
    params,
  );
  return rows.map(row =>
    groupOf(question, row, Object.fromEntries(sources.map((name, at) => [name, String(row[`m${at}`])]))),
  );
}

async function totalSums(
  clickhouse: ClickHouse,
  question: SpendQuestion,
  measures: readonly SpendMeasure[],
): Promise<Sums> {
  const sources = sourcesOf(measures);
  const whole = { ...question, groupBy: [], interval: undefined };
  const { from, sum, params } = await sourceOf(clickhouse, whole, numbersOf(sources));
  const [row] = await clickhouse.query<Record<string, string>>(
    `SELECT ${sources.map((name, at) => `${sum(SOURCES[name] ?? '')} AS m${at}`).join(', ')} FROM ${from}`,
    params,
  );
  return Object.fromEntries(sources.map((name, at) => [name, row?.[`m${at}`] ?? '0']));
}

/** A row of sums per group becomes a row per kind that has any. */
async function kindRows(clickhouse: ClickHouse, question: SpendQuestion): Promise<Group[]> {
  const { groupBy, interval, limit } = question;
  const others = { ...question, groupBy: groupBy.filter(name => name !== 'kind') };
  const numbers = spendKinds.flatMap(kind => [`units_${kind}`, `nanos_${kind}`]);
  const { from, keys, sum, params } = await sourceOf(clickhouse, others, numbers);
  const numbered = keys.map((_, at) => at + 1).join(', ');
  const kinds = spendKinds.flatMap(kind => [
    `${sum(`sum(units_${kind})`)} AS u_${kind}`,
    `${sum(`sum(nanos_${kind})`)} AS n_${kind}`,
  ]);
  const grouped = `GROUP BY ${numbered} ORDER BY ${interval ? 'time_s, ' : ''}${sum('sum(cost_nanos)')} DESC, ${numbered}`;
  const rows = await clickhouse.query<Record<string, string | number>>(
    `SELECT ${[...keys, ...kinds].join(', ')} FROM ${from} ${keys.length ? grouped : ''} LIMIT {limit:UInt32}`,
    params,
  );
  const groups = rows.flatMap(row =>
    spendKinds.flatMap((kind): Group[] => {
      const [units, cost_usd] = [String(row[`u_${kind}`]), String(row[`n_${kind}`])];
      return units === '0' && cost_usd === '0'
        ? []
        : [{ ...groupOf(others, row, { units, cost_usd }), kind }];
    }),
  );
  return groups.slice(0, limit + 1);
}

const numbersOf = (sources: readonly SpendMeasure[]) =>
  sources.map(name => /\((\w+)/.exec(SOURCES[name] ?? '')?.[1] ?? '');

/**
 * What is added up: the ledger, or, where no buckets of time are asked for, its sums of whole days. `sum` writes an expression over
 * columns of the ledger for it. Of tenants alone there are sums by the quarter; of tenants and anything else there are sums of days.
 */
async function sourceOf(clickhouse: ClickHouse, question: SpendQuestion, numbers: readonly string[]) {
  const { interval, groupBy, where, fromMs, toMs } = question;
  const { sql, filter, params } = filterOf(question);
  const asked: readonly string[] = [...groupBy, ...where.map(({ dimension }) => dimension)];
  const [ofTenants, ofOthers] = [asked.includes('tenant'), asked.some(name => name !== 'tenant')];
  const summed = { numbers: [...new Set(['cost_nanos', ...numbers])], filter };
  const sum = (expression: string) => expression.replace(/\((\w+)/, '(s_$1');
  const dimensions = keysOf({ groupBy });
  const names = dimensions.map((_, at) => `k${at}`);
  if (ofOthers && ofTenants && isOfDays(interval)) {
    const days = await localDays(clickhouse, question);
    const keys = [...dimensions, `toString(entry) AS k${dimensions.length}`];
    if (days !== null)
      return {
        from: `(SELECT *, k${dimensions.length} AS entry FROM (${sumsOfLocalDays(days, { ...summed, keys })}))`,
        keys: [...names, `toUnixTimestamp(toDateTime(${DAYS[interval]}, {tz:String})) AS time_s`],
        sum,
        params,
      };
  }
  if (interval || (ofTenants && !ofOthers))
    return {
      from: `spend_15m WHERE ${sql}`,
      keys: keysOf(question),
      sum: (expression: string) => expression,
      params,
    };
  return {
    from: `(${sumsOfRange('range', { ...summed, keys: dimensions })})`,
    keys: names,
    sum,
    params: { ...params, ...rangeParams('range', { fromMs, toMs }) },
  };
}

/** First day of a bucket, of the local day `at`. */
const DAYS = { day: 'at', week: 'toMonday(at)', month: 'toStartOfMonth(at)' };
const isOfDays = (interval: Interval | undefined): interval is keyof typeof DAYS =>
  interval !== undefined && interval in DAYS;

function keysOf({
  groupBy,
  interval,
}: Pick<SpendQuestion, 'groupBy'> & { interval?: Interval | undefined }): string[] {
  const dimensions = groupBy.map((name, at) => `${spendColumn(name as SpendDimension)} AS k${at}`);
  return interval ? [...dimensions, `toUnixTimestamp(${BUCKETS[interval]}) AS time_s`] : dimensions;
}

function groupOf(
  { groupBy, interval, tz }: SpendQuestion,
  row: Record<string, string | number>,
  sums: Sums,
): Group {
  const keys = Object.fromEntries(groupBy.map((name, at) => [name, String(row[`k${at}`])]));
  return { ...keys, ...(interval && { time: isoInZone(Number(row.time_s) * 1000, tz) }), sums };
}

function filterOf({ projectId, fromMs, toMs, where, tz, limit }: SpendQuestion) {
  const filter = spendWhereSql(where);
  return {
    filter: filter.sql,
    sql: `project_id = {project:String} AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC') ${filter.sql}`,
    params: {
      ...filter.params,
      project: projectId,
      from: fromMs / 1000,
      to: toMs / 1000,
      tz,
      limit: limit + 1,
    },
  };
}

function added(rows: readonly Group[], measures: readonly SpendMeasure[]): Sums {
  return Object.fromEntries(
    sourcesOf(measures).map(name => [
      name,
      rows.reduce((sum, { sums }) => sum + BigInt(sums[name] ?? 0), 0n).toString(),
    ]),
  );
}

const usd = (nanos: bigint | string | undefined) =>
  nanos === undefined ? null : usdFromNanos(nanos.toString());

/** Sums as they are shown: money as USD, what was not asked for null. */
function tell(sums: Sums, shown: ReadonlySet<string>): SpendTotals {
  const nanos = (name: SpendMeasure) => (sums[name] === undefined ? null : BigInt(sums[name]));
  const cost = nanos('cost_usd') ?? 0n;
  const less = (one: bigint | null, other: bigint | null) =>
    one === null || other === null ? undefined : one - other;
  const all: SpendTotals = {
    cost_usd: usd(cost) ?? '',
    low_usd: usd(sums.low_usd),
    high_usd: sums.unbounded_calls === '0' ? usd(sums.bounded_high_usd) : null,
    bounded_high_usd: usd(sums.bounded_high_usd),
    booked_usd: usd(sums.booked_usd),
    adjustments_usd: usd(less(cost, nanos('booked_usd'))),
    uncached_usd: usd(sums.uncached_usd),
    cache_saving_usd: usd(less(nanos('uncached_usd'), cost)),
    client_usd: usd(sums.client_usd),
    client_ours_usd: usd(sums.client_ours_usd),
    calls: count(sums.calls),
    attempts: count(sums.attempts),
    failed_attempts: count(sums.failed_attempts),
    unpriced_calls: count(sums.unpriced_calls),
    unbounded_calls: count(sums.unbounded_calls),
    tokens: count(sums.tokens),
    unpriced_tokens: count(sums.unpriced_tokens),
    units: count(sums.units),
    sessions: null,
  };
  const asked = Object.entries(all).map(([name, value]) => [name, shown.has(name) ? value : null]);
  return { ...(Object.fromEntries(asked) as SpendTotals), cost_usd: all.cost_usd };
}

const count = (text: string | undefined) => (text === undefined ? null : Number(text));
