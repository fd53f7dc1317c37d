import type { Router } from 'express';
import { traceById, traceSearch } from '#contract/trace.ts';
import { readTrace } from '#store/queries/trace.ts';
import { searchTraces } from '#store/queries/traces.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function tracesRoutes(router: Router, { clickhouse, projectId, nowMs }: Services): void {
  serve(router, traceSearch, asked => {
    const { before } = asked;
    if (before !== undefined && Number.isNaN(Date.parse(before))) {
      throw new HttpProblem(400, 'before: use an ISO 8601 time, the start_time of the last trace seen');
    }
    return searchTraces(clickhouse, { ...asked, ...rangeOf(asked, nowMs()), projectId });
  });

  serve(router, traceById, async (_asked, { params }) => {
    if (!/^[0-9a-f]{32}$/i.test(params.trace_id)) throw new HttpProblem(400, 'trace_id: 32 hex digits');
    const trace = await readTrace(clickhouse, { projectId, traceId: params.trace_id });
    if (!trace)
      throw notFound(`There is no trace ${params.trace_id}; it may still be on its way for some seconds.`);
    return trace;
  });
}
