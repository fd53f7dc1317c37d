import type { Router } from 'express';
import { listAlerts } from '#alerts/detail.ts';
import type { AlertSummary } from '#contract/alert.ts';
import type { Condition } from '#contract/dimension.ts';
import { type Marker, markers } from '#contract/feature.ts';
import { firstSights } from '#store/queries/markers.ts';
import { rangeOf } from '../asked.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const ALERTS = 500;

export function markersRoutes(router: Router, { clickhouse, projectId, alerts, nowMs }: Services): void {
  serve(router, markers, async asked => {
    const range = rangeOf(asked, nowMs());
    const [sights, listed] = await Promise.all([
      firstSights(clickhouse, { projectId, where: asked.where, ...range }),
      listAlerts(alerts, { state: 'any', limit: ALERTS }),
    ]);
    const seen = sights.map(({ value, ...sight }): Marker => ({ ...sight, label: value }));
    const changed = listed.alerts
      .filter(alert => isWithin(alert, range) && matches(alert, asked.where))
      .map(
        ({ changed_at, title, feature }): Marker => ({
          at: changed_at,
          kind: 'alert',
          label: title,
          feature,
        }),
      );
    return { markers: [...seen, ...changed].sort((one, other) => one.at.localeCompare(other.at)) };
  });
}

function isWithin({ changed_at }: AlertSummary, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean {
  const at = Date.parse(changed_at);
  return at >= fromMs && at < toMs;
}

/** Conditions on what an alert knows; several values of one dimension are alternatives. */
function matches({ feature, model, environment }: AlertSummary, where: readonly Condition[]): boolean {
  return Object.entries({ feature, model, environment }).every(([dimension, value]) => {
    const wanted = where.filter(condition => condition.dimension === dimension);
    return wanted.length === 0 || wanted.some(condition => condition.value === value);
  });
}
