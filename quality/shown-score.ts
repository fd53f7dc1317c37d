import { mostFrequentScore } from '#store/queries/compare-score.ts';
import { readSetting } from '#store/state/settings.ts';
import type { QualityDeps } from './deps.ts';

/** The score that stands for quality: the one somebody chose, else the most frequent of the range; null without any. */
export async function shownScore(
  { clickhouse, state, projectId }: Pick<QualityDeps, 'clickhouse' | 'state' | 'projectId'>,
  range: { fromMs: number; toMs: number },
): Promise<string | null> {
  const chosen = await readSetting(state, 'quality_score');
  return chosen || mostFrequentScore(clickhouse, { projectId, ...range });
}
