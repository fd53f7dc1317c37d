import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { TrainingExportTable } from './schema.ts';

export type TrainingExportRow = Selectable<TrainingExportTable>;

/** Values of one statement stay below what SQLite binds at most. */
const batch = 300;

/** An export with what each of its lines was made of, all or nothing. */
export async function addTrainingExport(
  db: StateDb,
  row: TrainingExportRow,
  lines: readonly string[],
): Promise<void> {
  await db.transaction().execute(async tx => {
    await tx.insertInto('training_exports').values(row).execute();
    for (let from = 0; from < lines.length; from += batch) {
      const values = lines
        .slice(from, from + batch)
        .map((made_of, at) => ({ export_id: row.export_id, line: from + at + 1, made_of }));
      await tx.insertInto('training_lines').values(values).execute();
    }
  });
}

/** Newest first. */
export function listTrainingExportRows(
  db: StateDb,
  projectId: string,
  limit: number,
): Promise<TrainingExportRow[]> {
  return db
    .selectFrom('training_exports')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('created_at', 'desc')
    .orderBy('export_id')
    .limit(limit)
    .execute();
}

export function trainingExportRow(
  db: StateDb,
  projectId: string,
  exportId: string,
): Promise<TrainingExportRow | undefined> {
  return db
    .selectFrom('training_exports')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('export_id', '=', exportId)
    .executeTakeFirst();
}

/** Lines after `after`, in order. */
export async function readTrainingLines(
  db: StateDb,
  exportId: string,
  { after, limit }: { after: number; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('training_lines')
    .select('made_of')
    .where('export_id', '=', exportId)
    .where('line', '>', after)
    .orderBy('line')
    .limit(limit)
    .execute();
  return rows.map(({ made_of }) => made_of);
}

/** False when there is no such export. */
export async function removeTrainingExport(
  db: StateDb,
  projectId: string,
  exportId: string,
): Promise<boolean> {
  return db.transaction().execute(async tx => {
    const removed = await tx
      .deleteFrom('training_exports')
      .where('project_id', '=', projectId)
      .where('export_id', '=', exportId)
      .executeTakeFirst();
    if (removed.numDeletedRows === 0n) return false;
    await tx.deleteFrom('training_lines').where('export_id', '=', exportId).execute();
    return true;
  });
}
