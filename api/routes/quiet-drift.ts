import type { Router } from 'express';
import { quietDriftOf } from '#alerts/quiet/quiet-drift.ts';
import { readQuietDrift, writeQuietDrift } from '#alerts/quiet/settings.ts';
import { shapeDrift } from '#alerts/shape/shape-drift.ts';
import { driftShape } from '#contract/drift-shape.ts';
import { getQuietDrift, listQuietDrift, putQuietDrift } from '#contract/quiet-drift.ts';
import { shapeWords } from '#contract/shape-words.ts';
import { topicWords } from '#quality/shape/topic-words.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** Drift that is shown and pages nobody by itself: shapes, usage, gaps between cohorts. */
export function quietDriftRoutes(router: Router, { alerts, state, projectId }: Services): void {
  serve(router, driftShape, asked => shapeDrift(alerts, asked));
  serve(router, shapeWords, asked => topicWords(alerts, asked));
  serve(router, listQuietDrift, asked => quietDriftOf(alerts, asked));
  serve(router, getQuietDrift, () => readQuietDrift(state));
  serve(router, putQuietDrift, async settings => {
    await writeQuietDrift({ state, projectId }, settings);
    return settings;
  });
}
