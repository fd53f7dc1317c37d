import { randomUUID } from 'node:crypto';
import { setImmediate as letOthers } from 'node:timers/promises';
import type { ScoringRule } from '#contract/evaluator.ts';
import { batchEnd, callsToScore, engineClock } from '#store/queries/calls-to-score.ts';
import { type CallVerdict, insertVerdicts } from '#store/queries/insert-scores.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { startRounds } from '#store/rounds.ts';
import { readScoresPerMinute, readScoringRules } from '#store/state/evaluators.ts';
import { giveLeaseBack, takeLease } from '#store/state/job-leases.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { createTurns, nothing } from '#store/turns.ts';
import type { QualityDeps } from './deps.ts';
import { type Evaluator, evaluatorId } from './evaluators/evaluator.ts';
import { evaluators as builtIn } from './evaluators/index.ts';
import { type Chosen, choose, dimensionsOf, thinning } from './sampling/choose.ts';
import { exampleOf } from './sampling/example.ts';
import { expectedOf } from './sampling/expected.ts';

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

interface JobOptions {
  timers: boolean;
  /** Names the job, its position and its lease. */
  job: string;
  evaluators: readonly Evaluator[];
  scoresPerMinute(): Promise<number>;
}

const everyMs = 15_000;
const leaseMs = 5 * 60_000;
/** An insert is seen a moment after the time it bears. */
const lateInsertUs = 20_000_000n;
const batchCalls = 20_000;
const batchesARound = 20;
/** After a pause or an import not everything is made up for. */
const longestAllowanceMinutes = 5;
const oldestMs = 2 * 86_400_000;
const sliceMs = 8;

/** Up to where calls were looked at, microseconds of `stored_at`, and a batch that was begun with its thinning. */
interface Position {
  until: string;
  begun?: { until: string; thin: number };
}

const rulesJob = 'scoring';
const jobOf = (projectId: string, job: string) => `${job} ${projectId}`;
/** Judges are asked side by side; how many at once is their own affair. */
const judgedTogether = 50;
/** More would only wait: a model takes a second or more to answer. */
const mostJudgedAMinute = 60;

/** Up to where calls were looked at, ISO 8601; null before the first look. */
export async function lookedUntil({
  state,
  projectId,
}: Pick<QualityDeps, 'state' | 'projectId'>): Promise<string | null> {
  const text = await readProgress(state, jobOf(projectId, rulesJob));
  return text === null ? null : new Date(Number((JSON.parse(text) as Position).until) / 1000).toISOString();
}

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
  const jobs = [startJob(deps, { timers, job: rulesJob, evaluators: rules, scoresPerMinute: asSet })];
  if (judges.length > 0) {
    const scoresPerMinute = async () => Math.min(await asSet(), mostJudgedAMinute);
    jobs.push(startJob(deps, { timers, job: 'judging', evaluators: judges, scoresPerMinute }));
  }
  return {
    runOnce: async () => void (await Promise.all(jobs.map(job => job.runOnce()))),
    scored: () => jobs.reduce((sum, job) => sum + job.scored(), 0),
    stop: async () => void (await Promise.all(jobs.map(job => job.stop()))),
  };
}

