import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { DetectorStateTable } from './schema.ts';

export type DetectorStateRow = Selectable<DetectorStateTable>;

/** SQLite writes while the event loop waits: 200 states, more than a megabyte, take some 5 ms of it. */
const rowsPerStatement = 200;

/** What the detector remembers of every series. */
export async function readDetectorStates(db: StateDb, projectId: string): Promise<DetectorStateRow[]> {
  return db.selectFrom('detector_states').selectAll().where('project_id', '=', projectId).execute();
}

/**
 * Replaces the states of the given series. Call it in the transaction that writes what the step brought about: between two
 * statements the event loop goes round, and who else asks this database waits until the transaction is over.
 */
export async function writeDetectorStates(db: StateDb, rows: readonly DetectorStateRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    if (at > 0) await othersTurn();
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
