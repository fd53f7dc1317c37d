import { anomalyScorer } from './anomaly-scorer.ts';
import { readNab } from './nab-files.ts';
import { nabProfiles, nabScore } from './nab-score.ts';

export type NabScores = Record<keyof typeof nabProfiles, number>;

/**
 * Scores the online anomaly scorer on a folder in the format of the Numenta Anomaly Benchmark (`windows.json`, `data/`), per
 * profile with the best threshold over all its series, as on NAB's leaderboard. Throws a plain sentence for another format.
 */
export function scoreNab(folder: string): NabScores {
  const series = readNab(folder).map(({ timesMs, values, windows }) => {
    const score = anomalyScorer();
    return { scores: values.map((value, row) => score(timesMs[row]!, value)), windows };
  });
  return {
    standard: nabScore(series, nabProfiles.standard).score,
    low_fp: nabScore(series, nabProfiles.low_fp).score,
    low_fn: nabScore(series, nabProfiles.low_fn).score,
  };
}