function startJob(deps: QualityDeps, options: JobOptions): OnlineScoring {
  const { state, projectId, clock, log } = deps;
  const byName = new Map(options.evaluators.map(evaluator => [evaluator.name, evaluator]));
  const job = jobOf(projectId, options.job);
  const lease = { name: job, holder: randomUUID() };
  const takeTurn = () => takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs });
  let stopped = false;
  let scored = 0;
  const inTurn = createTurns();

  async function round(patienceUs: bigint): Promise<void> {
    if (!(await takeTurn())) return;
    const now = (BigInt(await engineClock(deps.clickhouse)) - patienceUs).toString();
    const rules = (await readScoringRules(state, projectId)).filter(rule => byName.has(rule.evaluator));
    let position = await readPosition(now);
    if (!rules.some(rule => rule.enabled)) {
      return keep({ until: BigInt(now) > BigInt(position.until) ? now : position.until });
    }
    for (
      let batch = 0;
      batch < batchesARound && BigInt(position.until) < BigInt(now) && !stopped;
      batch += 1
    ) {
      position = await scoreBatch(position, { now, rules });
    }
  }

  /** What was stored before anybody asked for scores is left alone. */
  async function readPosition(now: string): Promise<Position> {
    const text = await readProgress(state, job);
    return text === null ? { until: now } : (JSON.parse(text) as Position);
  }

  const keep = (position: Position) => writeProgress(state, job, JSON.stringify(position));

  async function scoreBatch(
    position: Position,
    { now, rules }: { now: string; rules: readonly ScoringRule[] },
  ): Promise<Position> {
    const { until: after, begun } = position;
    const batch = { projectId, after };
    const until =
      begun?.until ?? (await batchEnd(deps.clickhouse, { ...batch, until: now, limit: batchCalls }));
    const sinceMs = clock.now() - oldestMs;
    const by = dimensionsOf(rules);
    const calls = await callsToScore(deps.clickhouse, { ...batch, until, sinceMs, by });
    const expected = await expectedOf(deps, calls, rules);
    const sinceLast = Number(BigInt(until) - BigInt(after)) / 60e6;
    const minutes = Math.min(longestAllowanceMinutes, Math.max(everyMs / 60_000, sinceLast));
    const allowance = (await options.scoresPerMinute()) * minutes;
    const thin = begun?.thin ?? thinning(calls, rules, { expected, allowance });
    // Written down before the work: after a crash the same calls are chosen with the same chances.
    await keep({ until: after, begun: { until, thin } });
    await score(choose(calls, rules, { expected, thin, seed: projectId }));
    // A stop on the way leaves the batch begun: it is done again, with the same outcome.
    if (stopped) return position;
    await keep({ until });
    return { until };
  }

  async function score(chosen: readonly Chosen[]): Promise<void> {
    const size = 500;
    for (let at = 0; at < chosen.length && !stopped; at += size) {
      const part = chosen.slice(at, at + size);
      const texts = await textsOfCalls(deps.clickhouse, projectId, [
        ...new Set(part.map(({ call }) => call)),
      ]);
      const work = part.map(one => () => judge(one, texts.get(`${one.call.traceId}/${one.call.spanId}`)));
      const isSlow = part.some(({ rule }) => byName.get(rule.evaluator)!.kind === 'judge');
      await (isSlow ? together(work) : oneByOne(work));
    }
  }

  type Work = () => Promise<CallVerdict | null>;

  async function oneByOne(work: readonly Work[]): Promise<void> {
    const verdicts: (CallVerdict | null)[] = [];
    let sliceEnd = performance.now() + sliceMs;
    for (const one of work) {
      verdicts.push(await one());
      if (performance.now() > sliceEnd) {
        await letOthers();
        sliceEnd = performance.now() + sliceMs;
      }
    }
    await store(verdicts);
  }

  /** What was paid for is stored soon, and asking again after a crash costs little. */
  async function together(work: readonly Work[]): Promise<void> {
    for (let at = 0; at < work.length && !stopped; at += judgedTogether) {
      if (!(await takeTurn())) throw new Error('another process scores now');
      await store(await Promise.all(work.slice(at, at + judgedTogether).map(one => one())));
    }
  }

  async function store(verdicts: readonly (CallVerdict | null)[]): Promise<void> {
    const judged = verdicts.filter(verdict => verdict !== null);
    await insertVerdicts(deps.clickhouse, judged, { projectId, nowMs: clock.now() });
    scored += judged.length;
  }

  /** Null when it cannot be judged: no score at all, which is not a score of zero. */
  async function judge(
    { call, rule, probability }: Chosen,
    texts: Parameters<typeof exampleOf>[1],
  ): Promise<CallVerdict | null> {
    const evaluator = byName.get(rule.evaluator)!;
    try {
      const { value, label, explanation } = await evaluator.score(exampleOf(call, texts), rule.settings);
      if (value === null) return null;
      return {
        ...{ traceId: call.traceId, spanId: call.spanId, startTime: call.startTime },
        ...{
          name: evaluator.name,
          evaluator: evaluatorId(evaluator),
          value,
          label,
          explanation,
          probability,
        },
        rater: evaluator.kind === 'judge' ? 'judge' : 'rule',
      };
    } catch (error) {
      log.warn({ err: error, evaluator: evaluator.name, span: call.spanId }, 'a call could not be judged');
      return null;
    }
  }

  const failed = (error: unknown) =>
    log.error({ err: error }, 'calls could not be scored; it is tried again');
  const rounds = options.timers
    ? startRounds(() => inTurn(() => round(lateInsertUs)), { everyMs, failed })
    : null;
  return {
    runOnce: () => inTurn(() => round(0n)),
    scored: () => scored,
    async stop() {
      stopped = true;
      await rounds?.stop();
      await inTurn(nothing);
      await giveLeaseBack(state, lease);
    },
  };
}
