import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import { z } from 'zod';
import { newSecret } from '#alerts/channels/standard-webhooks.ts';
import {
  createDelivery,
  type Delivery,
  deleteDelivery,
  deliveryContent,
  deliveryTarget,
  listDeliveries,
  sendDelivery,
} from '#contract/delivery.ts';
import { queueNow } from '#ledger/delivery/deliverer.ts';
import { nextDueMs } from '#ledger/delivery/period.ts';
import {
  addDelivery,
  type DeliveryRow,
  type DeliveryRunRow,
  getDelivery,
  listDeliveryRows,
  removeDelivery,
  runsOf,
} from '#store/state/deliveries.ts';
import { reportingZone } from '../asked.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const shownRuns = 50;
const sentFile = z.object({ name: z.string(), bytes: z.number(), sha256: z.string() });

export function deliveriesRoutes(router: Router, services: Services): void {
  const { state, projectId, nowMs, about } = services;

  const toDelivery = async (row: DeliveryRow, zone: string): Promise<Delivery> => ({
    id: row.delivery_id,
    name: row.name,
    schedule: row.schedule,
    hour: row.hour,
    content: deliveryContent.parse(JSON.parse(row.content)),
    target: deliveryTarget.parse(JSON.parse(row.target)),
    created_at: row.created_at,
    next_at: new Date(nextDueMs({ schedule: row.schedule, hour: row.hour, zone }, nowMs())).toISOString(),
    runs: (await runsOf(state, row.delivery_id, shownRuns)).map(toRun),
  });

  serve(router, listDeliveries, async () => {
    const zone = await reportingZone(services);
    const rows = await listDeliveryRows(state, projectId);
    return {
      email: about.smtp !== undefined,
      deliveries: await Promise.all(rows.map(row => toDelivery(row, zone))),
    };
  });

  serve(router, createDelivery, async ({ name, schedule, hour, content, target }) => {
    if (target.kind === 'email' && !about.smtp)
      throw new HttpProblem(400, 'target: e-mail cannot be sent; set DRIFTLINE_SMTP_URL and start again');
    const row: DeliveryRow = {
      delivery_id: randomUUID(),
      project_id: projectId,
      name,
      schedule,
      hour,
      content: JSON.stringify(content),
      target: JSON.stringify(target),
      secret: target.kind === 'webhook' ? newSecret() : '',
      created_at: new Date(nowMs()).toISOString(),
    };
    await addDelivery(state, row);
    return { ...(await toDelivery(row, await reportingZone(services))), secret: row.secret || null };
  });

  serve(router, deleteDelivery, async (_asked, { params }) => {
    if (!(await removeDelivery(state, params.id))) throw noDelivery(params.id);
    return {};
  });

  serve(router, sendDelivery, async (_asked, { params }) => {
    const row = await getDelivery(state, params.id);
    if (!row) throw noDelivery(params.id);
    return toRun(await queueNow(state, row, { zone: await reportingZone(services), nowMs: nowMs() }));
  });
}

const noDelivery = (id: string) => notFound(`There is no delivery ${id}.`);

function toRun(run: DeliveryRunRow): Delivery['runs'][number] {
  const { period, asked, queued_at, attempts, next_attempt_at, delivered_at, failed_at, error, file } = run;
  return {
    id: run.run_id,
    period,
    asked,
    queued_at,
    attempts,
    next_attempt_at,
    delivered_at,
    failed_at,
    error,
    file: file ? sentFile.parse(JSON.parse(file)) : null,
  };
}
