import type { z } from 'zod';
import { type DigestSettings, digestSettings, type getDigestSettings } from '#contract/digest.ts';
import { listChannels } from '#store/state/channels.ts';
import type { StateDb } from '#store/state/open.ts';
import { queueMessages } from '#store/state/outbox.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { readSetting, writeSetting } from '#store/state/settings.ts';
import type { AlertsDeps } from '../deps.ts';
import { dayMs } from '../drift/season.ts';
import { channelsOf } from '../lifecycle/routing.ts';
import { digestOf } from './digest.ts';
import { digestPayload } from './message.ts';
import { slotsAround } from './slot.ts';

/** Where sending stands, by job name in the progress table; both hold ISO times. */
const jobs = { handled: 'alerts.digest', sent: 'alerts.digest_sent' } as const;

/** After longer than this a digest that could not be sent in time is left out: the next one says as much. */
const latestMs = 3 * dayMs;

type Kept = z.output<(typeof getDigestSettings)['reply']>;

export async function readDigestSettings(
  { state, clock }: Pick<AlertsDeps, 'state' | 'clock'>,
  zone: string,
): Promise<Kept> {
  const settings = await settingsOf(state);
  const { nextMs } = slotsAround({ ...settings, zone }, clock.now());
  return {
    ...settings,
    next_at: settings.channel_ids.length > 0 ? new Date(nextMs).toISOString() : null,
    last_sent_at: await readProgress(state, jobs.sent),
  };
}

/** What was due before it was chosen is not sent. */
export async function writeDigestSettings(
  { state, clock }: Pick<AlertsDeps, 'state' | 'clock'>,
  settings: DigestSettings,
): Promise<void> {
  await state.transaction().execute(async db => {
    await writeSetting(db, 'digest', settings);
    await writeProgress(db, jobs.handled, new Date(clock.now()).toISOString());
  });
}

/** Queues the digest for its channels when its hour has come; true when it was queued. At most once for each week. */
export async function announceDigest(
  deps: AlertsDeps,
  { baseUrl, zone }: { baseUrl: string; zone: string },
): Promise<boolean> {
  const { state, clock, log } = deps;
  const settings = await settingsOf(state);
  if (settings.channel_ids.length === 0) return false;
  const nowMs = clock.now();
  const { lastMs } = slotsAround({ ...settings, zone }, nowMs);
  const handled = await readProgress(state, jobs.handled);
  if (nowMs - lastMs > latestMs || lastMs <= Date.parse(handled ?? '1970-01-01T00:00:00Z')) return false;
  const digest = await digestOf(deps);
  const at = new Date(nowMs).toISOString();
  const id = `digest_${new Date(lastMs).toISOString().slice(0, 10)}`;
  return state.transaction().execute(async db => {
    // Another process may be at it: who moves the mark sends.
    if ((await readProgress(db, jobs.handled)) !== handled) return false;
    await writeProgress(db, jobs.handled, new Date(lastMs).toISOString());
    const channelIds = channelsOf(settings.channel_ids, await listChannels(db));
    const payload = JSON.stringify(digestPayload(digest, id, baseUrl));
    const message = { event_id: `${id}.0001`, incident_id: id, event: 'firing', payload, created_at: at };
    await queueMessages(
      db,
      channelIds.map(channel_id => ({ ...message, channel_id })),
    );
    if (channelIds.length === 0) return false;
    await writeProgress(db, jobs.sent, at);
    log.info({ changed: digest.changed.length, improved: digest.improved.length }, 'weekly digest queued');
    return true;
  });
}

const settingsOf = async (state: StateDb) => (await readSetting(state, 'digest')) ?? digestSettings.parse({});
