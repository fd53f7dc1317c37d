import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { nanosFromClickhouse } from '../rows.ts';
import { answered, type CallToScore } from './calls-to-score.ts';
import { isoToStore } from './time.ts';

/** An answered call whose texts stand for others of its hour and series. */
export interface CallToSketch extends CallToScore {
  environment: string;
  /** Start of its hour, Unix milliseconds. */
  hourMs: number;
}

const lengthOfHour = 3_600_000;

interface Row {
  trace_id: string;
  span_id: string;
  start: string;
  feature: string;
  model: string;
  environment: string;
  finish_reason: string;
  merged_from: string[];
}

/** Up to `anHour` answered calls of each hour and series, always the same ones, in time order. */
export async function callsToSketch(
  clickhouse: ClickHouse,
  {
    projectId,
    hours,
    anHour,
    of,
  }: {
    projectId: string;
    hours: readonly number[];
    anHour: number;
    /** Of this series alone. */
    of?: { feature: string; model: string; environment: string };
  },
): Promise<CallToSketch[]> {
  if (hours.length === 0) return [];
  const rows = await clickhouse.query<Row>(
    `SELECT trace_id, span_id, toString(start_time) AS start, feature, model, environment, finish_reason, merged_from
     FROM calls FINAL
     WHERE project_id = {project:String} AND ${answered}
       AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
       ${of ? 'AND feature = {feature:String} AND model = {model:String} AND environment = {environment:String}' : ''}
       AND has({hours:Array(UInt32)}, toUnixTimestamp(toStartOfHour(start_time)))
     ORDER BY sipHash64(trace_id, span_id)
     LIMIT {many:UInt32} BY toStartOfHour(start_time), feature, model, environment`,
    {
      ...of,
      project: projectId,
      from: isoToStore(Math.min(...hours)),
      to: isoToStore(Math.max(...hours) + lengthOfHour),
      hours: hours.map(ms => ms / 1000),
      many: anHour,
    },
    { settings: alertLimits },
  );
  return rows.map(toCall).sort((one, other) => one.startMs - other.startMs);
}

function toCall(row: Row): CallToSketch {
  const startMs = Number(nanosFromClickhouse(row.start) / 1_000_000n);
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    startTime: row.start,
    startMs,
    hourMs: Math.floor(startMs / lengthOfHour) * lengthOfHour,
    feature: row.feature,
    model: row.model,
    environment: row.environment,
    finishReason: row.finish_reason,
    mergedFrom: row.merged_from,
    dimensions: {},
  };
}
