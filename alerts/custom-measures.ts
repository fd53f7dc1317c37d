import type { CustomMeasure } from '#contract/drift.ts';
import type { StateDb } from '#store/state/open.ts';
import { writeProgress } from '#store/state/progress.ts';
import { readSetting, writeSetting } from '#store/state/settings.ts';
import { jobs } from './commit.ts';

/** Numeric attributes that are watched; none until somebody names some. */
export async function readCustomMeasures(state: StateDb): Promise<CustomMeasure[]> {
  return (await readSetting(state, 'custom_measures')) ?? [];
}

/** Replaces the list; the next check rolls all history up again, so that they have a past to learn from. */
export async function writeCustomMeasures(state: StateDb, measures: CustomMeasure[]): Promise<void> {
  await state.transaction().execute(async db => {
    await writeSetting(db, 'custom_measures', measures);
    await writeProgress(db, jobs.rolledUp, '0');
  });
}
