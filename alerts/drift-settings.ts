import { type DriftSettings, driftSettings } from '#contract/drift.ts';
import type { StateDb } from '#store/state/open.ts';
import { readSetting, writeSetting } from '#store/state/settings.ts';
import type { FalseAlarmBudget } from './watch-list.ts';

/** As people set it, else one false page a week over everything watched. */
export async function readDriftSettings(state: StateDb): Promise<DriftSettings> {
  return (await readSetting(state, 'drift')) ?? driftSettings.parse({});
}

/** Holds from the next check on; evidence gathered so far stays. */
export function writeDriftSettings(state: StateDb, settings: DriftSettings): Promise<void> {
  return writeSetting(state, 'drift', settings);
}

/** B and the least K, with another B where one is given. */
export async function falseAlarmBudget(
  state: StateDb,
  falseAlarmsPerWeek?: number,
): Promise<FalseAlarmBudget> {
  const settings = await readDriftSettings(state);
  return {
    falseAlarmsPerWeek: falseAlarmsPerWeek ?? settings.false_alarms_per_week,
    seriesAtLeast: settings.series_at_least,
  };
}
