import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { DetectorStateTable } from './schema.ts';

export type DetectorStateRow = Selectable<DetectorStateTable>;

/** SQLite takes 32,766 values in a statement; a row has seven. */
const rowsPerStatement = 500;

/** What the detector remembers of every series. */
export async function readDetectorStates(db: StateDb, projectId: string): Promise<DetectorStateRow[]> {
  return db.selectFrom('detector_states').selectAll().where('project_id', '=', projectId).execute();
}

/** Replaces the states of the given series. Call it in the transaction that writes what the step brought about. */
export async function writeDetectorStates(db: StateDb, rows: readonly DetectorStateRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await db
      .insertInto('detector_states')
      .values(rows.slice(at, at + rowsPerStatement))
      .onConflict(conflict =>
        conflict.columns(['project_id', 'feature', 'model', 'environment', 'metric']).doUpdateSet(eb => ({
          evaluated_until: eb.ref('excluded.evaluated_until'),
          state: eb.ref('excluded.state'),
        })),
      )
      .execute();
  }
}
