import type { Router } from 'express';
import { heartbeatStatus } from '#alerts/heartbeat.ts';
import { defaultRoute, readRouting } from '#alerts/lifecycle/routing.ts';
import { createSilence, endSilence, listSilences } from '#alerts/lifecycle/silences.ts';
import { getRouting, putRouting, type Routing } from '#contract/route.ts';
import {
  createSilence as createSilenceEndpoint,
  endSilence as endSilenceEndpoint,
  listSilences as listSilencesEndpoint,
} from '#contract/silence.ts';
import { listChannels } from '#store/state/channels.ts';
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
    await checkChannels(routing);
    await writeSetting(state, 'routing', routing);
    return view();
  });

  /** A route to a channel that does not exist would tell nobody. */
  async function checkChannels({ routes }: Routing): Promise<void> {
    const channels = await listChannels(state);
    const known = new Set(channels.flatMap(({ channel_id, name }) => [channel_id, name].filter(Boolean)));
    for (const { name, channels: own, escalation } of routes) {
      const unknown = [...(own ?? []), ...escalation.flatMap(step => step.channels)].find(
        one => !known.has(one),
      );
      if (unknown !== undefined)
        throw new HttpProblem(
          400,
          `routes.${name}: there is no channel ${unknown}; known are ${[...known].join(', ') || 'none'}`,
        );
    }
  }

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
