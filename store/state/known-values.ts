import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { KnownValueTable } from './schema.ts';

export type KnownValueRow = Selectable<KnownValueTable>;

/** SQLite takes 32,766 values in a statement; a row has eight. */
const rowsPerStatement = 500;

/** Every value of a feature that has been seen, whether it was ever news or not. */
export function readKnownValues(
  db: StateDb,
  projectId: string,
  features: readonly string[],
): Promise<KnownValueRow[]> {
  return db
    .selectFrom('known_values')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('feature', 'in', [...features])
    .execute();
}

/** Adds values, or their third occurrence; what is news stays as it was first said. */
export async function writeKnownValues(db: StateDb, rows: readonly KnownValueRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await db
      .insertInto('known_values')
      .values(rows.slice(at, at + rowsPerStatement))
      .onConflict(conflict =>
        conflict
          .columns(['project_id', 'feature', 'environment', 'kind', 'value'])
          .doUpdateSet(eb => ({ third_at: eb.ref('excluded.third_at') })),
      )
      .execute();
  }
}

/** Values that were new to their feature, at their third occurrence, newest first; `from` and `to` are about the first. ISO 8601. */
export function listNewValues(
  db: StateDb,
  filter: {
    projectId: string;
    feature?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
    limit: number;
  },
): Promise<KnownValueRow[]> {
  let query = db
    .selectFrom('known_values')
    .selectAll()
    .where('project_id', '=', filter.projectId)
    .where('is_news', '=', 1)
    .where('third_at', 'is not', null)
    .orderBy('third_at', 'desc')
    .orderBy('value')
    .limit(filter.limit);
  if (filter.feature !== undefined) query = query.where('feature', '=', filter.feature);
  if (filter.from !== undefined) query = query.where('first_at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('first_at', '<', filter.to);
  return query.execute();
}
