import type { Router } from 'express';
import { acknowledge, alertDetail, listAlerts, snooze } from '#alerts/detail.ts';
import {
  acknowledgeAlert,
  alertById,
  listAlerts as listAlertsEndpoint,
  snoozeAlert,
} from '#contract/alert.ts';
import { notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function alertsRoutes(router: Router, { alerts }: Services): void {
  serve(router, listAlertsEndpoint, asked => listAlerts(alerts, asked));

  serve(router, alertById, async (_asked, { params }) =>
    found(await alertDetail(alerts, params.id), params.id),
  );

  serve(router, acknowledgeAlert, async ({ by }, { params }) =>
    found(await acknowledge(alerts, params.id, by), params.id),
  );

  serve(router, snoozeAlert, async ({ hours }, { params }) =>
    found(await snooze(alerts, params.id, hours), params.id),
  );
}

function found<Alert>(alert: Alert | null, id: string): Alert {
  if (alert === null) throw notFound(`There is no alert ${id}.`);
  return alert;
}
