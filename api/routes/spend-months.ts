import type { Router } from 'express';
import { closeMonth, listMonths, monthName } from '#contract/spend.ts';
import { CannotCloseError } from '#ledger/month/close-month.ts';
import { listMonths as monthsOf, oneMonth } from '#ledger/month/list-months.ts';
import { spendState } from '#ledger/schedule.ts';
import { readPiece } from '#store/queries/closed-exports.ts';
import { listClosedMonths } from '#store/state/closed-months.ts';
import { reportingZone } from '../asked.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function spendMonthsRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, alerts: deps } = services;

  serve(router, listMonths, async () => {
    const zone = await reportingZone(services);
    const [listed, { asOf }] = await Promise.all([monthsOf(deps, zone), spendState({ state, projectId })]);
    return { zone, as_of: asOf, ...listed };
  });

  serve(router, closeMonth, async ({ by }, { params }) => {
    const month = monthName.safeParse(params.month);
    if (!month.success) throw new HttpProblem(400, 'month: a month such as 2026-10');
    const zone = await reportingZone(services);
    try {
      await services.ledger.closeMonth({ month: month.data, zone, by });
    } catch (error) {
      if (error instanceof CannotCloseError) throw new HttpProblem(409, error.message);
      throw error;
    }
    return oneMonth(deps, { month: month.data, zone });
  });

  // Bytes as they were kept, not JSON: outside the endpoints of the contract.
  router.get('/api/v1/months/:month/files/:file', async (request, response) => {
    const closed = (await listClosedMonths(state, projectId)).find(one => one.month === request.params.month);
    const file = closed?.files.find(one => one.name === request.params.file);
    if (!file) throw notFound(`${request.params.month} has kept no file ${request.params.file}.`);
    response.setHeader('content-type', file.contentType);
    response.setHeader('content-disposition', `attachment; filename="${file.name}"`);
    response.setHeader('x-content-sha256', file.sha256);
    for (let piece = 0; piece < file.pieces && !response.destroyed; piece += 1) {
      const bytes = await readPiece(clickhouse, {
        projectId,
        month: request.params.month,
        file: file.name,
        piece,
      });
      if (!bytes) throw new Error(`piece ${piece} of ${file.name} (${request.params.month}) is missing`);
      if (!response.write(bytes))
        await new Promise(resolve => response.once('drain', resolve).once('close', resolve));
    }
    response.end();
  });
}
