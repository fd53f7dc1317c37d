import type { SpendGroup, SpendMeasure, SpendRow, SpendTotals } from '#contract/spend.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import { type SpendDimension, type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import type { Interval } from './measures.ts';
import { numberIn, sumOfLedger, sumsOfRanges } from './spend-days.ts';
import { localDays, sumsOfLocalDays } from './spend-local-days.ts';
import { chosenSums, isSummed, mayChoose } from './spend-projection.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';
import { usdFromNanos } from './usd.ts';
import { isoTeller } from './zone-time.ts';

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

/** What is added up for each measure (see `RangeSums`); what is not here is worked out of these. */
const SOURCES: Partial<Record<SpendMeasure, string>> = {
  cost_usd: 'cost_nanos',
  low_usd: 'low_nanos',
  bounded_high_usd: 'high_nanos',
  booked_usd: 'booked',
  uncached_usd: 'uncached_nanos',
  client_usd: 'client_nanos',
  client_ours_usd: 'client_ours_nanos',
  calls: 'calls',
  attempts: 'attempts',
  failed_attempts: 'failed_attempts',
  unpriced_calls: 'unpriced_calls',
  unbounded_calls: 'unbounded_calls',
  tokens: 'tokens',
  unpriced_tokens: 'unpriced_tokens',
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
 * Spend by group and bucket, oldest bucket first, dearest group first; `limit + 1` rows mean that there are more. Rows have the measures
 * that were named. Totals are of everything, whatever the limit.
 */
export async function readSpend(
  clickhouse: ClickHouse,
  question: SpendQuestion,
): Promise<{ rows: SpendRow[]; totals: SpendTotals; coverage: Coverage }> {
  const { groupBy, interval, measures: named } = question;
  const shown = new Set<SpendMeasure>(named.length ? ['cost_usd', ...named] : allMeasures);
  // What is priced, and of how much, an answer says unless it is a chart of something else: that adds up thousands of rows.
  const isChart = interval !== undefined && named.length > 0;
  const measures = [...new Set([...shown, ...(isChart ? [] : coverageMeasures)])];
  const byKind = groupBy.includes('kind');
  const { rows, sums } = await (byKind ? kindRows : groupedRows)(clickhouse, question, measures);
  const fields = named.length ? new Set([...shown, ...(byKind ? ofKind : [])]) : everyField;
  const tellRow = teller(fields, byKind ? new Set(ofKind) : shown);
  return {
    rows: rows.map(({ keys, sums: of }) => Object.assign(keys, tellRow(of))),
    totals: teller(everyField, shown)(sums) as SpendTotals,
    coverage: coverageOf(sums),
  };
}

/** Shares with a price: null where there is nothing, or where it was not added up. */
export interface Coverage {
  tokens: number | null;
  calls: number | null;
}

const coverageMeasures: readonly SpendMeasure[] = ['calls', 'unpriced_calls', 'tokens', 'unpriced_tokens'];

function coverageOf(sums: Sums): Coverage {
  const share = (unpriced: string | undefined, all: string | undefined) =>
    unpriced !== undefined && Number(all ?? 0) > 0 ? Math.max(0, 1 - Number(unpriced) / Number(all)) : null;
  return {
    tokens: share(sums.unpriced_tokens, sums.tokens),
    calls: share(sums.unpriced_calls, sums.calls),
  };
}

type Keys = Partial<Record<SpendGroup, string>> & { time?: string };

interface Group {
  keys: Keys;
  sums: Sums;
}

function sourcesOf(measures: readonly SpendMeasure[]): SpendMeasure[] {
  const needed = new Set<SpendMeasure>([
    'cost_usd',
    ...measures.flatMap(name => [name, ...(NEEDS[name] ?? [])]),
  ]);
  return [...needed].filter(name => SOURCES[name] !== undefined);
}

interface Read {
  rows: Group[];
  /** Of everything. */
  sums: Sums;
}

async function groupedRows(
  clickhouse: ClickHouse,
  question: SpendQuestion,
  measures: readonly SpendMeasure[],
): Promise<Read> {
  const sources = sourcesOf(measures);
  const read = await readSums(clickhouse, question, { sources, kinds: [] });
  return {
    rows: read.rows.map(({ keys, m }) => ({ keys, sums: sumsIn(m, sources) })),
    sums: sumsIn(read.totals, sources),
  };
}

/** A row of sums per group becomes a row per kind that has any. */
async function kindRows(
  clickhouse: ClickHouse,
  question: SpendQuestion,
  measures: readonly SpendMeasure[],
): Promise<Read> {
  const sources = sourcesOf(measures);
  const others = { ...question, groupBy: question.groupBy.filter(name => name !== 'kind') };
  const { rows, totals } = await readSums(clickhouse, others, { sources, kinds: spendKinds });
  const groups = rows.flatMap(({ keys, m }) =>
    spendKinds.flatMap((kind, at): Group[] => {
      const [units = '0', cost_usd = '0'] = m.slice(sources.length + 2 * at);
      return units === '0' && cost_usd === '0'
        ? []
        : [{ keys: { ...keys, kind }, sums: { units, cost_usd } }];
    }),
  );
  return { rows: groups.slice(0, question.limit + 1), sums: sumsIn(totals, sources) };
}

/** `m`: sums in the order of what was asked for. */
type SumsRow = Record<string, string | number> & { m: string[] };

function sumsIn(m: readonly string[], sources: readonly SpendMeasure[]): Sums {
  const sums: Sums = {};
  for (let at = 0; at < sources.length; at += 1) sums[sources[at]!] = m[at] ?? '0';
  return sums;
}

/** Sums by group, of the sources and then of each kind its units and its cost, with those of everything: one read of the ledger. */
async function readSums(
  clickhouse: ClickHouse,
  question: SpendQuestion,
  { sources, kinds }: { sources: readonly SpendMeasure[]; kinds: readonly SpendKind[] },
): Promise<{ rows: { keys: Keys; m: string[] }[]; totals: string[] }> {
  const numbers = [...sources.map(columnOf), ...kinds.flatMap(kind => [`units_${kind}`, `nanos_${kind}`])];
  const { from, keys, sums, params, tail, nothing } = await sourceOf(clickhouse, question, numbers);
  const numbered = keys.map((_, at) => at + 1).join(', ');
  const isSome = kinds.length || !nothing ? '' : 'HAVING arrayExists(x -> x != 0, m)';
  const grouped = `GROUP BY ${numbered} WITH TOTALS ${isSome}
     ORDER BY ${question.interval ? 'time_s, ' : ''}${numberIn('m', numbers, 'cost_nanos')} DESC, ${numbered} LIMIT {limit:UInt32}`;
  const { rows, totals } = await clickhouse.queryWithTotals<SumsRow>(
    `SELECT ${[...keys, `${sums} AS m`].join(', ')} FROM ${from} ${keys.length ? grouped : ''} ${tail}`,
    params,
    { settings: mayChoose },
  );
  const keysOfRow = keyReader(question);
  // Without keys there is always a row, of nothing too.
  const some = keys.length ? rows : rows.filter(({ m }) => m.some(sum => sum !== '0'));
  return {
    rows: some.map(row => ({ keys: keysOfRow(row), m: row.m })),
    totals: (totals ?? rows[0])?.m ?? [],
  };
}

/** Column of the ledger that a measure adds up. */
const columnOf = (name: SpendMeasure): string => SOURCES[name] ?? '';

/**
 * What is added up: the ledger by quarters of an hour, or its sums of whole days where no buckets of time are asked for, or buckets of
 * days that the sums of quarters do not tell apart. `sums` is SQL of an array of the sums of `numbers`. `nothing`: there may be groups of
 * nothing, which days had too much and ends took away; the array then ends with the calls, as a group of them may have cost nothing.
 */
async function sourceOf(clickhouse: ClickHouse, question: SpendQuestion, numbers: readonly string[]) {
  const { interval, groupBy } = question;
  const { sql, filter, params } = filterOf(question);
  const summed = { numbers: [...new Set([...numbers, 'calls'])], filter };
  const sums = 'sumForEach(sums)';
  const dimensions = keysOf({ groupBy });
  const names = dimensions.map((_, at) => `k${at}`);
  if (!interval) {
    const from = `(${sumsOfRanges([question], { ...summed, keys: dimensions })})`;
    return { from, keys: names, sums, params, tail: '', nothing: true };
  }
  const quarters = { unit: 'quarter' as const, keys: [...dimensions, filter], numbers };
  if (isOfDays(interval) && (question.tz === 'UTC' || !isSummed(quarters))) {
    const days = await localDays(clickhouse, question);
    if (days !== null)
      return {
        from: `(${sumsOfLocalDays(days, { ...summed, keys: dimensions })})`,
        keys: [...names, `toUnixTimestamp(toDateTime(${DAYS[interval]}, {tz:String})) AS time_s`],
        sums,
        params,
        tail: '',
        nothing: true,
      };
  }
  return {
    from: `spend_15m WHERE ${sql}`,
    keys: keysOf(question),
    sums: `[${numbers.map(sumOfLedger).join(', ')}]`,
    params,
    tail: chosenSums(quarters),
    nothing: false,
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

/** Reads the keys of a row; the same instants come again and again. */
function keyReader({ groupBy, interval, tz }: SpendQuestion): (row: SumsRow) => Keys {
  const times = new Map<number, string>();
  const isoOf = isoTeller(tz);
  const timeOf = (seconds: number) => {
    const time = times.get(seconds) ?? isoOf(seconds * 1000);
    times.set(seconds, time);
    return time;
  };
  return row => {
    const keys: Keys = {};
    for (const [at, name] of groupBy.entries()) keys[name] = String(row[`k${at}`]);
    if (interval) keys.time = timeOf(Number(row.time_s));
    return keys;
  };
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

const usd = (nanos: bigint | string | undefined) =>
  nanos === undefined ? null : usdFromNanos(nanos.toString());
const count = (text: string | undefined) => (text === undefined ? null : Number(text));

function less(one: string | undefined, other: string | undefined): string | null {
  return one === undefined || other === undefined ? null : usd(BigInt(one) - BigInt(other));
}

/** What is shown of each measure, in the order in which it is: money as USD. */
const SHOWN: { [Measure in keyof SpendTotals]: (sums: Sums) => SpendTotals[Measure] } = {
  cost_usd: sums => usd(sums.cost_usd ?? '0') ?? '',
  low_usd: sums => usd(sums.low_usd),
  high_usd: sums => (sums.unbounded_calls === '0' ? usd(sums.bounded_high_usd) : null),
  bounded_high_usd: sums => usd(sums.bounded_high_usd),
  booked_usd: sums => usd(sums.booked_usd),
  adjustments_usd: sums => less(sums.cost_usd ?? '0', sums.booked_usd),
  uncached_usd: sums => usd(sums.uncached_usd),
  cache_saving_usd: sums => less(sums.uncached_usd, sums.cost_usd ?? '0'),
  client_usd: sums => usd(sums.client_usd),
  client_ours_usd: sums => usd(sums.client_ours_usd),
  calls: sums => count(sums.calls),
  attempts: sums => count(sums.attempts),
  failed_attempts: sums => count(sums.failed_attempts),
  unpriced_calls: sums => count(sums.unpriced_calls),
  unbounded_calls: sums => count(sums.unbounded_calls),
  tokens: sums => count(sums.tokens),
  unpriced_tokens: sums => count(sums.unpriced_tokens),
  units: sums => count(sums.units),
  sessions: () => null,
};

const everyField: ReadonlySet<SpendMeasure> = new Set(Object.keys(SHOWN) as SpendMeasure[]);

/** Tells sums as they are shown, in these fields: null where it is not `known`. A chart has thousands, so that is worked out once. */
function teller(
  fields: ReadonlySet<SpendMeasure>,
  known: ReadonlySet<SpendMeasure>,
): (sums: Sums) => Partial<SpendTotals> & Pick<SpendTotals, 'cost_usd'> {
  const shown = [...everyField].filter(name => name !== 'cost_usd' && fields.has(name));
  const tellers = shown.map(name => [name, known.has(name) ? SHOWN[name] : () => null] as const);
  return sums => {
    const told: Record<string, string | number | null> = {};
    for (const [name, tell] of tellers) told[name] = tell(sums);
    return { cost_usd: SHOWN.cost_usd(sums), ...told };
  };
}
