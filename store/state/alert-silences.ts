import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { AlertSilenceTable } from './schema.ts';

export type AlertSilenceRow = Selectable<AlertSilenceTable>;

/** Those that end after `endsAfter` (ISO 8601 in UTC), the next to end first. */
export async function listAlertSilences(
  db: StateDb,
  projectId: string,
  endsAfter: string,
): Promise<AlertSilenceRow[]> {
  return db
    .selectFrom('alert_silences')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('ends_at', '>', endsAfter)
    .orderBy('ends_at')
    .orderBy('silence_id')
    .execute();
}

export async function addAlertSilence(db: StateDb, row: AlertSilenceRow): Promise<void> {
  await db.insertInto('alert_silences').values(row).execute();
}

/** Ends one early; one that has ended stays as it was. Null when there is none. */
export async function endAlertSilence(
  db: StateDb,
  { projectId, silenceId, at, by }: { projectId: string; silenceId: string; at: string; by: string },
): Promise<AlertSilenceRow | null> {
  await db
    .updateTable('alert_silences')
    .set({ ends_at: at, ended_by: by })
    .where('silence_id', '=', silenceId)
    .where('project_id', '=', projectId)
    .where('ends_at', '>', at)
    .execute();
  const row = await db
    .selectFrom('alert_silences')
    .selectAll()
    .where('silence_id', '=', silenceId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row ?? null;
}
