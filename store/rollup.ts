import { callsAsCounts, countColumns, countKeys } from './call-counts.ts';
import type { ClickHouse } from './engine/client.ts';
import { scoredCalls } from './queries/scored-calls.ts';

const BUCKET_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
/** A bucket is recomputed at least this long after its last row was stored: an insert may take a while to be seen. */
const OVERLAP_US = 90_000_000n;
/** Buckets of one statement: a long history is worked through a week at a time. */
const CHUNK_MS = 7 * 86_400_000;

/** A number in a span attribute that is rolled up like a metric. */
export interface AttributeMetric {
  attribute: string;
  metric: string;
  log: boolean;
}

export interface RollUp {
  /** Give this back as `sinceStored` next time. Microseconds since the epoch, decimal. */
  storedUpTo: string;
  /** How many 15-minute buckets were computed again. */
  buckets: number;
}

const limits = {
  readonly: '0',
  max_execution_time: 120,
  max_memory_usage: '1000000000',
  max_result_rows: '0',
};

/**
 * Computes call_stats_15m again, and with it the hours in call_stats_1h and call_counts_1h, for every bucket that calls or scores stored since `sinceStored` touch. Metrics:
 * `requests`, `error`, `refusal` (n calls, sum of those), `latency` and `ttft` (ms, with bins), `cost` (ln USD of priced calls),
 * `cost_usd` (USD), `output_length` (ln tokens), `pace` (ln ms per output token), `score:<name>`, and the `attributes` given: numbers in
 * span attributes, as the metric they are named (with `log` their natural logarithm).
 */
export async function rollUpChanged(
  clickhouse: ClickHouse,
  {
    projectId,
    sinceStored,
    attributes = [],
  }: { projectId: string; sinceStored: string; attributes?: readonly AttributeMetric[] },
): Promise<RollUp> {
  const since = BigInt(sinceStored) > OVERLAP_US ? BigInt(sinceStored) - OVERLAP_US : 0n;
  const [clock] = await clickhouse.query<{ now: string }>(NEWEST, { project: projectId });
  const changed = await clickhouse.query<{ bucket: number }>(
    CHANGED,
    { project: projectId, since: since.toString() },
    { settings: limits },
  );
  const buckets = changed.map(row => row.bucket * 1000).sort((one, other) => one - other);
  for (let at = 0; at < buckets.length; ) {
    const from = buckets[at]!;
    let end = at;
    while (end < buckets.length && buckets[end]! < from + CHUNK_MS) end += 1;
    await rollUp(clickhouse, { projectId, attributes }, buckets.slice(at, end));
    at = end;
  }
  return { storedUpTo: clock?.now ?? '0', buckets: buckets.length };
}

const NEWEST = `
SELECT toString(greatest(
  (SELECT max(toUnixTimestamp64Micro(stored_at)) FROM calls WHERE project_id = {project:String}),
  (SELECT max(toUnixTimestamp64Micro(stored_at)) FROM scores WHERE project_id = {project:String}))) AS now`;

const bucketOf = (column: string) =>
  `toUnixTimestamp(toStartOfInterval(${column}, INTERVAL 15 MINUTE, 'UTC'))`;

// Deleted rows count as changed too: their bucket must lose them.
const CHANGED = `
WITH fromUnixTimestamp64Micro({since:Int64}, 'UTC') AS since,
  judged AS (SELECT trace_id, response_id FROM scores WHERE project_id = {project:String} AND stored_at >= since)
SELECT DISTINCT ${bucketOf('start_time')} AS bucket
FROM calls
WHERE project_id = {project:String}
  AND (stored_at >= since
    OR (trace_id != '' AND trace_id IN (SELECT trace_id FROM judged))
    OR (response_id != '' AND response_id IN (SELECT response_id FROM judged)))`;

const insertLimits = { max_execution_time: 120, max_memory_usage: '1000000000', async_insert: 0 } as const;

async function rollUp(
  clickhouse: ClickHouse,
  { projectId, attributes }: { projectId: string; attributes: readonly AttributeMetric[] },
  buckets: number[],
): Promise<void> {
  await clickhouse.command(
    recompute(attributes.length > 0),
    {
      ...(attributes.length > 0 && {
        keys: attributes.map(({ attribute }) => attribute),
        metrics: attributes.map(({ metric }) => metric),
        logs: attributes.map(({ log }) => (log ? 1 : 0)),
      }),
      project: projectId,
      from: secondsOf(buckets[0]!),
      to: secondsOf(buckets.at(-1)! + BUCKET_MS),
      buckets: buckets.map(ms => ms / 1000),
    },
    { settings: insertLimits },
  );
  const hours = [...new Set(buckets.map(ms => Math.floor(ms / HOUR_MS) * HOUR_MS))];
  const whole = {
    project: projectId,
    from: secondsOf(hours[0]!),
    to: secondsOf(hours.at(-1)! + HOUR_MS),
    hours: hours.map(ms => ms / 1000),
  };
  // The hours of the statistics are sums of what has just been written.
  await clickhouse.command(HOURLY_STATS, whole, { settings: insertLimits });
  await clickhouse.command(HOURLY_COUNTS, whole, { settings: insertLimits });
}

function secondsOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** The key of a series and its bucket, from a call's columns. */
const SERIES = 'feature, model, environment';
const dimensions = ['start_time', 'feature', 'model', 'environment'] as const;

