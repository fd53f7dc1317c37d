import type { ChannelKind } from '#contract/channel.ts';
import type { StoredChannel } from './channel.ts';
import { email } from './email.ts';
import { http } from './http.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { retrain } from './retrain.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';
import { webhook } from './webhook.ts';

/** Every kind of channel: a new one is its file, its test and a name here. */
export const channels: Record<ChannelKind, StoredChannel> = {
  slack,
  pagerduty,
  email,
  teams,
  opsgenie,
  webhook,
  http,
  retrain,
};

/** The kind by its stored name; undefined for one that this version does not know. */
export const channelOf = (kind: string): StoredChannel | undefined =>
  Object.hasOwn(channels, kind) ? channels[kind as ChannelKind] : undefined;
