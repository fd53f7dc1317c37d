import type { Router } from 'express';
import { overview } from '#contract/feature.ts';
import { readOverview } from '#store/queries/overview.ts';
import { countFiring } from '#store/state/incidents.ts';
import { rangeOf } from '../asked.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { worstFirst } from '../worst-first.ts';

export function overviewRoutes(router: Router, { clickhouse, state, projectId, nowMs }: Services): void {
  serve(router, overview, async asked => {
    const question = { projectId, where: asked.where, ...rangeOf(asked, nowMs()) };
    const [seen, firing] = await Promise.all([
      readOverview(clickhouse, question),
      countFiring(state, projectId),
    ]);
    const features = seen.features.map(row => ({ ...row, firing_alerts: firing.get(row.feature) ?? 0 }));
    return {
      total: seen.total,
      features: worstFirst(features),
      quality_score: seen.qualityScore,
      environments: seen.environments,
      data_until: seen.dataUntil,
    };
  });
}
