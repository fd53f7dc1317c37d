import { type Dimension, dimension } from '#contract/dimension.ts';
import { parityMeasures } from '#contract/fairness.ts';
import { quietDrift, type WatchedCohorts } from '#contract/quiet-drift.ts';
import { engineClock } from '#store/queries/calls-to-score.ts';
import { firstCallMs, replaceGaps } from '#store/queries/cohort-gaps.ts';
import { readCohorts } from '#store/queries/compare-cohorts.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { readSetting } from '#store/state/settings.ts';
import { type ArmSums, meanOf, noSums, together } from '../canary/arm-sums.ts';
import type { QualityDeps } from '../deps.ts';
import { shownScore } from '../shown-score.ts';
import { type Cohort, fewestUnits, isShown } from './parity.ts';

const dayMs = 86_400_000;
/** A score may come this long after its call; later ones are missing in the day's gap. */
const settleMs = 6 * 3_600_000;
/** Days that are computed again, for what came later still, and how far a new declaration reaches back. */
const againDays = 3;
const historyDays = 42;
const attributePrefix = 'attribute:';

/** What a gap of a day is worth to the detector. */
export interface DailyGap {
  cohort: string;
  measure: string;
  n: number;
  gap: number;
  variance: number;
  calls: number;
}

/** Writes the gaps of all declared cohorts for days that have become complete. `mayGoOn` is asked between days. */
export async function rollUpGaps(deps: QualityDeps, mayGoOn: () => Promise<boolean>): Promise<void> {
  const { fairness } = (await readSetting(deps.state, 'quiet_drift')) ?? quietDrift.parse({});
  const today = Math.floor((deps.clock.now() - settleMs) / dayMs) * dayMs;
  for (const cohorts of fairness.cohorts) {
    const job = `cohort gaps ${deps.projectId} ${JSON.stringify([cohorts.by, cohorts.feature])}`;
    const done = await readProgress(deps.state, job);
    // Once a day suffices: what has become complete, and the days before again.
    if (done !== null && Date.parse(done) >= today) continue;
    const first = await firstCallMs(deps.clickhouse, deps.projectId);
    if (first === null) return;
    const oldest = Math.max(today - historyDays * dayMs, Math.floor(first / dayMs) * dayMs);
    const fromMs = done === null ? oldest : Math.max(oldest, Date.parse(done) - againDays * dayMs);
    for (let day = fromMs; day < today; day += dayMs) {
      if (!(await mayGoOn())) return;
      await rollUpDay(deps, cohorts, day);
    }
    await writeProgress(deps.state, job, new Date(today).toISOString());
  }
}

async function rollUpDay(deps: QualityDeps, { by, feature }: WatchedCohorts, fromMs: number): Promise<void> {
  const { clickhouse, projectId } = deps;
  const range = { fromMs, toMs: fromMs + dayMs };
  const cohorts = await readCohorts(clickhouse, {
    projectId,
    ...range,
    by: cohortsBy(by),
    where: feature === null ? [] : [{ dimension: 'feature', value: feature }],
    score: await shownScore(deps, range),
  });
  const version = await engineClock(clickhouse);
  const day = { projectId, feature: feature ?? '', cohortBy: by, dayMs: fromMs, version };
  await replaceGaps(clickhouse, day, dailyGaps(cohorts));
}

function cohortsBy(by: string): { dimension: Dimension } | { attribute: string } {
  return by.startsWith(attributePrefix)
    ? { attribute: by.slice(attributePrefix.length) }
    : { dimension: dimension.parse(by) };
}

/** Every cohort that is large enough to be shown against all others together, where both sides have enough units. */
export function dailyGaps(cohorts: readonly Cohort[]): DailyGap[] {
  return cohorts.filter(isShown).flatMap(cohort =>
    parityMeasures.flatMap(measure => {
      const others = cohorts.filter(other => other !== cohort).map(other => other[measure]);
      const gap = gapOf(cohort[measure], others.reduce(together, noSums));
      return gap ? [{ cohort: cohort.value, measure, calls: cohort.calls, ...gap }] : [];
    }),
  );
}

function gapOf(own: ArmSums, others: ArmSums): Pick<DailyGap, 'n' | 'gap' | 'variance'> | null {
  const [here, there] = [meanOf(own, 1), meanOf(others, 1)];
  if (!here || !there || own.units < fewestUnits || others.units < fewestUnits) return null;
  const n = 1 / (1 / own.units + 1 / others.units);
  return { n, gap: here.value - there.value, variance: here.variance + there.variance };
}
