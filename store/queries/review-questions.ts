import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { nanosFromClickhouse } from '../rows.ts';
import { answered } from './calls-to-score.ts';
import type { CandidatesOf, ReviewCandidate } from './review-candidates.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { promptOf, whereSql } from './where.ts';

export interface ReviewQuestion extends ReviewCandidate {
  startMs: number;
  /** `trace/span` of the spans it was made of. */
  mergedFrom: string[];
}

/** Calls chosen by hash and in its order, one of each session or trace: a conversation keeps to its subject. */
export async function questionsByChance(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, conditions, limit }: CandidatesOf,
): Promise<ReviewQuestion[]> {
  const { sql, params } = whereSql(conditions);
  type Row = Omit<ReviewCandidate, 'figure' | 'words'> & { merged_from: string[] };
  const rows = await clickhouse.query<Row>(
    `SELECT trace_id, span_id, toString(start_time) AS call_time, feature, model, ${promptOf} AS prompt, merged_from
     FROM calls FINAL
     WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
       AND ${answered} ${sql}
     ORDER BY cityHash64('question', trace_id, span_id), trace_id, span_id
     LIMIT 1 BY if(session = '', trace_id, session)
     LIMIT {limit:UInt32}`,
    { ...params, project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs), limit },
    { settings: alertLimits },
  );
  return rows.map(({ merged_from, ...row }) => ({
    ...row,
    call_time: isoFromStore(row.call_time),
    startMs: Number(nanosFromClickhouse(row.call_time) / 1_000_000n),
    mergedFrom: merged_from,
    figure: 0,
    words: [],
  }));
}
