import type { ScoringRule } from '#contract/evaluator.ts';
import type { Job } from '#store/job.ts';
import { type MayGoOn, startLeasedJob } from '#store/leased-job.ts';
import { batchEnd, callsToScore, engineClock } from '#store/queries/calls-to-score.ts';
import { readScoringRules } from '#store/state/evaluators.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import type { QualityDeps } from '../deps.ts';
import type { Evaluator } from '../evaluators/evaluator.ts';
import { choose, dimensionsOf, thinning } from '../sampling/choose.ts';
import { expectedOf } from '../sampling/expected.ts';
import { createCallScorer } from './score-calls.ts';

export interface ScoringJob extends Job {
  /** Scores made since the start of the process. */
  scored(): number;
}

export interface ScoringJobOptions {
  timers: boolean;
  /** Names the job, its position and its lease. */
  job: string;
  evaluators: readonly Evaluator[];
  scoresPerMinute(): Promise<number>;
}

export const rulesJob = 'scoring';

const everyMs = 15_000;
const leaseMs = 5 * 60_000;
/** An insert is seen a moment after the time it bears. */
const lateInsertUs = 20_000_000n;
const batchCalls = 20_000;
const batchesARound = 20;
/** After a pause or an import not everything is made up for. */
const longestAllowanceMinutes = 5;
const oldestMs = 2 * 86_400_000;

/** Up to where calls were looked at, microseconds of `stored_at`, and a batch that was begun with its thinning. */
interface Position {
  until: string;
  begun?: { until: string; thin: number };
}

/** Up to where calls were looked at by the rules, ISO 8601; null before the first look. */
export async function lookedUntil({
  state,
  projectId,
}: Pick<QualityDeps, 'state' | 'projectId'>): Promise<string | null> {
  const text = await readProgress(state, jobOf(projectId, rulesJob));
  return text === null ? null : new Date(Number((JSON.parse(text) as Position).until) / 1000).toISOString();
}

/** Scores with some of the evaluators, batch after batch, from a position that survives the process. */
export function startScoringJob(
  deps: QualityDeps,
  { timers, job, evaluators, scoresPerMinute }: ScoringJobOptions,
): ScoringJob {
  const { clickhouse, state, projectId, clock, log } = deps;
  const name = jobOf(projectId, job);
  const known = new Set(evaluators.map(evaluator => evaluator.name));
  const scorer = createCallScorer(deps, evaluators);

  const keep = (position: Position) => writeProgress(state, name, JSON.stringify(position));

  async function round(mayGoOn: MayGoOn, isAsked: boolean): Promise<void> {
    const patienceUs = isAsked ? 0n : lateInsertUs;
    const now = (BigInt(await engineClock(clickhouse)) - patienceUs).toString();
    const rules = (await readScoringRules(state, projectId)).filter(rule => known.has(rule.evaluator));
    const text = await readProgress(state, name);
    // What was stored before anybody asked for scores is left alone.
    const from: Position = text === null ? { until: now } : JSON.parse(text);
    if (!rules.some(rule => rule.enabled)) return keep({ until: laterOf(now, from.until) });
    let position: Position | null = from;
    for (let batch = 0; batch < batchesARound && position; batch += 1) {
      if (BigInt(position.until) >= BigInt(now) || !(await mayGoOn())) return;
      position = await scoreBatch(position, { now, rules, mayGoOn });
    }
  }

  /** The position after the batch; null when it was broken off, and is done again with the same outcome. */
  async function scoreBatch(
    { until: after, begun }: Position,
    { now, rules, mayGoOn }: { now: string; rules: readonly ScoringRule[]; mayGoOn: MayGoOn },
  ): Promise<Position | null> {
    const batch = { projectId, after };
    const until = begun?.until ?? (await batchEnd(clickhouse, { ...batch, until: now, limit: batchCalls }));
    const sinceMs = clock.now() - oldestMs;
    const calls = await callsToScore(clickhouse, { ...batch, until, sinceMs, by: dimensionsOf(rules) });
    const expected = await expectedOf(deps, calls, rules);
    const sinceLast = Number(BigInt(until) - BigInt(after)) / 60e6;
    const minutes = Math.min(longestAllowanceMinutes, Math.max(everyMs / 60_000, sinceLast));
    const allowance = (await scoresPerMinute()) * minutes;
    const thin = begun?.thin ?? thinning(calls, rules, { expected, allowance });
    // Written down before the work: after a crash the same calls are chosen with the same chances.
    await keep({ until: after, begun: { until, thin } });
    const chosen = choose(calls, rules, { expected, thin, seed: projectId });
    if (!(await scorer.score(chosen, mayGoOn))) return null;
    await keep({ until });
    return { until };
  }

  const leased = startLeasedJob(deps, {
    name,
    leaseMs,
    everyMs,
    timers,
    round,
    failed: error => log.error({ err: error }, 'calls could not be scored; it is tried again'),
  });
  return { ...leased, scored: scorer.scored };
}

const jobOf = (projectId: string, job: string) => `${job} ${projectId}`;

const laterOf = (one: string, other: string) => (BigInt(one) > BigInt(other) ? one : other);
