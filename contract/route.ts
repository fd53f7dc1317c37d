import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/**
 * Labels of an alert: `rule`, `kind` (`drift`, `threshold`, …), `severity`, `feature`, `model`, `environment`, `metric`, and of a rule's
 * the `reason` it fires for: `condition` or `no_data`. A matcher on a label that an alert does not have sees an empty value.
 */
export const matcher = z.strictObject({
  label: z.enum(['rule', 'kind', 'severity', 'feature', 'model', 'environment', 'metric', 'reason']),
  /** `=`, `!=`, or a pattern with `*` for any text. */
  op: z.enum(['=', '!=', 'like']).default('='),
  value: z.string().max(256),
});
export type Matcher = z.output<typeof matcher>;

const seconds = (least: number, most: number) => z.int().min(least).max(most);
const daysS = 86_400;
/** Ids or names of channels. */
const channelNames = z.array(z.string().min(1).max(200)).max(20);

/** Who is told of which alerts, and how often. The first route that matches is the one; the last matches everything. */
export const route = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,79}$/, 'lower-case letters, digits, dots and dashes, at most 80'),
  /** All must match. */
  match: z.array(matcher).max(10).default([]),
  /** Null: every channel that is switched on; empty: nobody, the alert is only shown. */
  channels: channelNames.nullable().default(null),
  /** Alerts that agree in these are one message. */
  group_by: z
    .array(z.enum(['rule', 'feature', 'model', 'environment', 'severity']))
    .max(5)
    .default(['feature']),
  /** How long the first message of a group waits for others of the same cause. */
  group_wait_s: seconds(0, 3600).default(30),
  /** Least time between two messages about one group. */
  group_interval_s: seconds(0, daysS).default(300),
  /** How often it is said again while nobody has acknowledged. */
  repeat_s: seconds(300, 30 * daysS).default(4 * 3600),
  /** Told further channels while nobody has acknowledged. */
  escalation: z
    .array(z.strictObject({ after_s: seconds(60, 7 * daysS), channels: channelNames.min(1) }))
    .max(5)
    .default([]),
});
export type AlertRoute = z.output<typeof route>;

/** Mutes what matches `target` while something that matches `source` fires, if both agree in `equal` and `within`. */
export const inhibition = z.strictObject({
  source: z.array(matcher).min(1).max(10),
  target: z.array(matcher).min(1).max(10),
  equal: z
    .array(z.enum(['feature', 'model', 'environment']))
    .max(3)
    .default([]),
  /** As `equal`, but a source without the label stands for every value: what is said of all features is said of each. */
  within: z
    .array(z.enum(['feature', 'model', 'environment']))
    .max(3)
    .optional(),
});
export type Inhibition = z.output<typeof inhibition>;

const heartbeat = z.strictObject({
  /** Called with GET every 60 s while evaluation and outbox are healthy; null: never. */
  url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});

export const routing = z.strictObject({
  routes: z
    .array(route)
    .max(100)
    .refine(all => new Set(all.map(({ name }) => name)).size === all.length, 'two routes have one name')
    .default([]),
  inhibit: z.array(inhibition).max(50).default([]),
  heartbeat: heartbeat.default({ url: null }),
});
export type Routing = z.output<typeof routing>;

const routingView = routing.extend({
  /** The last resort: to every channel, with the defaults. Always after the others. */
  default_route: route,
  heartbeat_status: z.object({
    last_sent_at: z.string().nullable(),
    last_error: z.string().nullable(),
    /** What keeps it from being sent; empty when all is well. */
    unhealthy: z.array(z.string()),
  }),
});

export const getRouting = endpoint(
  'GET',
  '/api/v1/routes',
  'Who is told of which alerts, in the order in which routes are tried',
  z.object({}),
  routingView,
);
export const putRouting = endpoint(
  'PUT',
  '/api/v1/routes',
  'Replace routes, inhibitions and the heartbeat',
  routing,
  routingView,
);
