import type { TrainingExport } from '#contract/training.ts';
import { readTrainingLines } from '#store/state/training.ts';
import type { KeptLine } from './choose.ts';
import type { TrainingDeps } from './deps.ts';

const linesAtOnce = 1_000;

/** Names the schedule an export is made by, and what that made before. */
export interface MadeBySchedule {
  exportId: string;
  scheduleId: string;
  name: string;
  period: string;
  previousExportId: string | null;
}

/** What the head of an export says of its schedule; lines are the same when their bytes are. */
export async function scheduleOf(
  { state }: TrainingDeps,
  { scheduleId, name, period, previousExportId }: MadeBySchedule,
  lines: readonly KeptLine[],
): Promise<TrainingExport['schedule']> {
  const before = new Set<string>();
  for (let after = 0; previousExportId !== null; after += linesAtOnce) {
    const kept = await readTrainingLines(state, previousExportId, { after, limit: linesAtOnce });
    for (const line of kept) before.add((JSON.parse(line) as KeptLine).sha256);
    if (kept.length < linesAtOnce) break;
  }
  return {
    schedule_id: scheduleId,
    name,
    period,
    previous_export_id: previousExportId,
    new_pairs: lines.filter(({ sha256: hash }) => !before.has(hash)).length,
  };
}
