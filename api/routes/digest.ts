import type { Router } from 'express';
import { digestOf } from '#alerts/digest/digest.ts';
import { readDigestSettings, writeDigestSettings } from '#alerts/digest/send.ts';
import { driftDigest, getDigestSettings, putDigestSettings } from '#contract/digest.ts';
import { listChannels } from '#store/state/channels.ts';
import { reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function digestRoutes(router: Router, services: Services): void {
  const { alerts, state } = services;
  serve(router, driftDigest, () => digestOf(alerts));
  serve(router, getDigestSettings, async () => readDigestSettings(alerts, await reportingZone(services)));
  serve(router, putDigestSettings, async settings => {
    const known = new Set((await listChannels(state)).map(({ channel_id }) => channel_id));
    const unknown = settings.channel_ids.find(id => !known.has(id));
    if (unknown !== undefined) throw new HttpProblem(400, `channel_ids: there is no channel "${unknown}"`);
    await writeDigestSettings(alerts, settings);
    return readDigestSettings(alerts, await reportingZone(services));
  });
}
