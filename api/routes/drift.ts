import type { Router } from 'express';
import { acceptedLevels, acceptLevel } from '#alerts/accept-level.ts';
import { readCustomMeasures, writeCustomMeasures } from '#alerts/custom-measures.ts';
import { budgetOf, driftSeries } from '#alerts/drift-overview.ts';
import { readDriftSettings, writeDriftSettings } from '#alerts/drift-settings.ts';
import { newValues } from '#alerts/new-values.ts';
import {
  acceptNormal,
  driftBudget,
  getDriftSettings,
  listAcceptances,
  listCustomMeasures,
  listDriftSeries,
  listNewValues,
  markDeploy,
  putCustomMeasures,
  putDriftSettings,
} from '#contract/drift.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function driftRoutes(router: Router, { alerts, state }: Services): void {
  serve(router, getDriftSettings, () => readDriftSettings(state));
  serve(router, putDriftSettings, async settings => {
    await writeDriftSettings(state, settings);
    return settings;
  });
  serve(router, driftBudget, () => budgetOf(alerts));
  serve(router, listDriftSeries, asked => driftSeries(alerts, asked));
  serve(router, acceptNormal, asked => acceptLevel(alerts, { kind: 'accepted', ...asked }));
  serve(router, markDeploy, ({ at, ...asked }) =>
    acceptLevel(alerts, { kind: 'deploy', ...asked, from: at }),
  );
  serve(router, listAcceptances, async asked => ({ accepted: await acceptedLevels(alerts, asked) }));
  serve(router, listCustomMeasures, async () => ({ measures: await readCustomMeasures(state) }));
  serve(router, putCustomMeasures, async ({ measures }) => {
    const names = measures.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) throw new HttpProblem(400, `measures: "${twice}" is named twice`);
    await writeCustomMeasures(state, measures);
    return { measures };
  });
  serve(router, listNewValues, async asked => ({ values: await newValues(alerts, asked) }));
}
