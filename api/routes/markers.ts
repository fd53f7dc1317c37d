import type { Router } from 'express';
import { metricLabel } from '#alerts/words.ts';
import type { Condition } from '#contract/dimension.ts';
import { type Marker, markers } from '#contract/feature.ts';
import { firstSights } from '#store/queries/markers.ts';
import { type IncidentRow, listIncidents } from '#store/state/incidents.ts';
import { rangeOf } from '../asked.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const INCIDENTS = 200;

export function markersRoutes(router: Router, { clickhouse, state, projectId, nowMs }: Services): void {
  serve(router, markers, async asked => {
    const range = rangeOf(asked, nowMs());
    const [sights, incidents] = await Promise.all([
      firstSights(clickhouse, { projectId, where: asked.where, ...range }),
      listIncidents(state, { projectId, limit: INCIDENTS }),
    ]);
    const alerts = incidents.filter(row => isWithin(row, range) && matches(row, asked.where)).map(toMarker);
    const seen = sights.map(({ value, ...sight }): Marker => ({ ...sight, label: value }));
    return { markers: [...seen, ...alerts].sort((one, other) => one.at.localeCompare(other.at)) };
  });
}

function toMarker({ changed_at, feature, metric, direction }: IncidentRow): Marker {
  const label = `${metricLabel(metric)} ${direction === 'down' ? 'fell' : 'rose'}`;
  return { at: changed_at, kind: 'alert', label, feature };
}

function isWithin({ changed_at }: IncidentRow, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean {
  const at = Date.parse(changed_at);
  return at >= fromMs && at < toMs;
}

/** Conditions on what an incident knows; several values of one dimension are alternatives. */
function matches(row: IncidentRow, where: readonly Condition[]): boolean {
  const known = { feature: row.feature, model: row.model, environment: row.environment };
  return Object.entries(known).every(([dimension, value]) => {
    const wanted = where.filter(condition => condition.dimension === dimension);
    return wanted.length === 0 || wanted.some(condition => condition.value === value);
  });
}