// One row per call and metric that applies to it; `x` is the value, `bin` its log bin where the metric has bins.
const VALUES = `
  SELECT bucket, ${SERIES}, item.1 AS metric, item.2 AS x, item.3 AS binned FROM
  (
    SELECT toStartOfInterval(start_time, INTERVAL 15 MINUTE, 'UTC') AS bucket, ${SERIES},
      duration_ns / 1e6 AS ms,
      arrayJoin(arrayFilter(one -> isFinite(one.2), [
        ('requests', 1., 0),
        ('error', toFloat64(failed), 0),
        ('refusal', if(failed, nan, toFloat64(finish_reason = 'content_filter')), 0),
        ('latency', if(failed OR ms <= 0, nan, ms), 1),
        ('ttft', if(failed, nan, ifNull(ttft_ns / 1e6, nan)), 1),
        ('cost', if(ifNull(cost_nanos, 0) > 0, log(ifNull(cost_nanos, 0) / 1e9), nan), 0),
        ('cost_usd', ifNull(cost_nanos / 1e9, nan), 0),
        ('output_length', if(ifNull(output_tokens, 0) > 0, log(ifNull(output_tokens, 0)), nan), 0),
        ('pace', if(NOT failed AND ifNull(output_tokens, 0) > 0 AND ms > 0, log(ms / ifNull(output_tokens, 1)), nan), 0)
      ])) AS item
    FROM calls FINAL
    WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
  )
  UNION ALL
  SELECT toStartOfInterval(call_start_time, INTERVAL 15 MINUTE, 'UTC'), call_feature, call_model, call_environment,
    concat('score:', score_name), value, 0
  FROM (${scoredCalls(dimensions)})`;

// Attributes stay where the span was stored; those of a call are read from its own span.
const ATTRIBUTES = `
  UNION ALL
  SELECT bucket, ${SERIES}, item.1, item.2, 0 FROM
  (
    SELECT toStartOfInterval(start_time, INTERVAL 15 MINUTE, 'UTC') AS bucket, ${SERIES},
      arrayJoin(arrayFilter(one -> isFinite(one.2), arrayMap(
        (metric, is_log, x) -> (metric, if(is_log, if(x > 0, log(x), nan), x)),
        {metrics:Array(String)}, {logs:Array(UInt8)}, xs))) AS item
    FROM (SELECT start_time, trace_id, span_id, ${SERIES} FROM calls FINAL
      WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}) AS calls
    INNER JOIN (SELECT trace_id, span_id, arrayMap(key -> ifNull(toFloat64OrNull(attributes[key]), nan), {keys:Array(String)}) AS xs FROM spans FINAL
      WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
        AND arrayExists(key -> mapContains(attributes, key), {keys:Array(String)})) AS spans
      ON spans.trace_id = calls.trace_id AND spans.span_id = calls.span_id
  )`;

// What is stored now is added with no values, so that a series that left a bucket is written as empty.
const recompute = (withAttributes: boolean) => `
INSERT INTO call_stats_15m (project_id, bucket, feature, model, environment, metric, n, sum, sum_sq, histogram, version)
WITH {buckets:Array(UInt32)} AS changed
SELECT {project:String}, bucket, ${SERIES}, metric,
  countIf(present) AS n, sumIf(x, present) AS sum, sumIf(x * x, present) AS sum_sq,
  sumMapIf(map(toInt16(floor(25 * log(greatest(x, 1e-6)))), toUInt64(1)), present AND binned AND x > 0) AS histogram,
  toUnixTimestamp64Micro(now64(6))
FROM
(
  SELECT bucket, ${SERIES}, metric, x, binned, 1 AS present FROM (${VALUES}${withAttributes ? ATTRIBUTES : ''})
  UNION ALL
  SELECT bucket, ${SERIES}, metric, 0., 0, 0
  FROM call_stats_15m
  WHERE project_id = {project:String} AND bucket >= toDateTime({from:DateTime64(3)}) AND bucket < toDateTime({to:DateTime64(3)})
)
WHERE has(changed, toUnixTimestamp(bucket))
GROUP BY bucket, ${SERIES}, metric`;

const HOURLY_STATS = `
INSERT INTO call_stats_1h (project_id, bucket, feature, model, environment, metric, n, sum, sum_sq, histogram, version)
SELECT project_id, toStartOfHour(bucket) AS hour, ${SERIES}, metric, sum(n), sum(sum), sum(sum_sq), sumMap(histogram),
  toUnixTimestamp64Micro(now64(6))
FROM call_stats_15m FINAL
WHERE project_id = {project:String} AND bucket >= toDateTime({from:DateTime64(3)}) AND bucket < toDateTime({to:DateTime64(3)})
  AND has({hours:Array(UInt32)}, toUnixTimestamp(toStartOfHour(bucket)))
GROUP BY project_id, hour, ${SERIES}, metric`;

const counted = Object.keys(countColumns);
const keys = countKeys.join(', ');
const within = `start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
  AND has({hours:Array(UInt32)}, toUnixTimestamp(toStartOfHour(start_time)))`;

// As above, what is stored now is added with nothing, so that what has left an hour is written as 0.
const HOURLY_COUNTS = `
INSERT INTO call_counts_1h (project_id, start_time, ${keys}, ${counted.join(', ')}, version)
SELECT {project:String}, toDateTime(toStartOfHour(start_time)) AS hour, ${keys},
  ${counted.map(name => `sum(c_${name})`).join(', ')}, toUnixTimestamp64Micro(now64(6))
FROM
(
  ${callsAsCounts(['start_time', ...countKeys], counted, within)}
  UNION ALL
  SELECT toDateTime64(start_time, 9, 'UTC'), ${keys}, ${counted.map((_, at) => (at < counted.indexOf('input_tokens') ? '0' : 'NULL')).join(', ')}
  FROM call_counts_1h
  WHERE project_id = {project:String} AND start_time >= toDateTime({from:DateTime64(3)}) AND start_time < toDateTime({to:DateTime64(3)})
    AND has({hours:Array(UInt32)}, toUnixTimestamp(start_time))
)
GROUP BY hour, ${keys}`;
