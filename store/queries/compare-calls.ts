import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { nanosFromClickhouse } from '../rows.ts';
import { type Arm, type ArmsQuestion, arms, type ByArm, callColumns, split } from './compare-arms.ts';
import { scoredCalls } from './scored-calls.ts';
import { isoFromStore } from './time.ts';
import { promptOf } from './where.ts';

/** A scored call of an arm. */
export interface ArmCall {
  traceId: string;
  spanId: string;
  startMs: number;
  /** ISO 8601. */
  time: string;
  /** `trace/span` of the spans it was made of. */
  mergedFrom: string[];
  model: string;
  prompt: string;
  /** Mean over the call. */
  score: number;
}

interface Row {
  arm: number;
  trace_id: string;
  span_id: string;
  start: string;
  merged_from: string[];
  model: string;
  prompt: string;
  score: number;
}

/** Scored calls of both arms, `limit` of each: those that score lowest or highest, the newest of equals. */
export async function readArmCalls(
  clickhouse: ClickHouse,
  question: ArmsQuestion,
  { score, first, limit }: { score: string; first: ByArm<'lowest' | 'highest'>; limit: number },
): Promise<ByArm<ArmCall[]>> {
  const chosen = split(question);
  const columns = [...callColumns, 'span_id', 'merged_from'];
  const named = columns.map(column => `call_${column} AS ${column}`).join(', ');
  const sign = (arm: Arm) => (first[arm] === 'lowest' ? 1 : -1);
  const rows = await clickhouse.query<Row>(
    `SELECT arm, trace_id, span_id, toString(any(start_time)) AS start, any(merged_from) AS merged_from, any(model) AS model,
       any(prompt) AS prompt, avg(value) AS score
     FROM
     (
       SELECT *, ${promptOf} AS prompt, ${chosen.arm} AS arm
       FROM (SELECT value, ${named} FROM (${scoredCalls(columns, 'AND name = {score:String}')}))
       WHERE purpose != 'evaluation' ${chosen.where} AND arm IN (1, 2)
     )
     GROUP BY arm, trace_id, span_id
     ORDER BY if(arm = 1, {control_sign:Int8}, {candidate_sign:Int8}) * score, start DESC, trace_id, span_id
     LIMIT {limit:UInt32} BY arm`,
    {
      ...chosen.params,
      score,
      limit,
      control_sign: sign('control'),
      candidate_sign: sign('candidate'),
    },
    { settings: dashboardLimits },
  );
  const [control, candidate] = arms.map((_, at) =>
    rows.filter(({ arm }) => Number(arm) === at + 1).map(callOf),
  ) as [ArmCall[], ArmCall[]];
  return { control, candidate };
}

const callOf = (row: Row): ArmCall => ({
  traceId: row.trace_id,
  spanId: row.span_id,
  startMs: Number(nanosFromClickhouse(row.start) / 1_000_000n),
  time: isoFromStore(row.start),
  mergedFrom: row.merged_from,
  model: row.model,
  prompt: row.prompt,
  score: row.score,
});
