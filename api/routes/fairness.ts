import type { Router } from 'express';
import { type Dimension, dimension } from '#contract/dimension.ts';
import { fairness } from '#contract/fairness.ts';
import { fairnessOf } from '#quality/fairness/fairness.ts';
import { shownScore } from '#quality/shown-score.ts';
import { rangeOf } from '../asked.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function fairnessRoutes(router: Router, { clickhouse, state, projectId, nowMs }: Services): void {
  serve(router, fairness, async asked => {
    const range = rangeOf(asked, nowMs());
    const score = asked.score ?? (await shownScore({ clickhouse, state, projectId }, range));
    return fairnessOf(clickhouse, {
      projectId,
      ...range,
      by: cohortsBy(asked.by),
      where: asked.where,
      score,
      smallestGap: asked.smallest_gap,
      falseDiscoveryRate: asked.false_discovery_rate,
    });
  });
}

const prefix = 'attribute:';

function cohortsBy(by: string): { dimension: Dimension } | { attribute: string } {
  return by.startsWith(prefix) ? { attribute: by.slice(prefix.length) } : { dimension: dimension.parse(by) };
}
