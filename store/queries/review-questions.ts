import type { Condition } from '#contract/dimension.ts';
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
  return rows.map(questionOf);
}

/**
 * Calls that are like `risk`, the newest first; with `needles` only those of traces of which some text holds one of them, in any case.
 * Texts are searched as JSON and with earlier turns: what a call itself says must be looked at again.
 */
export async function riskyCalls(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, conditions, limit }: CandidatesOf,
  { risk, needles }: { risk: readonly Condition[]; needles: readonly string[] },
): Promise<ReviewQuestion[]> {
  const { sql, params } = whereSql(conditions);
  const own = whereSql(risk);
  const ownParams = Object.fromEntries(
    Object.entries(own.params).map(([name, value]) => [`of_${name}`, value]),
  );
  const said =
    needles.length === 0
      ? ''
      : `AND trace_id IN (
          SELECT trace_id FROM contents
          WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
            AND (multiSearchAnyCaseInsensitiveUTF8(input, {needles:Array(String)})
              OR multiSearchAnyCaseInsensitiveUTF8(output, {needles:Array(String)})))`;
  const rows = await clickhouse.query<Row>(
    `SELECT trace_id, span_id, toString(start_time) AS call_time, feature, model, ${promptOf} AS prompt, merged_from
     FROM calls FINAL
     WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
       AND ${answered} ${sql} ${own.sql.replaceAll('{where_', '{of_where_')} ${said}
     ORDER BY start_time DESC, trace_id, span_id
     LIMIT {limit:UInt32}`,
    {
      ...{ ...params, ...ownParams, needles, limit },
      ...{ project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs) },
    },
    { settings: alertLimits },
  );
  return rows.map(questionOf);
}

type Row = Omit<ReviewCandidate, 'figure' | 'words'> & { merged_from: string[] };

const questionOf = ({ merged_from, ...row }: Row): ReviewQuestion => ({
  ...row,
  call_time: isoFromStore(row.call_time),
  startMs: Number(nanosFromClickhouse(row.call_time) / 1_000_000n),
  mergedFrom: merged_from,
  figure: 0,
  words: [],
});
