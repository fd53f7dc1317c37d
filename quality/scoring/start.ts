import { readScoresPerMinute } from '#store/state/evaluators.ts';
import type { QualityDeps } from '../deps.ts';
import type { Evaluator } from '../evaluators/evaluator.ts';
import { evaluators as builtIn } from '../evaluators/index.ts';
import { rulesJob, startScoringJob } from './job.ts';

export interface OnlineScoring {
  /** Scores what was stored up to now, without waiting for late inserts. */
  runOnce(): Promise<void>;
  /** Scores made since the start of the process. */
  scored(): number;
  stop(): Promise<void>;
}

export interface OnlineScoringOptions {
  timers?: boolean;
  /** Beside the built-in ones: judges. They run in a job of their own, so that rules do not wait for them. */
  more?: readonly Evaluator[];
}

/** More would only wait: a model takes a second or more to answer. */
const mostJudgedAMinute = 60;

/**
 * Scores a sample of what arrives, as the rules say: reads calls stored since the last look, draws, judges, stores. All of it may be done
 * again: the draw, the chances and the ids of the scores are the same. With `timers: false` nothing runs by itself.
 */
export function startOnlineScoring(
  deps: QualityDeps,
  { timers = true, more = [] }: OnlineScoringOptions = {},
): OnlineScoring {
  const all = [...builtIn, ...more];
  const asSet = () => readScoresPerMinute(deps.state);
  const rules = all.filter(({ kind }) => kind !== 'judge');
  const judges = all.filter(({ kind }) => kind === 'judge');
  const jobs = [startScoringJob(deps, { timers, job: rulesJob, evaluators: rules, scoresPerMinute: asSet })];
  if (judges.length > 0) {
    const scoresPerMinute = async () => Math.min(await asSet(), mostJudgedAMinute);
    jobs.push(startScoringJob(deps, { timers, job: 'judging', evaluators: judges, scoresPerMinute }));
  }
  return {
    runOnce: async () => void (await Promise.all(jobs.map(job => job.runOnce()))),
    scored: () => jobs.reduce((sum, job) => sum + job.scored(), 0),
    stop: async () => void (await Promise.all(jobs.map(job => job.stop()))),
  };
}
