import type { Condition, Dimension } from '#contract/dimension.ts';
import type { ClickHouse } from '../engine/client.ts';
import { type StoredSums, sumsOf, sumsSql, UNIT } from './compare-arms.ts';
import { scoredCalls } from './scored-calls.ts';
import { isoToStore } from './time.ts';
import { dimensionColumn, whereSql } from './where.ts';

export interface CohortsQuestion {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** What makes the cohorts: a dimension of calls, or the key of an attribute of their spans. */
  by: { dimension: Dimension } | { attribute: string };
  where: readonly Condition[];
  /** Null: there is no score. */
  score: string | null;
}

export interface StoredCohort {
  value: string;
  calls: number;
  /** Distinct users; calls that name none do not count. */
  users: number;
  refusal: StoredSums;
  latency: StoredSums;
  quality: StoredSums;
}

const mostCohorts = 500;
const noSums: StoredSums = { units: 0, calls: 0, w: 0, a: 0, ww: 0, aw: 0, aa: 0 };

/** Cohorts of answered calls, the largest first. Latency counts answers slower than the p95 of all; refusals are `content_filter`. */
export async function readCohorts(
  clickhouse: ClickHouse,
  question: CohortsQuestion,
): Promise<StoredCohort[]> {
  const chosen = whereSql(question.where);
  const params = {
    project: question.projectId,
    from: isoToStore(question.fromMs),
    to: isoToStore(question.toMs),
    ...chosen.params,
    ...('attribute' in question.by && { attribute: question.by.attribute }),
  };
  const range = `project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}`;
  // The attribute is asked of the spans; a call of several spans has that of the one it is named by.
  const isAttribute = 'attribute' in question.by;
  const cohort = 'dimension' in question.by ? dimensionColumn(question.by.dimension) : 'attribute_value';
  const joined = isAttribute
    ? `LEFT ANY JOIN (SELECT trace_id, span_id, attributes[{attribute:String}] AS attribute_value FROM spans FINAL
         WHERE ${range} AND attributes[{attribute:String}] != '') AS s USING (trace_id, span_id)`
    : '';
  const calls = `SELECT *, ${cohort} AS cohort, ${UNIT} AS unit
    FROM (SELECT * FROM calls FINAL WHERE ${range} AND purpose != 'evaluation' ${chosen.sql}) AS c ${joined}`;
  const rows = await clickhouse.query<Record<string, string | number>>(
    `WITH (SELECT quantileExact(0.95)(duration_ns) FROM calls FINAL
       WHERE ${range} AND purpose != 'evaluation' AND failed = 0 AND duration_ns > 0 ${chosen.sql}) AS slow
     SELECT cohort, sum(refusal_n) AS answered, sum(n) AS calls, uniqExactIf(who, who != '') AS users,
       ${sumsSql('refusal')}, ${sumsSql('latency')}
     FROM
     (
       SELECT cohort, unit, any(user) AS who, count() AS n, countIf(failed = 0) AS refusal_n, refusal_n AS refusal_w,
         countIf(failed = 0 AND finish_reason = 'content_filter') AS refusal_a,
         countIf(failed = 0 AND duration_ns > 0) AS latency_n, latency_n AS latency_w,
         countIf(failed = 0 AND duration_ns > slow) AS latency_a
       FROM (${calls})
       GROUP BY cohort, unit
     )
     GROUP BY cohort ORDER BY calls DESC, cohort LIMIT ${mostCohorts}`,
    params,
  );
  const quality =
    question.score === null
      ? new Map<string, StoredSums>()
      : await qualityOf(clickhouse, calls, params, question.score);
  return rows.map(row => ({
    value: String(row.cohort),
    calls: Number(row.calls),
    users: Number(row.users),
    refusal: sumsOf(row, 'refusal'),
    latency: sumsOf(row, 'latency'),
    quality: quality.get(String(row.cohort)) ?? noSums,
  }));
}

async function qualityOf(
  clickhouse: ClickHouse,
  calls: string,
  params: Record<string, unknown>,
  score: string,
): Promise<Map<string, StoredSums>> {
  const scored = scoredCalls(['trace_id', 'span_id'], 'AND name = {score:String}', ['inclusion_probability']);
  const rows = await clickhouse.query<Record<string, string | number>>(
    `SELECT cohort, ${sumsSql('quality')}
     FROM
     (
       SELECT cohort, unit, count() AS quality_n, sum(weight) AS quality_w, sum(weight * value) AS quality_a
       FROM
       (
         SELECT cohort, unit, value, inclusion_probability,
           if(max(isNotNull(inclusion_probability)) OVER (), 1 / inclusion_probability, 1) AS weight
         FROM (SELECT call_trace_id AS trace_id, call_span_id AS span_id, value, inclusion_probability FROM (${scored})) AS v
           INNER JOIN (SELECT trace_id, span_id, cohort, unit FROM (${calls})) AS d USING (trace_id, span_id)
       )
       WHERE isNotNull(weight)
       GROUP BY cohort, unit
     )
     GROUP BY cohort`,
    { ...params, score },
  );
  return new Map(rows.map(row => [String(row.cohort), sumsOf(row, 'quality')]));
}
