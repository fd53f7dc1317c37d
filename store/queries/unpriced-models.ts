import { TupleParam } from '@clickhouse/client';
import type { ClickHouse } from '../engine/client.ts';
import { numberIn, type SpendRange, sumsOfRanges } from './spend-days.ts';
import { chosenSums, mayChoose } from './spend-projection.ts';
import { isoFromStore } from './time.ts';

/** A model with calls whose cost is not known, as the ledger has it now: what was priced later is not among them. */
export interface UnpricedModel {
  provider: string;
  model: string;
  calls: number;
  tokens: number;
  /** Start of the quarter of an hour, ISO 8601. */
  first_seen: string;
  last_seen: string;
  /** Nano-dollars as decimal text: at least, and at most of the calls that have an upper bound. */
  low_nanos: string;
  high_nanos: string;
  unbounded_calls: number;
  /** The names that most of its newest calls went by. */
  request_model: string;
  response_model: string;
}

export interface Unpriced {
  /** Of all calls of these days. */
  tokens: number;
  calls: number;
  models: UnpricedModel[];
}

interface Asked {
  projectId: string;
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

const numbers = [
  'calls',
  'tokens',
  'unpriced_calls',
  'unpriced_tokens',
  'unbounded_calls',
  'cost_nanos',
  'low_nanos',
  'high_nanos',
];

const LATER = `FROM spend_adjustments
  WHERE project_id = {project:String} AND origin >= toDateTime({timeFrom:UInt32}, 'UTC') AND origin < toDateTime({timeTo:UInt32}, 'UTC')`;

const KEYS = ['provider', 'model', 'entry', 'toYYYYMMDD(bucket) AS day'];

// Every model of these days, with what was booked later for the closed ones. A priced call is between its cost and its cost, so
// what the sums are apart from the cost is of the unpriced ones. (Or of estimated tokens: bounds of both then, but never below nothing.)
const sum = (name: string) => numberIn('m', numbers, name);
const sumsSql = (range: SpendRange) => `
SELECT provider, model, (sumForEach(n) AS m)[1] AS calls, ${sum('tokens')} AS tokens, ${sum('unpriced_calls')} AS unpriced_calls,
  ${sum('unpriced_tokens')} AS unpriced_tokens, ${sum('unbounded_calls')} AS unbounded,
  greatest(0, ${sum('low_nanos')} - ${sum('cost_nanos')}) AS low, greatest(0, ${sum('high_nanos')} - ${sum('cost_nanos')}) AS high,
  arraySort(groupUniqArrayIf(day, is_seen)) AS days
FROM
(
  SELECT provider, model, day, sum(${numberIn('sums', numbers, 'unpriced_calls')}) > 0 AS is_seen,
    sumForEachIf(sums, entry != 'adjustment') AS n
  FROM (${sumsOfRanges([range], { keys: KEYS, numbers, filter: '' })})
  GROUP BY provider, model, day
  UNION ALL
  SELECT provider, model, 0 AS day, 0 AS is_seen, [${numbers.map(name => `sum(${name})`).join(', ')}] AS n ${LATER}
  GROUP BY provider, model
)
GROUP BY provider, model`;

// Of each model its first and its last day will do.
const SEEN = `
SELECT provider, model, toString(min(at)) AS first_seen, toString(max(at)) AS last_seen
FROM
(
  SELECT provider, model, bucket AS at, sum(unpriced_calls) AS n FROM spend_15m
  WHERE project_id = {project:String} AND bucket >= toDateTime({timeFrom:UInt32}, 'UTC') AND bucket < toDateTime({timeTo:UInt32}, 'UTC')
    AND toYYYYMMDD(bucket) IN {days:Array(UInt32)} AND (provider, model) IN {models:Array(Tuple(String, String))}
  GROUP BY provider, model, at HAVING n > 0
  ${chosenSums({ unit: 'quarter', keys: ['provider', 'model'], numbers: ['unpriced_calls'] })}
  UNION ALL
  SELECT provider, model, origin AS at, sum(unpriced_calls) AS n ${LATER}
    AND (provider, model) IN {models:Array(Tuple(String, String))}
  GROUP BY provider, model, at HAVING n > 0
)
GROUP BY provider, model`;

const NAMES = `
SELECT provider, model, topK(1)(request_model)[1] AS request_model, topK(1)(response_model)[1] AS response_model
FROM calls
WHERE project_id = {project:String} AND toStartOfHour(start_time) IN {hours:Array(DateTime('UTC'))}
  AND isNull(cost_nanos) AND (provider, model) IN {models:Array(Tuple(String, String))}
GROUP BY provider, model`;

const mostModels = 500;

/** Models with unpriced calls, most tokens first, at most 500. */
export async function readUnpricedModels(clickhouse: ClickHouse, asked: Asked): Promise<Unpriced> {
  const all = await clickhouse.query<SumsRow>(sumsSql(rangeOf(asked)), paramsOf(asked), {
    settings: mayChoose,
  });
  const unpriced = all
    .filter(row => Number(row.unpriced_calls) > 0)
    .sort(mostTokensFirst)
    .slice(0, mostModels);
  const seen = await readSeen(clickhouse, asked, unpriced);
  const names = await readNames(clickhouse, asked, [...seen.values()]);
  const total = (name: 'calls' | 'tokens') => all.reduce((sum, row) => sum + Number(row[name]), 0);
  return {
    calls: total('calls'),
    tokens: total('tokens'),
    models: unpriced.map(row => {
      const { provider, model } = row;
      const { first_seen = '', last_seen = '' } = seen.get(keyOf(row)) ?? {};
      return {
        provider,
        model,
        calls: Number(row.unpriced_calls),
        tokens: Number(row.unpriced_tokens),
        first_seen: isoFromStore(first_seen),
        last_seen: isoFromStore(last_seen),
        low_nanos: row.low,
        high_nanos: row.high,
        unbounded_calls: Number(row.unbounded),
        ...(names.get(keyOf(row)) ?? { request_model: model, response_model: '' }),
      };
    }),
  };
}

interface ModelKey {
  provider: string;
  model: string;
}

type SumsRow = ModelKey &
  Record<'calls' | 'tokens' | 'unpriced_calls' | 'unpriced_tokens' | 'unbounded' | 'low' | 'high', string> & {
    /** Of UTC, as 20261024, with unpriced calls in the ledger; oldest first. */
    days: number[];
  };
type SeenRow = ModelKey & Record<'first_seen' | 'last_seen', string>;

const keyOf = ({ provider, model }: ModelKey) => `${provider}\n${model}`;
const tuples = (models: readonly ModelKey[]) =>
  models.map(({ provider, model }) => new TupleParam([provider, model]));

/** Whole quarters of an hour, which is as fine as spend is kept. */
function rangeOf({ fromMs, toMs }: Asked): SpendRange {
  const quarter = (ms: number) => Math.ceil(ms / 900_000) * 900_000;
  return { fromMs: quarter(fromMs), toMs: quarter(toMs) };
}

function paramsOf(asked: Asked) {
  const { fromMs, toMs } = rangeOf(asked);
  return { project: asked.projectId, timeFrom: fromMs / 1000, timeTo: toMs / 1000 };
}

function mostTokensFirst(one: SumsRow, other: SumsRow): number {
  const by = (name: 'unpriced_tokens' | 'unpriced_calls') => Number(other[name]) - Number(one[name]);
  return by('unpriced_tokens') || by('unpriced_calls') || (keyOf(one) < keyOf(other) ? -1 : 1);
}

async function readSeen(
  clickhouse: ClickHouse,
  asked: Asked,
  models: readonly SumsRow[],
): Promise<Map<string, SeenRow>> {
  if (models.length === 0) return new Map();
  const days = [...new Set(models.flatMap(({ days: of }) => [...of.slice(0, 1), ...of.slice(-1)]))];
  const rows = await clickhouse.query<SeenRow>(
    SEEN,
    { ...paramsOf(asked), days, models: tuples(models) },
    { settings: mayChoose },
  );
  return new Map(rows.map(row => [keyOf(row), row]));
}

/** By provider and model: how it was called in the last hour in which it was seen unpriced. */
async function readNames(
  clickhouse: ClickHouse,
  { projectId }: Asked,
  models: readonly SeenRow[],
): Promise<Map<string, { request_model: string; response_model: string }>> {
  if (models.length === 0) return new Map();
  type Row = ModelKey & Record<'request_model' | 'response_model', string>;
  const hours = new Set(models.map(({ last_seen }) => `${last_seen.slice(0, 13)}:00:00`));
  const rows = await clickhouse.query<Row>(NAMES, {
    project: projectId,
    hours: [...hours],
    models: tuples(models),
  });
  return new Map(rows.map(({ provider, model, ...names }) => [keyOf({ provider, model }), names]));
}
