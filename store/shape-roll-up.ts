import type { ClickHouseSettings } from '@clickhouse/client';
import type { ClickHouse } from './engine/client.ts';

/** Names the job and how far it got, see progress. */
export const shapeJob = (projectId: string) => `shape roll-up ${projectId}`;
/** How far a long history came, so that it need not be begun again; empty when nothing is under way. */
export const shapesUnderWay = (projectId: string) => `${shapeJob(projectId)} under way`;

/** Attributes of spans that hold the embedding of a call's input and output; empty: none. */
export interface EmbeddingAttributes {
  input: string;
  output: string;
}

/** How far a roll-up came that was broken off: it goes on there. Plain JSON. */
export interface ShapesUnderWay {
  /** Microseconds of the engine's clock when it began, decimal. */
  begun: string;
  /** Hours from here on are done, Unix milliseconds. */
  doneFromMs: number;
}

/** An insert may take a while to be seen: this much is looked at again. */
const overlapUs = 90_000_000n;
const hourMs = 3_600_000;
/** Hours of one statement: a long history is worked through a day at a time. */
const chunkHours = 24;
/** Values of an embedding that are looked at, and how many calls of an hour and series. */
const coordinates = 256;
const embeddingsAnHour = 100;
const planes = 4;

/** One thread, so that a long history leaves the engine to whoever looks at a page. */
const settings: ClickHouseSettings = {
  readonly: '0',
  max_threads: 1,
  max_execution_time: 120,
  max_memory_usage: '1000000000',
  max_result_rows: '0',
  async_insert: 0,
};

/**
 * Computes lengths, embeddings (`shape_stats_1h`) and usage (`usage_stats_1h`) again for every hour of which calls were stored since
 * `since`, the newest first, so that the last day is known before its history. Gives what to take as `since` next time, microseconds; null when
 * `afterDay` said no. Languages and topics are not told by SQL: see quality/shape.
 */
export async function rollUpShapes(
  clickhouse: ClickHouse,
  {
    projectId,
    since,
    embeddings,
    underWay,
  }: {
    projectId: string;
    since: string;
    embeddings: EmbeddingAttributes;
    underWay: ShapesUnderWay | null;
  },
  afterDay: (hours: number[], underWay: ShapesUnderWay) => Promise<boolean>,
): Promise<string | null> {
  const [clock] = await clickhouse.query<{ now: string }>(
    'SELECT toString(toUnixTimestamp64Micro(now64(6))) AS now',
  );
  const from = BigInt(since) > overlapUs ? BigInt(since) - overlapUs : 0n;
  const changed = await clickhouse.query<{ hour: number }>(
    CHANGED,
    { project: projectId, since: from.toString() },
    { settings },
  );
  const begun = underWay?.begun ?? clock?.now ?? '0';
  const doneFromMs = underWay?.doneFromMs ?? Number.POSITIVE_INFINITY;
  const hours = changed.map(({ hour }) => hour * hourMs).filter(ms => ms < doneFromMs);
  for (let end = hours.length; end > 0; ) {
    let at = end - 1;
    while (at > 0 && hours[at - 1]! > hours[end - 1]! - chunkHours * hourMs) at -= 1;
    const chunk = hours.slice(at, end);
    await recompute(clickhouse, { projectId, embeddings }, chunk);
    if (!(await afterDay(chunk, { begun, doneFromMs: chunk[0]! }))) return null;
    end = at;
  }
  return begun;
}

// Deleted rows count as changed too: their hour must lose them.
const CHANGED = `
SELECT DISTINCT toUInt32(intDiv(toUnixTimestamp(start_time), 3600)) AS hour FROM calls
WHERE project_id = {project:String} AND stored_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
ORDER BY hour`;

async function recompute(
  clickhouse: ClickHouse,
  { projectId, embeddings }: { projectId: string; embeddings: EmbeddingAttributes },
  hours: number[],
): Promise<void> {
  const params = {
    project: projectId,
    from: secondsOf(hours[0]!),
    to: secondsOf(hours.at(-1)! + hourMs),
    hours: hours.map(ms => ms / 1000),
  };
  await clickhouse.command(LENGTHS, params, { settings });
  await clickhouse.command(USAGE, params, { settings });
  const keys = [embeddings.input, embeddings.output];
  if (keys.some(key => key !== ''))
    await clickhouse.command(EMBEDDINGS, { ...params, keys, planes }, { settings });
}

const secondsOf = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

const within = (column: string) => `${column} >= toDateTime({from:String}, 'UTC')
  AND ${column} < toDateTime({to:String}, 'UTC') AND has({hours:Array(UInt32)}, toUnixTimestamp(toStartOfHour(${column})))`;
