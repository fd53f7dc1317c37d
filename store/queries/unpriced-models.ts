import { TupleParam } from '@clickhouse/client';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { isoFromStore, isoToStore } from './time.ts';

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

// Nothing is booked before the time it is for, so older days need not be looked at.
const within =
  'project_id = {project:String} AND bucket >= {from:DateTime} AND origin >= {from:DateTime} AND origin < {to:DateTime}';

const TOTALS = `SELECT sum(calls) AS n, sum(tokens) AS tokens FROM spend_15m WHERE ${within}`;

// A priced call is between its cost and its cost, so what the sums are apart from the cost is of the unpriced ones.
const MODELS = `
SELECT provider, model, sum(unpriced_calls) AS n, sum(unpriced_tokens) AS tokens,
  toString(minIf(origin, unpriced_calls > 0)) AS first_seen, toString(maxIf(origin, unpriced_calls > 0)) AS last_seen,
  sum(low_nanos) - sum(cost_nanos) AS low, sum(high_nanos) - sum(cost_nanos) AS high,
  sum(unbounded_calls) AS unbounded
FROM spend_15m
WHERE ${within} AND (unpriced_calls != 0 OR low_nanos != cost_nanos OR high_nanos != cost_nanos)
GROUP BY provider, model
HAVING n > 0
ORDER BY tokens DESC, n DESC, provider, model
LIMIT 500`;

const NAMES = `
SELECT provider, model, topK(1)(request_model)[1] AS request_model, topK(1)(response_model)[1] AS response_model
FROM calls
WHERE project_id = {project:String} AND start_time >= {from:DateTime} AND start_time < {to:DateTime}
  AND isNull(cost_nanos) AND (provider, model) IN {models:Array(Tuple(String, String))}
GROUP BY provider, model`;

/** Models with unpriced calls, most tokens first, at most 500. */
export async function readUnpricedModels(clickhouse: ClickHouse, asked: Asked): Promise<Unpriced> {
  type Row = Record<'provider' | 'model' | 'first_seen' | 'last_seen', string> &
    Record<'n' | 'tokens' | 'low' | 'high' | 'unbounded', string>;
  const options = { settings: dashboardLimits };
  const params = { project: asked.projectId, from: seconds(asked.fromMs), to: seconds(asked.toMs) };
  const [[total], rows] = await Promise.all([
    clickhouse.query<{ n: string; tokens: string }>(TOTALS, params, options),
    clickhouse.query<Row>(MODELS, params, options),
  ]);
  const names = await readNames(clickhouse, asked, rows);
  return {
    calls: Number(total?.n ?? 0),
    tokens: Number(total?.tokens ?? 0),
    models: rows.map(({ n, low, high, unbounded, ...row }) => ({
      provider: row.provider,
      model: row.model,
      calls: Number(n),
      tokens: Number(row.tokens),
      first_seen: isoFromStore(row.first_seen),
      last_seen: isoFromStore(row.last_seen),
      low_nanos: low,
      high_nanos: high,
      unbounded_calls: Number(unbounded),
      ...(names.get(`${row.provider}\n${row.model}`) ?? { request_model: row.model, response_model: '' }),
    })),
  };
}

const dayMs = 86_400_000;

/** By provider and model. The last two days in which a model was seen unpriced say how it is called. */
async function readNames(
  clickhouse: ClickHouse,
  { projectId, toMs }: Asked,
  models: readonly { provider: string; model: string; last_seen: string }[],
): Promise<Map<string, { request_model: string; response_model: string }>> {
  if (models.length === 0) return new Map();
  const earliest = Math.min(...models.map(({ last_seen }) => Date.parse(isoFromStore(last_seen))));
  type Row = Record<'provider' | 'model' | 'request_model' | 'response_model', string>;
  const rows = await clickhouse.query<Row>(NAMES, {
    project: projectId,
    from: seconds(earliest - 2 * dayMs),
    to: seconds(toMs),
    models: models.map(({ provider, model }) => new TupleParam([provider, model])),
  });
  return new Map(rows.map(({ provider, model, ...names }) => [`${provider}\n${model}`, names]));
}

const seconds = (ms: number) => isoToStore(ms).slice(0, 19);
