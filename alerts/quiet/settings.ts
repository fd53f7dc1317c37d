import { type QuietDrift, quietDrift } from '#contract/quiet-drift.ts';
import { shapeJob, shapesUnderWay } from '#store/shape-roll-up.ts';
import type { StateDb } from '#store/state/open.ts';
import { writeProgress } from '#store/state/progress.ts';
import { readSetting, writeSetting } from '#store/state/settings.ts';

/** Nobody is told of anything and no cohorts are watched until somebody says so. */
export async function readQuietDrift(state: StateDb): Promise<QuietDrift> {
  return (await readSetting(state, 'quiet_drift')) ?? quietDrift.parse({});
}

/** Other attributes for embeddings are read from all history, in the background. */
export async function writeQuietDrift(
  { state, projectId }: { state: StateDb; projectId: string },
  settings: QuietDrift,
): Promise<void> {
  await state.transaction().execute(async db => {
    const { embeddings } = await readQuietDrift(db);
    const isAnother =
      embeddings.input !== settings.embeddings.input || embeddings.output !== settings.embeddings.output;
    await writeSetting(db, 'quiet_drift', settings);
    if (!isAnother) return;
    await writeProgress(db, shapeJob(projectId), '0');
    await writeProgress(db, shapesUnderWay(projectId), '');
  });
}
