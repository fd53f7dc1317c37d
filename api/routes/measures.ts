import type { Router } from 'express';
import { jobs } from '#alerts/commit.ts';
import { measures } from '#contract/measure.ts';
import { readMeasures } from '#store/queries/measures.ts';
import { newestCall } from '#store/queries/overview.ts';
import { readProgress } from '#store/state/progress.ts';
import { isZone, rangeOf, reportingZone } from '../asked.ts';
import { completeUntil } from '../complete-until.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function measuresRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;
  serve(router, measures, async asked => {
    const range = rangeOf(asked, nowMs());
    const tz = asked.tz ?? (await reportingZone(services));
    if (!isZone(tz)) throw new HttpProblem(400, `tz: "${tz}" is not an IANA time zone`);
    const { group_by: groupBy, interval, where, limit } = asked;
    const rolledUpTo = await readProgress(state, jobs.rolledUp);
    const question = {
      projectId,
      measures: asked.measures,
      groupBy,
      interval,
      where,
      limit,
      tz,
      rolledUpTo,
      ...range,
    };
    const [rows, until, complete_until] = await Promise.all([
      readMeasures(clickhouse, question),
      newestCall(clickhouse, projectId),
      completeUntil(services, where),
    ]);
    return {
      rows: rows.slice(0, limit),
      meta: {
        from: new Date(range.fromMs).toISOString(),
        to: new Date(range.toMs).toISOString(),
        tz,
        data_until: until,
        complete_until,
        truncated: rows.length > limit,
      },
    };
  });
}
