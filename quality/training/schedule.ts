import { randomUUID } from 'node:crypto';
import { where } from '#contract/dimension.ts';
import type { TrainingExport } from '#contract/training.ts';
import type { RetrainEvent, TrainingScheduleSaid } from '#contract/training-schedule.ts';
import { type Job, startJob } from '#store/job.ts';
import { trainingExportRow } from '#store/state/training.ts';
import {
  changeTrainingRun,
  claimTrainingRun,
  exportBefore,
  listTrainingScheduleRows,
  queuedPeriods,
  queueTrainingRun,
  type TrainingRunRow,
  type TrainingScheduleRow,
  trainingScheduleRow,
} from '#store/state/training-schedules.ts';
import type { QualityLog } from '../deps.ts';
import { makeExport } from './choose.ts';
import type { TrainingDeps } from './deps.ts';
import { failingCases } from './failing.ts';

/** A day, week or month that is over; Unix milliseconds, [fromMs, toMs). */
export interface Period {
  label: string;
  fromMs: number;
  toMs: number;
}

type Timetable = Pick<TrainingScheduleSaid, 'every' | 'hour'>;

export type Sent =
  | { outcome: 'delivered' }
  | { outcome: 'failed'; error: string; retryAfterMs: number | null };

export interface TrainingSchedulesDeps extends TrainingDeps {
  log: QualityLog;
  /** Where people reach the dashboard. */
  baseUrl(): string;
  /** Periods that became due after `sinceMs` and not after now, the newest first. */
  duePeriods(timetable: Timetable, sinceMs: number): Promise<Period[]>;
  /** The newest period that is over. */
  lastPeriod(timetable: Timetable): Promise<Period>;
  /** POSTs a signed event. Never throws for what a receiver or the network does: that is a failed attempt. */
  send(
    event: { id: string; body: string },
    to: { url: string; secret: string },
    signal: AbortSignal,
  ): Promise<Sent>;
  /** How long to wait after so many failed attempts; null when there is no further one. */
  nextWaitMs(attempts: number, retryAfterMs: number | null): number | null;
}

const everyMs = 15_000;
const leaseMs = 15 * 60_000;
const mostInOneRound = 20;
const dayMs = 86_400_000;

export const saidOf = ({ said }: Pick<TrainingScheduleRow, 'said'>) =>
  JSON.parse(said) as TrainingScheduleSaid;

/** Makes exports when they are due, each once, and tells webhooks of them at least once, by whichever process comes first. */
export function startTrainingSchedules(deps: TrainingSchedulesDeps, { timers }: { timers: boolean }): Job {
  return startJob(signal => round(deps, signal), {
    everyMs,
    timers,
    failed: error =>
      deps.log.error({ err: error }, 'training schedules could not be looked at; it is tried again'),
  });
}

async function round(deps: TrainingSchedulesDeps, signal: AbortSignal): Promise<void> {
  for (const row of await listTrainingScheduleRows(deps.state, deps.projectId)) await queueDue(deps, row);
  for (let made = 0; made < mostInOneRound && !signal.aborted; made += 1) {
    const run = await claimTrainingRun(deps.state, { now: iso(deps.nowMs()), leaseMs });
    if (!run) return;
    await attempt(deps, run, signal);
  }
}

async function queueDue(deps: TrainingSchedulesDeps, row: TrainingScheduleRow): Promise<void> {
  if (row.enabled_since === null) return;
  const due = await deps.duePeriods(saidOf(row), Date.parse(row.enabled_since));
  if (due.length === 0) return;
  const queued = await queuedPeriods(deps.state, row.schedule_id);
  for (const period of due.filter(({ label }) => !queued.has(label)).reverse())
    await queueTrainingRun(deps.state, runOf(deps, row, period, 'schedule'));
}

/** Queues the newest period that is over, besides what is made by schedule. */
export async function queueNow(
  deps: Pick<TrainingSchedulesDeps, 'state' | 'nowMs' | 'lastPeriod'>,
  row: TrainingScheduleRow,
): Promise<TrainingRunRow> {
  const run = runOf(deps, row, await deps.lastPeriod(saidOf(row)), 'now');
  await queueTrainingRun(deps.state, run);
  const waiting = { next_attempt_at: run.queued_at, leased_until: null, done_at: null, failed_at: null };
  return { ...run, ...waiting, made_at: null, event: null, failing_cases: null, attempts: 0, error: null };
}