const SERIES = 'feature, model, environment';
const VERSION = 'toUnixTimestamp64Micro(now64(6))';
const SHAPES = `INSERT INTO shape_stats_1h (project_id, bucket, ${SERIES}, shape, n, sum, sum_sq, histogram, vector_sum, version)`;
const stored = (shapes: string) => `SELECT bucket AS hour, ${SERIES}, shape FROM shape_stats_1h
  WHERE project_id = {project:String} AND ${within('bucket')} AND shape IN (${shapes})`;

// What is stored now is added with no values, so that a series that left an hour is written as empty.
const LENGTHS = `${SHAPES}
SELECT {project:String}, hour, ${SERIES}, shape, countIf(x > 0), sumIf(ln, x > 0), sumIf(ln * ln, x > 0),
  sumMapIf(map(toString(toInt32(floor(25 * ln))), toUInt64(1)), x > 0), [], ${VERSION}
FROM
(
  SELECT hour, ${SERIES}, item.1 AS shape, item.2 AS x, log(greatest(x, 1)) AS ln
  FROM
  (
    SELECT toDateTime(toStartOfHour(start_time), 'UTC') AS hour, ${SERIES}, arrayJoin([
      ('input_length', toFloat64(ifNull(input_tokens, 0))), ('output_length', toFloat64(ifNull(output_tokens, 0)))]) AS item
    FROM calls FINAL
    WHERE project_id = {project:String} AND purpose = '' AND ${within('start_time')}
  )
  UNION ALL
  SELECT hour, ${SERIES}, shape, 0., 0. FROM (${stored("'input_length', 'output_length'")})
)
GROUP BY hour, ${SERIES}, shape`;

const USAGE = `
INSERT INTO usage_stats_1h (project_id, bucket, feature, environment, requests, users, sessions, version)
SELECT {project:String}, hour, feature, environment, sum(one), uniqExactIf(who, who != ''),
  uniqExactIf(sitting, sitting != ''), ${VERSION}
FROM
(
  SELECT toDateTime(toStartOfHour(start_time), 'UTC') AS hour, feature, environment, toUInt64(1) AS one, user AS who, session AS sitting
  FROM calls FINAL
  WHERE project_id = {project:String} AND purpose = '' AND ${within('start_time')}
  UNION ALL
  SELECT bucket, feature, environment, toUInt64(0), '', '' FROM usage_stats_1h
  WHERE project_id = {project:String} AND ${within('bucket')}
)
GROUP BY hour, feature, environment`;

// On which side of each plane: signs of random projections (Charikar, Similarity estimation techniques from rounding algorithms, 2002).
const CELL = `toString(arraySum(plane -> if(arraySum((x, at) -> if(bitTest(sipHash64(at), plane), x, -x),
    unit, arrayEnumerate(unit)) > 0, bitShiftLeft(toUInt32(1), plane), toUInt32(0)), range({planes:UInt8})))`;

// Long attributes are cut on the way in, so the first numbers of the list are taken and not the JSON as a whole.
const EMBEDDINGS = `${SHAPES}
SELECT {project:String}, hour, ${SERIES}, shape, countIf(present), 0, 0,
  sumMapIf(map(cell, toUInt64(1)), present), sumForEachIf(unit, present), ${VERSION}
FROM
(
  SELECT hour, ${SERIES}, shape, unit, ${CELL} AS cell, toUInt8(1) AS present
  FROM
  (
    SELECT hour, ${SERIES}, shape, arrayMap(x -> toFloat32(x / length), numbers) AS unit
    FROM
    (
      SELECT hour, ${SERIES}, trace_id, span_id, item.1 AS shape,
        arrayMap(one -> toFloat64OrZero(one), arraySlice(extractAll(item.2, '-?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?'), 1, ${coordinates})) AS numbers,
        sqrt(arraySum(x -> x * x, numbers)) AS length
      FROM
      (
        SELECT toDateTime(toStartOfHour(start_time), 'UTC') AS hour, ${SERIES}, trace_id, span_id, arrayJoin(arrayFilter(one -> one.2 != '',
          [('input_embedding', found[1]), ('output_embedding', found[2])])) AS item
        FROM (SELECT start_time, trace_id, span_id, ${SERIES} FROM calls FINAL
          WHERE project_id = {project:String} AND purpose = '' AND ${within('start_time')}) AS calls
        INNER JOIN (SELECT trace_id, span_id, arrayMap(key -> attributes[key], {keys:Array(String)}) AS found FROM spans FINAL
          WHERE project_id = {project:String} AND ${within('start_time')}
            AND arrayExists(key -> key != '' AND mapContains(attributes, key), {keys:Array(String)})) AS spans
          ON spans.trace_id = calls.trace_id AND spans.span_id = calls.span_id
      )
    )
    WHERE length > 0
    ORDER BY sipHash64(trace_id, span_id)
    LIMIT ${embeddingsAnHour} BY hour, ${SERIES}, shape
  )
  UNION ALL
  SELECT hour, ${SERIES}, shape, [], '', toUInt8(0) FROM (${stored("'input_embedding', 'output_embedding'")})
)
GROUP BY hour, ${SERIES}, shape`;
