import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { ModelCardTextTable } from './schema.ts';

export type CardTextRow = Selectable<ModelCardTextTable>;

/** Every version of every text of a feature, newest first. */
export function listCardTextRows(
  db: StateDb,
  { projectId, feature }: { projectId: string; feature: string },
): Promise<CardTextRow[]> {
  return db
    .selectFrom('model_card_texts')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('feature', '=', feature)
    .orderBy('written_at', 'desc')
    .orderBy('version', 'desc')
    .orderBy('kind')
    .execute();
}

/**
 * Keeps each text that differs from the one in force as a new version, all or none. Of two writers at once, the second fails on the
 * key rather than overwrite the first.
 */
export async function addCardTexts(
  db: StateDb,
  { projectId, feature }: { projectId: string; feature: string },
  texts: readonly { kind: CardTextRow['kind']; text: string }[],
  { author, at }: { author: string; at: string },
): Promise<void> {
  await db.transaction().execute(async tx => {
    for (const { kind, text } of texts) {
      const last = await tx
        .selectFrom('model_card_texts')
        .select(['version', 'text'])
        .where('project_id', '=', projectId)
        .where('feature', '=', feature)
        .where('kind', '=', kind)
        .orderBy('version', 'desc')
        .executeTakeFirst();
      if ((last?.text ?? '') === text) continue;
      const version = (last?.version ?? 0) + 1;
      const row = { project_id: projectId, feature, kind, version, text, author, written_at: at };
      await tx.insertInto('model_card_texts').values(row).execute();
    }
  });
}