const runOf = (
  { nowMs }: Pick<TrainingSchedulesDeps, 'nowMs'>,
  { schedule_id }: TrainingScheduleRow,
  { label, fromMs, toMs }: Period,
  asked: TrainingRunRow['asked'],
) => ({
  run_id: randomUUID(),
  schedule_id,
  period: label,
  from_at: iso(fromMs),
  to_at: iso(toMs),
  asked,
  queued_at: iso(nowMs()),
});

async function attempt(deps: TrainingSchedulesDeps, run: TrainingRunRow, signal: AbortSignal): Promise<void> {
  const row = await trainingScheduleRow(deps.state, run.schedule_id);
  // Removed since it was claimed; its runs are gone as well.
  if (!row) return;
  const about = { schedule: saidOf(row).name, period: run.period, attempt: run.attempts };
  const sent = await makeAndSend(deps, row, run, signal).catch((error: unknown): Sent => {
    const text = error instanceof Error ? error.message : String(error);
    return { outcome: 'failed', error: text, retryAfterMs: null };
  });
  if (sent.outcome === 'delivered') {
    const done = { done_at: iso(deps.nowMs()), next_attempt_at: null, error: null };
    await changeTrainingRun(deps.state, run, { ...done, event: null, leased_until: null });
    deps.log.info(about, 'training data made');
    return;
  }
  const waitMs = signal.aborted ? 0 : deps.nextWaitMs(run.attempts, sent.retryAfterMs);
  await changeTrainingRun(deps.state, run, {
    failed_at: waitMs === null ? iso(deps.nowMs()) : null,
    next_attempt_at: waitMs === null ? null : iso(deps.nowMs() + waitMs),
    error: sent.error.slice(0, 500),
    leased_until: null,
    ...(waitMs === null && { event: null }),
  });
  deps.log.warn({ ...about, error: sent.error, wait_ms: waitMs }, 'training data not delivered');
}

async function makeAndSend(
  deps: TrainingSchedulesDeps,
  row: TrainingScheduleRow,
  run: TrainingRunRow,
  signal: AbortSignal,
): Promise<Sent> {
  const said = saidOf(row);
  let body = run.event;
  if (run.made_at === null) {
    const made = await makeOnce(deps, said, run, signal);
    const event = said.webhook && (await eventOf(deps, said, run, made));
    body = event && JSON.stringify(event);
    const isMine = await changeTrainingRun(deps.state, run, {
      made_at: iso(deps.nowMs()),
      event: body,
      failing_cases: event?.data.failing_cases.length ?? null,
    });
    if (!isMine) return { outcome: 'failed', error: 'another process has taken it over', retryAfterMs: null };
  }
  if (!body || !said.webhook) return { outcome: 'delivered' };
  return deps.send({ id: run.run_id, body }, { url: said.webhook.url, secret: row.secret }, signal);
}

/** The export has the id of its run: made again after a crash, it is found and left as it is. */
async function makeOnce(
  deps: TrainingSchedulesDeps,
  said: TrainingScheduleSaid,
  run: TrainingRunRow,
  signal: AbortSignal,
): Promise<TrainingExport> {
  const known = await trainingExportRow(deps.state, deps.projectId, run.run_id);
  if (known) return JSON.parse(known.head) as TrainingExport;
  const previousExportId = await exportBefore(deps.state, {
    scheduleId: run.schedule_id,
    runId: run.run_id,
    toAt: run.to_at,
  });
  const toMs = Date.parse(run.to_at);
  const schedule = {
    ...{ exportId: run.run_id, scheduleId: run.schedule_id, name: said.name, period: run.period },
    previousExportId,
  };
  const range = { fromMs: toMs - said.days * dayMs, toMs };
  const made = await makeExport(deps, { ...said.filter, ...range }, { dryRun: false, signal, schedule });
  return { ...made, export_id: run.run_id };
}

async function eventOf(
  deps: TrainingSchedulesDeps,
  { name, filter, webhook }: TrainingScheduleSaid,
  run: TrainingRunRow,
  made: TrainingExport,
): Promise<RetrainEvent> {
  const baseUrl = deps.baseUrl();
  const { cases, leftOut } = await failingCases(deps, {
    fromMs: Date.parse(run.from_at),
    toMs: Date.parse(run.to_at),
    conditions: where.parse(filter.where),
    webhook: webhook!,
    baseUrl,
  });
  const file = (part: string) => new URL(`/api/v1/training/exports/${made.export_id}/${part}`, baseUrl).href;
  return {
    type: 'training.retrain',
    timestamp: run.queued_at,
    data: {
      schedule: { id: run.schedule_id, name },
      period: run.period,
      from: run.from_at,
      to: run.to_at,
      export: made,
      file_url: file('file'),
      lineage_url: file('lineage'),
      failing_cases: cases,
      left_out: leftOut,
    },
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
