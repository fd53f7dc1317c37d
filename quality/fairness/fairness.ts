import type { Fairness } from '#contract/fairness.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { type CohortsQuestion, readCohorts } from '#store/queries/compare-cohorts.ts';
import { scoreMeaning } from '../score-meaning.ts';
import { isShown, type ParityOfCohort, parity } from './parity.ts';

export interface FairnessQuestion extends CohortsQuestion {
  smallestGap: number;
  falseDiscoveryRate: number;
}

/** Gaps between cohorts, as the contract says. */
export async function fairnessOf(clickhouse: ClickHouse, asked: FairnessQuestion): Promise<Fairness> {
  const cohorts = await readCohorts(clickhouse, asked);
  const better = asked.score === null ? 'higher' : scoreMeaning(asked.score);
  const found = parity(cohorts, { ...asked, better });
  const hidden = cohorts.filter(cohort => !isShown(cohort));
  const gaps = found.flatMap(cohort => cohort.gaps);
  const rate = (100 * asked.falseDiscoveryRate).toFixed(0);
  return {
    by: 'dimension' in asked.by ? asked.by.dimension : `attribute:${asked.by.attribute}`,
    score: asked.score,
    better,
    cohorts: found,
    small_cohorts: { cohorts: hidden.length, calls: hidden.reduce((sum, { calls }) => sum + calls, 0) },
    flagged: gaps.filter(({ flagged }) => flagged).length,
    tests: gaps.filter(({ e_value }) => e_value !== null).length,
    method: `e-BH over all cohorts and measures: at most ${rate} % of the flags are expected to be false, however the cohorts overlap. Each interval holds with 95 %, at every look.`,
    sentence: sentenceOf(found),
    notes: notesOf(hidden.length, found.length),
  };
}

function sentenceOf(found: readonly ParityOfCohort[]): string {
  const flagged = found.flatMap(({ value, gaps }) =>
    gaps.filter(gap => gap.flagged && gap.disadvantage).map(gap => ({ ...gap, cohort: value })),
  );
  if (found.length < 2) return 'There are no two cohorts large enough to compare.';
  const worst = flagged.sort((a, b) => Math.abs(b.gap ?? 0) - Math.abs(a.gap ?? 0))[0];
  if (!worst) return 'No cohort is surely worse off than the others.';
  const points = (100 * Math.abs(worst.gap ?? 0)).toFixed(1);
  const what = { quality: 'quality', refusal: 'refusals', latency: 'slow answers' }[worst.measure];
  const direction = (worst.gap ?? 0) < 0 ? 'lower' : 'higher';
  return `${worst.cohort || 'Calls that name none'}: ${what} ${points} points ${direction} than of all others.`;
}

function notesOf(hidden: number, shown: number): string[] {
  const few = 'fewer than 50 calls or 5 users';
  return [
    ...(hidden > 0 ? [`${hidden} cohorts with ${few} are not shown; they count among the others.`] : []),
    ...(shown === 0 && hidden > 0 ? ['Cohorts are shown only when calls name their users.'] : []),
    'Refusals are answers that a content filter stopped. A gap is no cause: cohorts may ask for different things.',
  ];
}
