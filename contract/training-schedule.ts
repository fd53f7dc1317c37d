import { z } from 'zod';
import { deliverySchedules } from './delivery.ts';
import { endpoint } from './endpoint.ts';
import { createTrainingExport, trainingExport } from './training.ts';

const { from: _from, to: _to, dry_run: _dryRun, ...filter } = createTrainingExport.request.shape;
/** Which pairs are taken: in the words of an export, without its range. */
const trainingFilter = z.strictObject(filter);

/** Gets an event `training.retrain` after each run, signed after Standard Webhooks, at least once. */
const retrainWebhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Calls of the period that went wrong besides those users complained of: with a score below a mark. */
  failing: z
    .strictObject({ score: z.string().trim().min(1).max(128), below: z.number() })
    .nullable()
    .default(null),
  most_cases: z.int().min(0).max(200).default(50),
  include_texts: z
    .boolean()
    .default(false)
    .describe(
      'send questions and answers of failing cases too, without private values; else ids and figures',
    ),
});
export type RetrainWebhook = z.output<typeof retrainWebhook>;

const scheduleBody = z.strictObject({
  name: z.string().trim().min(1).max(120),
  every: z.enum(deliverySchedules),
  hour: z.int().min(0).max(23).default(6).describe('of the day after the period, in the reporting zone'),
  days: z
    .int()
    .min(1)
    .max(400)
    .default(14)
    .describe('calls of so many days before the end of the period: corrections may come later than calls'),
  filter: trainingFilter,
  webhook: retrainWebhook.nullable().default(null),
  enabled: z.boolean().default(true).describe('false: paused'),
});
export type TrainingScheduleSaid = z.output<typeof scheduleBody>;

/** One time an export was to be made. Neither done nor failed: it is still being tried. */
const trainingRun = z.object({
  run_id: z.string(),
  /** `2026-10`, `2026-11-09/2026-11-15` or `2026-11-20`. */
  period: z.string(),
  asked: z.enum(['schedule', 'now']),
  queued_at: z.string(),
  /** Null before it is made. */
  export: trainingExport.nullable(),
  /** Failing cases in the event; null without a webhook. */
  failing_cases: z.int().nullable(),
  attempts: z.int(),
  next_attempt_at: z.string().nullable(),
  /** Made and, with a webhook, received. */
  done_at: z.string().nullable(),
  failed_at: z.string().nullable(),
  error: z.string().nullable(),
});
export type TrainingRun = z.infer<typeof trainingRun>;

export const trainingSchedule = scheduleBody.extend({
  schedule_id: z.string(),
  created_at: z.string(),
  /** When it is due next; null while it is paused. */
  next_at: z.string().nullable(),
  /** The newest first; at most 20. */
  runs: z.array(trainingRun),
});
export type TrainingSchedule = z.infer<typeof trainingSchedule>;

export const listTrainingSchedules = endpoint(
  'GET',
  '/api/v1/training/schedules',
  'Exports of training data that are made by schedule, with what became of them',
  z.object({}),
  z.object({ schedules: z.array(trainingSchedule) }),
);

export const createTrainingSchedule = endpoint(
  'POST',
  '/api/v1/training/schedules',
  'Make an export of training data by schedule; the answer holds the signing secret of its webhook, once',
  scheduleBody,
  trainingSchedule.extend({ secret: z.string().nullable() }),
);

export const changeTrainingSchedule = endpoint(
  'PUT',
  '/api/v1/training/schedules/{schedule_id}',
  'Change or pause a schedule; the answer holds a signing secret when its webhook is new',
  scheduleBody,
  trainingSchedule.extend({ secret: z.string().nullable() }),
);

export const deleteTrainingSchedule = endpoint(
  'DELETE',
  '/api/v1/training/schedules/{schedule_id}',
  'Stop making exports; those that were made stay',
  z.object({}),
  z.object({}),
);

export const runTrainingSchedule = endpoint(
  'POST',
  '/api/v1/training/schedules/{schedule_id}/run',
  'Make the export of the newest period now',
  z.strictObject({}),
  trainingRun,
);

/** Body of the event. `id` of the event is the run's, the same on every attempt. */
export const retrainEvent = z.object({
  type: z.literal('training.retrain'),
  timestamp: z.string(),
  data: z.object({
    schedule: z.object({ id: z.string(), name: z.string() }),
    period: z.string(),
    from: z.string(),
    to: z.string(),
    export: trainingExport,
    file_url: z.string(),
    lineage_url: z.string(),
    /** Calls of the period that went wrong, the most urgent first. */
    failing_cases: z.array(
      z.object({
        trace_id: z.string(),
        span_id: z.string(),
        time: z.string(),
        feature: z.string(),
        model: z.string(),
        prompt: z.string(),
        reasons: z.array(z.string()),
        url: z.string(),
        /** Null unless texts are sent and kept. */
        input: z.string().nullable(),
        output: z.string().nullable(),
      }),
    ),
    /** Failing cases that are not in the list. */
    left_out: z.int(),
  }),
});
export type RetrainEvent = z.infer<typeof retrainEvent>;
