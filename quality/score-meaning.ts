import { defectScores } from '#contract/score.ts';

// Judges of harm count upwards: for these names a rise is the bad direction. The same names as in the alerts.
const lowerIsBetter = /toxic|hallucinat|harm|bias|unsafe|leak|pii|violation|jailbreak|injection/i;

/** Which values of a score are better, by its name. */
export function scoreMeaning(score: string): 'higher' | 'lower' {
  return defectScores.includes(score) || lowerIsBetter.test(score) ? 'lower' : 'higher';
}
