import type { Router } from 'express';
import { quality, qualityScores } from '#contract/quality.ts';
import { scoreDistribution } from '#contract/score-distribution.ts';
import { scoresRolledUntil } from '#quality/roll-up.ts';
import { estimateOf } from '#quality/sampling/estimate-of.ts';
import { spreadOf } from '#quality/sampling/spread.ts';
import { scoreMeaning } from '#quality/score-meaning.ts';
import { shownScore } from '#quality/shown-score.ts';
import { readScoreHistory, readScoreNamesOfHistory, totalOfSums } from '#store/queries/score-history.ts';
import { readScoreSpread } from '#store/queries/score-spread.ts';
import { scoreSumsOf } from '#store/queries/score-sums.ts';
import { isZone, rangeOf, reportingZone } from '../asked.ts';
import { completeUntil } from '../complete-until.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** A time without calls. */
const nothing = {
  ...{ key: {}, time: null, scoredCalls: 0, calls: 0 },
  ...{ known: scoreSumsOf({}, ''), unknown: scoreSumsOf({}, '') },
};

export function qualityRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId, nowMs, state } = services;
  serve(router, quality, async asked => {
    const range = rangeOf(asked, nowMs());
    const tz = asked.tz ?? (await reportingZone(services));
    if (!isZone(tz)) throw new HttpProblem(400, `tz: "${tz}" is not an IANA time zone`);
    const rolledUntilMs = await scoresRolledUntil({ state, projectId });
    const scores = await readScoreNamesOfHistory(clickhouse, { projectId, ...range }, rolledUntilMs);
    const score = asked.score ?? (await shownScore({ clickhouse, state, projectId }, range));
    const complete_until = await completeUntil(services, asked.where);
    if (score === null) return { score, scores, rows: [], total: null, complete_until, truncated: false };
    const { group_by: groupBy, interval, where, limit } = asked;
    const sums = await readScoreHistory(
      clickhouse,
      { ...{ projectId, score, groupBy, interval, where, limit, tz }, ...range },
      rolledUntilMs,
    );
    const rows = sums.slice(0, limit).map(row => ({ key: row.key, time: row.time, ...estimateOf(row) }));
    const truncated = sums.length > limit;
    const sum = truncated ? undefined : totalOfSums(sums);
    return { score, scores, rows, total: sum ? estimateOf(sum) : null, complete_until, truncated };
  });

  serve(router, qualityScores, async ({ where, limit, before_from, before_to, ...asked }) => {
    const range = rangeOf(asked, nowMs());
    const earlier = before_from && before_to ? rangeOf({ from: before_from, to: before_to }, nowMs()) : null;
    const rolledUntilMs = await scoresRolledUntil({ state, projectId });
    const names = await readScoreNamesOfHistory(clickhouse, { projectId, ...range }, rolledUntilMs);
    const estimateIn = async (score: string, { fromMs, toMs }: typeof range) => {
      const question = { projectId, score, where, fromMs, toMs, groupBy: [], tz: 'UTC', limit: 1 };
      const [sums] = await readScoreHistory(clickhouse, question, rolledUntilMs);
      return estimateOf(sums ?? nothing);
    };
    const scores = names.slice(0, limit).map(async ({ name, evaluators }) => {
      const [now, before] = await Promise.all([
        estimateIn(name, range),
        earlier && estimateIn(name, earlier),
      ]);
      return { name, evaluators, now, before };
    });
    return { scores: await Promise.all(scores), names: names.length };
  });

  serve(router, scoreDistribution, async ({ group_by: groupBy, where, bins, limit, ...asked }) => {
    const range = rangeOf(asked, nowMs());
    const score = asked.score ?? (await shownScore({ clickhouse, state, projectId }, range));
    if (score === null) return { score, better: 'higher' as const, edges: [], groups: [], truncated: false };
    const { edges, groups } = await readScoreSpread(clickhouse, {
      ...{ projectId, score, groupBy, where, bins, limit },
      ...range,
    });
    const better = scoreMeaning(score);
    const truncated = groups.length > limit;
    return { score, better, edges, groups: groups.slice(0, limit).map(spreadOf), truncated };
  });
}
