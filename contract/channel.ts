import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const channelKinds = [
  'webhook',
  'slack',
  'pagerduty',
  'email',
  'teams',
  'opsgenie',
  'http',
  'retrain',
] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** One thing to fill in: the form follows from these. A `secret` is written and never read back. */
export const channelField = z.object({
  name: z.string(),
  label: z.string(),
  type: z.enum(['text', 'url', 'list', 'multiline', 'choice']),
  secret: z.boolean(),
  required: z.boolean(),
  help: z.string(),
  placeholder: z.string(),
  /** Of a `choice`. */
  options: z.array(z.object({ value: z.string(), label: z.string() })),
  /** What holds when it is left empty. */
  default: z.string(),
});
export type ChannelField = z.infer<typeof channelField>;

export const channelKind = z.object({
  kind: z.enum(channelKinds),
  label: z.string(),
  /** What arrives there, in a sentence. */
  about: z.string(),
  fields: z.array(channelField),
  /** Events are signed with a secret that is made here and shown once. */
  signed: z.boolean(),
});
export type ChannelKindInfo = z.infer<typeof channelKind>;

/** A value of a field; a `list` is an array. */
const value = z.union([z.string().max(20_000), z.array(z.string().max(1000)).max(50)]);
export const channelSettings = z.record(z.string().max(64), value);
export type ChannelSettings = z.infer<typeof channelSettings>;

/** Where alerts are sent. Secrets are named, never shown. */
export const channel = z.object({
  id: z.string(),
  kind: z.enum(channelKinds),
  name: z.string(),
  /** Where it leads, without what is secret: `hooks.example.com`, `#alerts`, `oncall@example.com`. */
  target: z.string(),
  settings: channelSettings,
  /** Names of the secrets that are set. */
  secrets: z.array(z.string()),
  enabled: z.boolean(),
  /** Why Driftline itself has switched it off; null while it is on or somebody has. */
  disabled_reason: z.string().nullable(),
  created_at: z.string(),
  /** Until when the signing secret before the current one is used as well. */
  previous_secret_until: z.string().nullable(),
  /** What became of the newest message; null when there was none yet. */
  last: z
    .object({
      at: z.string(),
      status: z.enum(['waiting', 'delivered', 'failed']),
      error: z.string().nullable(),
    })
    .nullable(),
  /** Messages not delivered and not given up. */
  waiting: z.int(),
  /** Names of the routes that name it. They follow when it is renamed, and keep it from being removed. */
  routes: z.array(z.string()),
});
export type Channel = z.infer<typeof channel>;

export const listChannels = endpoint(
  'GET',
  '/api/v1/channels',
  'Where alerts are sent, and the kinds of channels there are',
  z.object({}),
  z.object({ channels: z.array(channel), kinds: z.array(channelKind) }),
);

const name = z.string().trim().max(120);

/** `secret` of a signed kind is shown once; receivers verify Standard Webhooks signatures with it. */
export const createChannel = endpoint(
  'POST',
  '/api/v1/channels',
  'Send alerts to a channel',
  z.object({
    kind: z.enum(channelKinds).default('webhook'),
    name: name.default('').describe('empty: where it leads'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('short for settings.url'),
    settings: channelSettings.default({}),
    secrets: channelSettings.default({}),
  }),
  channel.extend({ secret: z.string().nullable() }),
);

export const changeChannel = endpoint(
  'PUT',
  '/api/v1/channels/{id}',
  'Change a channel; secrets that are not given stay, an empty one is removed',
  z.object({
    name,
    enabled: z.boolean(),
    settings: channelSettings,
    secrets: channelSettings.default({}),
  }),
  channel,
);

export const deleteChannel = endpoint(
  'DELETE',
  '/api/v1/channels/{id}',
  'Stop sending there; what was still to be sent is given up',
  z.object({}),
  z.object({}),
);

/** What the receiver said, shortened and without secrets. */
const answer = z.object({
  delivered: z.boolean(),
  status: z.int().nullable(),
  answer: z.string().nullable(),
  error: z.string().nullable(),
});
export type ChannelAnswer = z.infer<typeof answer>;

export const testChannel = endpoint(
  'POST',
  '/api/v1/channels/{id}/test',
  'Send a test message now, once',
  z.object({}),
  answer,
);

export const rotateChannelSecret = endpoint(
  'POST',
  '/api/v1/channels/{id}/rotate-secret',
  'Make a new signing secret, shown once; the one before signs as well for a day',
  z.object({}),
  channel.extend({ secret: z.string() }),
);

export const previewTemplate = endpoint(
  'POST',
  '/api/v1/channels/preview-template',
  'What the template of a generic HTTP channel makes of sample alerts',
  z.object({ content_type: z.string().max(100), template: z.string().max(20_000) }),
  z.object({
    samples: z.array(z.object({ type: z.string(), body: z.string() })),
    error: z.string().nullable(),
  }),
);

/** One try. `outcome` is null while it is under way. */
const notificationAttempt = z.object({
  number: z.int(),
  at: z.string(),
  ended_at: z.string().nullable(),
  outcome: z.enum(['delivered', 'failed', 'gone', 'skipped']).nullable(),
  status: z.int().nullable(),
  answer: z.string().nullable(),
  error: z.string().nullable(),
  next_attempt_at: z.string().nullable(),
});

/** One event on its way to one channel. */
export const notification = z.object({
  id: z.string(),
  /** The same over all attempts and channels; `webhook-id` of a webhook. */
  event_id: z.string(),
  incident_id: z.string(),
  title: z.string(),
  /** `firing`, `updated`, `resolved`, `test`, … */
  event: z.string(),
  /** Page it is about. */
  url: z.string().nullable(),
  /** Null when the channel was removed. */
  channel: z.object({ id: z.string(), name: z.string(), kind: z.enum(channelKinds) }).nullable(),
  status: z.enum(['waiting', 'delivered', 'failed']),
  created_at: z.string(),
  delivered_at: z.string().nullable(),
  next_attempt_at: z.string().nullable(),
  error: z.string().nullable(),
  /** Oldest first. */
  attempts: z.array(notificationAttempt),
  can_resend: z.boolean(),
});
export type Notification = z.infer<typeof notification>;

export const listNotifications = endpoint(
  'GET',
  '/api/v1/notifications',
  'Every message to a channel with its attempts, newest first',
  z.object({
    status: z.enum(['any', 'waiting', 'delivered', 'failed']).default('any'),
    channel_id: z.string().max(100).optional(),
    incident_id: z.string().max(100).optional(),
    before: z.string().max(20).optional().describe('id of the last one of the page before'),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  z.object({
    notifications: z.array(notification),
    /** Id to ask with `before`; null when this is the end. */
    next: z.string().nullable(),
    /** Given up during the last week and not sent again since. */
    undelivered: z.int(),
  }),
);

export const resendNotification = endpoint(
  'POST',
  '/api/v1/notifications/{id}/resend',
  'Send a message again, under the same event id',
  z.object({}),
  notification,
);
