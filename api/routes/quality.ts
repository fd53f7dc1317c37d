import type { Router } from 'express';
import { quality, type ScoreEstimate } from '#contract/quality.ts';
import { estimate } from '#quality/sampling/estimate.ts';
import { shownScore } from '#quality/shown-score.ts';
import { readScoreNames, readScoreSums, type ScoreSumsRow } from '#store/queries/score-estimate.ts';
import { isZone, rangeOf, reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function qualityRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId, nowMs, state } = services;
  serve(router, quality, async asked => {
    const range = rangeOf(asked, nowMs());
    const tz = asked.tz ?? (await reportingZone(services));
    if (!isZone(tz)) throw new HttpProblem(400, `tz: "${tz}" is not an IANA time zone`);
    const scores = await readScoreNames(clickhouse, { projectId, ...range });
    const score = asked.score ?? (await shownScore({ clickhouse, state, projectId }, range));
    if (score === null) return { score, scores, rows: [], truncated: false };
    const { group_by: groupBy, interval, where, limit } = asked;
    const sums = await readScoreSums(clickhouse, {
      ...{ projectId, score, groupBy, interval, where, limit, tz },
      ...range,
    });
    const rows = sums.slice(0, limit).map(row => ({ key: row.key, time: row.time, ...estimateOf(row) }));
    return { score, scores, rows, truncated: sums.length > limit };
  });
}

/** Known chances first; the others are never mixed in. */
function estimateOf({ known, unknown, scoredCalls, calls }: ScoreSumsRow): ScoreEstimate {
  const weighted = estimate(known);
  const found = weighted ?? estimate(unknown);
  const counted = weighted ? known : unknown;
  const n = known.n + unknown.n;
  return {
    value: found?.mean ?? null,
    low: found?.process?.low ?? null,
    high: found?.process?.high ?? null,
    calls_low: weighted?.calls?.low ?? null,
    calls_high: weighted?.calls?.high ?? null,
    basis: weighted ? 'weighted' : n > 0 ? 'unknown' : 'none',
    n: counted.n,
    effective_n: found?.effectiveN ?? 0,
    left_out: n - counted.n,
    unweighted_mean: counted.n > 0 ? counted.x / counted.n : null,
    calls,
    coverage: calls > 0 ? Math.min(1, scoredCalls / calls) : null,
  };
}
