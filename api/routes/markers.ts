import type { Router } from 'express';
import { listAlerts } from '#alerts/detail.ts';
import { newValues } from '#alerts/new-values.ts';
import type { AlertSummary } from '#contract/alert.ts';
import type { Condition } from '#contract/dimension.ts';
import { type Marker, markers } from '#contract/feature.ts';
import { firstSights } from '#store/queries/markers.ts';
import { rangeOf } from '../asked.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const ALERTS = 500;
const VALUES = 200;

export function markersRoutes(router: Router, { clickhouse, projectId, alerts, nowMs }: Services): void {
  serve(router, markers, async asked => {
    const range = rangeOf(asked, nowMs());
    const [sights, listed, noted] = await Promise.all([
      firstSights(clickhouse, { projectId, where: asked.where, ...range }),
      listAlerts(alerts, { state: 'any', limit: ALERTS }),
      notedValues(alerts, asked.where, range),
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
    return { markers: [...seen, ...noted, ...changed].sort((one, other) => one.at.localeCompare(other.at)) };
  });
}

const NOTED = ['finish_reason', 'error_type', 'tool'] as const;
/** What is known of a value that was noted; what else is asked for cannot be told of it. */
const NOTED_BY: readonly string[] = ['feature', 'environment'];

/** How calls ended and the tools they used, of which the events tell when they were new. */
async function notedValues(
  alerts: Services['alerts'],
  where: readonly Condition[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Marker[]> {
  if (where.some(({ dimension }) => !NOTED_BY.includes(dimension))) return [];
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const values = await newValues(alerts, { from, to, limit: VALUES });
  return values.flatMap(({ kind, value, feature, environment, first_seen_at: at }) => {
    const named = NOTED.find(one => one === kind);
    return named && matches({ feature, environment }, where)
      ? { at, kind: named, label: value, feature }
      : [];
  });
}

function isWithin({ changed_at }: AlertSummary, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean {
  const at = Date.parse(changed_at);
  return at >= fromMs && at < toMs;
}

/** Conditions on what an alert knows; several values of one dimension are alternatives. */
function matches(
  of: Partial<Pick<AlertSummary, 'feature' | 'model' | 'environment'>>,
  where: readonly Condition[],
): boolean {
  const { feature, model, environment } = of;
  return Object.entries({ feature, model, environment }).every(([dimension, value]) => {
    const wanted = where.filter(condition => condition.dimension === dimension);
    return wanted.length === 0 || wanted.some(condition => condition.value === value);
  });
}
