import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { TrainingRunTable, TrainingScheduleTable } from './schema.ts';

export type TrainingScheduleRow = Selectable<TrainingScheduleTable>;
export type TrainingRunRow = Selectable<TrainingRunTable>;
type QueuedRun = Pick<
  TrainingRunRow,
  'run_id' | 'schedule_id' | 'period' | 'from_at' | 'to_at' | 'asked' | 'queued_at'
>;

/** In the order they were made. */
export function listTrainingScheduleRows(db: StateDb, projectId: string): Promise<TrainingScheduleRow[]> {
  return db
    .selectFrom('training_schedules')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('created_at')
    .orderBy('schedule_id')
    .execute();
}

export function trainingScheduleRow(
  db: StateDb,
  scheduleId: string,
): Promise<TrainingScheduleRow | undefined> {
  return db
    .selectFrom('training_schedules')
    .selectAll()
    .where('schedule_id', '=', scheduleId)
    .executeTakeFirst();
}

export async function addTrainingScheduleRow(db: StateDb, row: TrainingScheduleRow): Promise<void> {
  await db.insertInto('training_schedules').values(row).execute();
}

export async function changeTrainingScheduleRow(
  db: StateDb,
  scheduleId: string,
  change: Pick<TrainingScheduleRow, 'said' | 'secret' | 'enabled_since' | 'updated_at'>,
): Promise<void> {
  await db.updateTable('training_schedules').set(change).where('schedule_id', '=', scheduleId).execute();
}

/** With its runs; exports stay. */
export async function removeTrainingScheduleRow(db: StateDb, scheduleId: string): Promise<void> {
  await db.transaction().execute(async tx => {
    await tx.deleteFrom('training_runs').where('schedule_id', '=', scheduleId).execute();
    await tx.deleteFrom('training_schedules').where('schedule_id', '=', scheduleId).execute();
  });
}

/** Due at once; a period that the schedule queued before is left alone. */
export async function queueTrainingRun(db: StateDb, run: QueuedRun): Promise<void> {
  await db
    .insertInto('training_runs')
    .values({ ...run, attempts: 0, next_attempt_at: run.queued_at })
    .onConflict(conflict => conflict.doNothing())
    .execute();
}

/** Periods of a schedule that were queued because they were due. */
export async function queuedPeriods(db: StateDb, scheduleId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('training_runs')
    .select('period')
    .where('schedule_id', '=', scheduleId)
    .where('asked', '=', 'schedule')
    .execute();
  return new Set(rows.map(({ period }) => period));
}

/** The newest first. */
export function trainingRunsOf(db: StateDb, scheduleId: string, limit: number): Promise<TrainingRunRow[]> {
  return db
    .selectFrom('training_runs')
    .selectAll()
    .where('schedule_id', '=', scheduleId)
    .orderBy('queued_at', 'desc')
    .orderBy('to_at', 'desc')
    .orderBy('run_id')
    .limit(limit)
    .execute();
}

/**
 * Takes the run that has been due longest for `leaseMs` and counts the attempt; undefined when none is due. Runs of one schedule come
 * one after the other, oldest period first. `now` is ISO 8601 in UTC.
 */
export async function claimTrainingRun(
  db: StateDb,
  { now, leaseMs }: { now: string; leaseMs: number },
): Promise<TrainingRunRow | undefined> {
  const due = await db
    .selectFrom('training_runs')
    .select('run_id')
    .where('done_at', 'is', null)
    .where('failed_at', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .orderBy('next_attempt_at')
    .orderBy('to_at')
    .orderBy('run_id')
    .limit(1)
    .executeTakeFirst();
  if (!due) return undefined;
  // The conditions again: another process may have been quicker since the read.
  return db
    .updateTable('training_runs')
    .set(eb => ({
      leased_until: new Date(Date.parse(now) + leaseMs).toISOString(),
      attempts: eb('attempts', '+', 1),
    }))
    .where('run_id', '=', due.run_id)
    .where('done_at', 'is', null)
    .where('failed_at', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst();
}

type Change = Partial<Omit<TrainingRunRow, 'run_id' | 'schedule_id' | 'attempts'>>;

/** False when the lease had run out and another process has taken the run since. */
export async function changeTrainingRun(
  db: StateDb,
  claimed: TrainingRunRow,
  change: Change,
): Promise<boolean> {
  const result = await db
    .updateTable('training_runs')
    .set(change)
    .where('run_id', '=', claimed.run_id)
    .where('attempts', '=', claimed.attempts)
    .where('done_at', 'is', null)
    .where('failed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The newest export of a schedule that still exists, but for one; null when there is none. */
export async function exportBefore(
  db: StateDb,
  { scheduleId, runId, toAt }: { scheduleId: string; runId: string; toAt: string },
): Promise<string | null> {
  const row = await db
    .selectFrom('training_runs')
    .innerJoin('training_exports', 'training_exports.export_id', 'training_runs.run_id')
    .select('run_id')
    .where('schedule_id', '=', scheduleId)
    .where('run_id', '!=', runId)
    .where('to_at', '<=', toAt)
    .orderBy('training_exports.created_at', 'desc')
    .orderBy('run_id')
    .limit(1)
    .executeTakeFirst();
  return row?.run_id ?? null;
}
