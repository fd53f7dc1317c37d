import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import type { z } from 'zod';
import { httpBody } from '#alerts/channels/http-body.ts';
import { channelOf, channels } from '#alerts/channels/index.ts';
import { newSecret } from '#alerts/channels/standard-webhooks.ts';
import { renameInRoutes, routesNaming } from '#alerts/lifecycle/route-channels.ts';
import { readRouting } from '#alerts/lifecycle/routing.ts';
import { nameOfChannel } from '#alerts/notify/channel-name.ts';
import { sampleEvents } from '#alerts/notify/sample-events.ts';
import {
  changeChannel as changeChannelEndpoint,
  createChannel,
  deleteChannel,
  listChannels,
  previewTemplate,
  rotateChannelSecret,
  testChannel,
} from '#contract/channel.ts';
import {
  addChannel,
  type ChannelRow,
  changeChannel,
  getChannel,
  listChannels as readChannels,
  readSecrets,
  removeChannel,
} from '#store/state/channels.ts';
import { channelActivity } from '#store/state/notifications.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { sendTestEvent } from '../test-event.ts';
import { channelView, kindsView } from '../view/channel.ts';
import { checkName, checkTemplate, freeName, sorted, withSecrets } from './channel-input.ts';

/** How long the signing secret before a new one is used as well. */
const rotationMs = 24 * 3_600_000;

export function channelsRoutes(router: Router, services: Services): void {
  const { state, nowMs } = services;
  const at = () => new Date(nowMs()).toISOString();
  const viewed = async (row: ChannelRow) =>
    channelView(row, (await channelActivity(state)).get(row.channel_id), await around());
  const around = async () => ({ routes: (await readRouting(state)).routes, nowMs: nowMs() });

  serve(router, listChannels, async () => {
    const [rows, activity, now] = await Promise.all([readChannels(state), channelActivity(state), around()]);
    return {
      channels: rows.map(row => channelView(row, activity.get(row.channel_id), now)),
      kinds: kindsView(),
    };
  });

  serve(router, createChannel, async ({ kind, name, url, settings, secrets }) => {
    const given = sorted(kind, url === undefined ? settings : { url, ...settings }, secrets, {});
    checkTemplate(kind, given, services.baseUrl());
    const others = await readChannels(state);
    checkName(name, others, null);
    const signing = channels[kind].signed ? [newSecret()] : [];
    const row = {
      channel_id: randomUUID(),
      kind,
      name,
      settings: JSON.stringify(given.settings),
      secret: JSON.stringify({ values: given.secrets, signing, previous_until: null }),
      enabled: 1 as const,
      created_at: at(),
      disabled_reason: null,
    };
    // Routes name channels: what it is called must not change when it leads elsewhere.
    row.name ||= freeName(nameOfChannel(row), others);
    await addChannel(state, row);
    return { ...(await viewed(row)), secret: signing[0] ?? null };
  });

  serve(router, changeChannelEndpoint, async ({ name, enabled, settings, secrets }, { params }) => {
    const known = found(await getChannel(state, params.id), params.id);
    const before = readSecrets(known.secret);
    const given = sorted(known.kind, settings, secrets, before.values);
    checkTemplate(known.kind, given, services.baseUrl());
    checkName(name, await readChannels(state), known.channel_id);
    const isSwitched = enabled !== (known.enabled === 1);
    const called = name || nameOfChannel(known);
    const row = await state.transaction().execute(async db => {
      await renameInRoutes(db, nameOfChannel(known), called);
      return changeChannel(db, known.channel_id, {
        name: called,
        settings: JSON.stringify(given.settings),
        secret: withSecrets(known.secret, given.secrets),
        ...(isSwitched && { enabled: enabled ? 1 : 0 }),
      });
    });
    return viewed(found(row, params.id));
  });

  serve(router, deleteChannel, async (_asked, { params }) => {
    const known = found(await getChannel(state, params.id), params.id);
    const naming = routesNaming((await readRouting(state)).routes, known);
    if (naming.length > 0) throw new HttpProblem(409, stillNamed(nameOfChannel(known), naming));
    if (!(await removeChannel(state, params.id, at()))) throw noChannel(params.id);
    return {};
  });

  serve(router, testChannel, async (_asked, { params }) => {
    const attempt = await sendTestEvent(found(await getChannel(state, params.id), params.id), services);
    const { status, answer = null } = attempt;
    if (attempt.outcome === 'delivered') return { delivered: true, status, answer, error: null };
    return { delivered: false, status, answer, error: attempt.error };
  });

  serve(router, rotateChannelSecret, async (_asked, { params }) => {
    const known = found(await getChannel(state, params.id), params.id);
    if (!channelOf(known.kind)?.signed) throw notFound('Messages to this channel are not signed.');
    const secret = newSecret();
    const { values, signing } = readSecrets(known.secret);
    const previous_until = new Date(nowMs() + rotationMs).toISOString();
    const rotated = JSON.stringify({ values, signing: [secret, ...signing.slice(0, 1)], previous_until });
    const row = await changeChannel(state, known.channel_id, { secret: rotated });
    return { ...(await viewed(found(row, params.id))), secret };
  });

  serve(router, previewTemplate, async ({ content_type, template }) =>
    previewOf(content_type, template, services.baseUrl()),
  );
}

function previewOf(
  contentType: string,
  template: string,
  baseUrl: string,
): z.input<(typeof previewTemplate)['reply']> {
  const made = sampleEvents(baseUrl).map(({ type, event }) => ({
    type,
    ...httpBody(event, contentType, template),
  }));
  return {
    samples: made.map(({ type, body }) => ({ type, body })),
    error: made.find(({ error }) => error !== null)?.error ?? null,
  };
}

function found(row: ChannelRow | null, id: string): ChannelRow {
  if (!row) throw noChannel(id);
  return row;
}

/** Without it those routes would tell nobody, and nobody would know. */
const stillNamed = (name: string, routes: readonly string[]) =>
  `${routes.length === 1 ? `Route ${routes[0]} sends` : `Routes ${routes.join(' and ')} send`} to "${name}". Take it out of them first, or switch the channel off.`;

const noChannel = (id: string) => notFound(`There is no channel ${id}.`);
