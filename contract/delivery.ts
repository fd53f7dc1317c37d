import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { exportFormats, exportIntervals, focusVersions } from './export.ts';
import { spendDimensions } from './spend-words.ts';
import { statementCentres } from './statement.ts';

/** How often: the day, the week (Monday to Sunday) or the month that is over, in the reporting zone. */
export const deliverySchedules = ['daily', 'weekly', 'monthly'] as const;
export type DeliverySchedule = (typeof deliverySchedules)[number];

const condition = z.strictObject({ dimension: z.enum(spendDimensions), value: z.string().max(512) });

/** A file of spend, or the statement of one cost centre: of the month the period ends in, as far as it has come. */
export const deliveryContent = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('export'),
    format: z.enum(exportFormats).default('csv'),
    interval: z.enum(exportIntervals).default('day'),
    group_by: z.array(z.enum(spendDimensions)).max(12).default(['feature', 'model']),
    where: z.array(condition).max(50).default([]),
    version: z.enum(focusVersions).default('1.2').describe('of the FOCUS specification'),
  }),
  z.strictObject({
    kind: z.literal('statement'),
    by: z.enum(statementCentres).default('team'),
    value: z.string().max(512).describe('name of the centre; empty: calls that name none'),
  }),
]);
export type DeliveryContent = z.infer<typeof deliveryContent>;

/** `webhook` gets a signed JSON event, as alerts do; `email` needs DRIFTLINE_SMTP_URL. */
export const deliveryTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url: z.url({ protocol: /^https?$/ }) }),
  z.strictObject({ kind: z.literal('email'), to: z.array(z.email()).min(1).max(20) }),
]);
export type DeliveryTarget = z.infer<typeof deliveryTarget>;

export const deliveryInput = z.strictObject({
  name: z.string().trim().min(1).max(120),
  schedule: z.enum(deliverySchedules),
  hour: z
    .number()
    .int()
    .min(0)
    .max(23)
    .default(6)
    .describe('of the day after the period, in the reporting zone'),
  content: deliveryContent,
  target: deliveryTarget,
});
export type DeliveryInput = z.input<typeof deliveryInput>;

/** One time something was to be sent. Neither delivered nor failed: it is still being tried. */
export const deliveryRun = z.object({
  id: z.string(),
  /** `2026-10`, `2026-11-09/2026-11-15` or `2026-11-20`. */
  period: z.string(),
  asked: z.enum(['schedule', 'now']),
  queued_at: z.string(),
  attempts: z.int(),
  next_attempt_at: z.string().nullable(),
  delivered_at: z.string().nullable(),
  failed_at: z.string().nullable(),
  error: z.string().nullable(),
  file: z.object({ name: z.string(), bytes: z.int(), sha256: z.string() }).nullable(),
});

export const delivery = z.object({
  id: z.string(),
  name: z.string(),
  schedule: z.enum(deliverySchedules),
  hour: z.int(),
  content: deliveryContent,
  target: deliveryTarget,
  created_at: z.string(),
  /** When it is due next. */
  next_at: z.string(),
  /** The newest first; at most 50. */
  runs: z.array(deliveryRun),
});
export type Delivery = z.infer<typeof delivery>;

export const listDeliveries = endpoint(
  'GET',
  '/api/v1/deliveries',
  'Files and statements that are sent by schedule, with what became of them',
  z.object({}),
  z.object({ email: z.boolean().describe('e-mail can be sent'), deliveries: z.array(delivery) }),
);

export const createDelivery = endpoint(
  'POST',
  '/api/v1/deliveries',
  'Send a file or a statement by schedule; the answer holds the signing secret of a webhook, once',
  deliveryInput,
  delivery.extend({ secret: z.string().nullable() }),
);

export const deleteDelivery = endpoint(
  'DELETE',
  '/api/v1/deliveries/{id}',
  'Stop sending it',
  z.object({}),
  z.object({}),
);

export const sendDelivery = endpoint(
  'POST',
  '/api/v1/deliveries/{id}/send',
  'Send the newest period now',
  z.object({}),
  deliveryRun,
);
