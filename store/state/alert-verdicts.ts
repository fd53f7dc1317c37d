import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { AlertNoteTable, AlertVerdictTable } from './schema.ts';

export type AlertVerdictRow = Selectable<AlertVerdictTable>;
export type AlertNoteRow = Selectable<AlertNoteTable>;

/** The last word on an alert counts. */
export async function putAlertVerdict(db: StateDb, row: AlertVerdictRow): Promise<void> {
  const { verdict, given_by, given_at, note } = row;
  await db
    .insertInto('alert_verdicts')
    .values(row)
    .onConflict(conflict => conflict.column('alert_id').doUpdateSet({ verdict, given_by, given_at, note }))
    .execute();
}

export async function getAlertVerdict(db: StateDb, alertId: string): Promise<AlertVerdictRow | null> {
  const row = await db
    .selectFrom('alert_verdicts')
    .selectAll()
    .where('alert_id', '=', alertId)
    .executeTakeFirst();
  return row ?? null;
}

/** Verdicts given from `givenFrom` (ISO 8601 in UTC) on. */
export async function listAlertVerdicts(
  db: StateDb,
  projectId: string,
  givenFrom: string,
): Promise<AlertVerdictRow[]> {
  return db
    .selectFrom('alert_verdicts')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('given_at', '>=', givenFrom)
    .execute();
}

export async function addAlertNote(db: StateDb, row: AlertNoteRow): Promise<void> {
  await db.insertInto('alert_notes').values(row).execute();
}

/** Oldest first. */
export async function listAlertNotes(db: StateDb, alertId: string): Promise<AlertNoteRow[]> {
  return db
    .selectFrom('alert_notes')
    .selectAll()
    .where('alert_id', '=', alertId)
    .orderBy('at')
    .orderBy('note_id')
    .execute();
}
