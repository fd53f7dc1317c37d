import type { Router } from 'express';
import { heartbeatStatus } from '#alerts/heartbeat.ts';
import { checkChannels, UnknownChannelError } from '#alerts/lifecycle/route-channels.ts';
import { defaultRoute, readRouting } from '#alerts/lifecycle/routing.ts';
import { createSilence, endSilence, listSilences } from '#alerts/lifecycle/silences.ts';
import { getRouting, putRouting } from '#contract/route.ts';
import {
  createSilence as createSilenceEndpoint,
  endSilence as endSilenceEndpoint,
  listSilences as listSilencesEndpoint,
} from '#contract/silence.ts';
import { writeSetting } from '#store/state/settings.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** Who is told of which alerts, and what is kept quiet for a time. */
export function routingRoutes(router: Router, { alerts, state, nowMs }: Services): void {
  const view = async () => ({
    ...(await readRouting(state)),
    default_route: defaultRoute,
    heartbeat_status: await heartbeatStatus(state),
  });
  serve(router, getRouting, view);
  serve(router, putRouting, async routing => {
    await state
      .transaction()
      .execute(async db => {
        await checkChannels(db, routing);
        await writeSetting(db, 'routing', routing);
      })
      .catch(refused);
    return view();
  });

  serve(router, listSilencesEndpoint, async ({ state: wanted }) => {
    const silences = await listSilences(alerts);
    return { silences: silences.filter(one => wanted === 'any' || one.state === wanted) };
  });
  serve(router, createSilenceEndpoint, async asked => {
    const fromMs = asked.from === undefined ? nowMs() : Date.parse(asked.from);
    if (Date.parse(asked.to) <= Math.max(fromMs, nowMs()))
      throw new HttpProblem(400, 'to: lies before its beginning, or in the past');
    return createSilence(alerts, asked);
  });
  serve(router, endSilenceEndpoint, async ({ by }, { params }) => {
    const ended = await endSilence(alerts, params.id, by);
    if (!ended) throw notFound(`There is no silence ${params.id}.`);
    return ended;
  });
}

function refused(error: unknown): never {
  if (error instanceof UnknownChannelError) throw new HttpProblem(400, `${error.message}.`);
  throw error;
}
