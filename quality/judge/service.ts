import type { AnchorSource, JudgeSettings, Rubric } from '#contract/judge.ts';
import { type MayGoOn, startLeasedJob } from '#store/leased-job.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import {
  type AnchorSetRow,
  listAnchorSets,
  makeAnchorsDue,
  readJudgeSpend,
  removeAnchorSet,
  writeJudgeSettings,
} from '#store/state/judges.ts';
import type { QualityDeps } from '../deps.ts';
import type { Evaluator, Example } from '../evaluators/evaluator.ts';
import { anchorCandidates, type Candidates, type CandidatesAsked } from './anchor-candidates.ts';
import { anchorSet, anchorsOf, examplesOf, freeze, runAnchors } from './anchors.ts';
import { judgeEvaluators } from './evaluators.ts';
import { createJudge, type Judgement, type JudgeOptions, type JudgeSetting } from './judge.ts';
import { AnchorProblem, rubricNamed, rubrics } from './rubrics.ts';
import { isLocal, keptSettings, nanosOf, readSettings, whatLeaves } from './settings.ts';

export interface JudgeService {
  /** One evaluator for each rubric. */
  evaluators: readonly Evaluator[];
  state(): Promise<JudgeState>;
  /** Throws an `AnchorProblem` when the endpoint is elsewhere and texts may not leave. */
  configure(asked: JudgeChange): Promise<JudgeState>;
  /** Undefined when there is no such rubric. `settings` may be tried before they are saved; an `AnchorProblem` as in `configure`. */
  try(rubric: string, example: Example, settings?: JudgeChange): Promise<Judgement | undefined>;
  candidates(asked: CandidatesAsked): Promise<Candidates>;
  freeze(asked: FreezeAnchors): Promise<AnchorSetRow>;
  /** The frozen examples of a judge. */
  anchors(score: string): Promise<{ set: AnchorSetRow; examples: Awaited<ReturnType<typeof anchorsOf>> }>;
  /** No more anchors of a judge. */
  unfreeze(score: string): Promise<void>;
  /** New first scores for the same examples: the judge as it is now is the normal one. */
  accept(score: string): Promise<AnchorSetRow>;
  /** Scores the anchors of a judge now. */
  run(score: string): Promise<{ scored: number; failed: number; changed: boolean }>;
  /** Scores the anchors that are due. */
  runOnce(): Promise<void>;
  stop(): Promise<void>;
}

export interface JudgeState {
  settings: JudgeSettings;
  local: boolean;
  what_leaves: string;
  rubrics: Rubric[];
  spend: {
    day: string;
    spent_usd: string;
    calls: number;
    input_tokens: number;
    output_tokens: number;
    unpriced_calls: number;
    failed_calls: number;
    stopped: boolean;
    sentence: string;
  };
}

export interface JudgeChange extends Omit<JudgeSettings, 'has_api_key'> {
  /** Undefined leaves the key as it is, null removes it. */
  api_key: string | null | undefined;
  texts_may_leave: boolean;
}

export interface FreezeAnchors {
  score: string;
  /** Undefined: chosen from the source. */
  examples: readonly Example[] | undefined;
  source: AnchorSource;
  set?: string | undefined;
  /** Keys of the candidates to take; undefined: the first `size`. */
  candidates: readonly string[] | undefined;
  size: number;
  firstScores: number;
}

const hourMs = 3_600_000;
const everyMs = 60_000;
const leaseMs = 30 * 60_000;
const mostCandidates = 500;

/** The judges with all that belongs to them. With `timers: false` nothing runs by itself. */
export function startJudges(deps: QualityDeps, options: JudgeOptions & { timers?: boolean }): JudgeService {
  const { state, projectId, clock, log } = deps;
  const judge = createJudge(deps, options);

  const anchorsEveryMs = async () => {
    const { settings } = await readSettings(state, projectId);
    return settings.anchors_every_hours * hourMs;
  };

  async function stateNow(): Promise<JudgeState> {
    await judge.settled();
    const { settings } = await readSettings(state, projectId);
    return {
      settings,
      local: isLocal(settings.base_url),
      what_leaves: whatLeaves(settings),
      rubrics: [...rubrics],
      spend: await spendOf(deps, settings),
    };
  }

  async function mustHave(score: string): Promise<AnchorSetRow> {
    const set = await anchorSet(deps, score);
    if (!set) throw new AnchorProblem(`no anchors are frozen for ${score}`);
    return set;
  }

  /** With the key that would be used; an `AnchorProblem` when the endpoint is elsewhere and texts may not leave. */
  async function allowed({ api_key, texts_may_leave, ...settings }: JudgeChange): Promise<JudgeSetting> {
    if (!isLocal(settings.base_url) && !texts_may_leave) {
      throw new AnchorProblem(
        `base_url: ${new URL(settings.base_url).host} is not on this machine. Prompts and answers would be sent there: say texts_may_leave, if they may`,
      );
    }
    const before = await readSettings(state, projectId);
    // A key belongs to the address it was given for.
    const isSamePlace = new URL(settings.base_url).origin === new URL(before.settings.base_url).origin;
    const kept = isSamePlace ? before.apiKey : '';
    const apiKey = api_key === undefined ? kept : (api_key ?? '');
    return { settings: { ...settings, has_api_key: apiKey !== '' }, apiKey };
  }

  async function chosenExamples({ score, source, set, candidates, size }: FreezeAnchors): Promise<Example[]> {
    if (candidates === undefined) {
      const { fit } = await anchorCandidates(deps, { score, source, set, limit: size });
      return fit.map(({ example }) => example);
    }
    const { fit } = await anchorCandidates(deps, { score, source, set, limit: mostCandidates });
    const known = new Map(fit.map(({ key, example }) => [key, example]));
    return candidates.flatMap(key => known.get(key) ?? []);
  }

  async function runDue(mayGoOn: MayGoOn): Promise<void> {
    const { settings } = await readSettings(state, projectId);
    if (settings.model === '') return;
    for (const set of await listAnchorSets(state, projectId)) {
      if (Date.parse(set.next_run) > clock.now()) continue;
      if (!(await mayGoOn())) return;
      await runAnchors(deps, judge, set, settings.anchors_every_hours * hourMs);
    }
  }

  const anchorsJob = startLeasedJob(deps, {
    name: `judge anchors ${projectId}`,
    leaseMs,
    everyMs,
    timers: options.timers !== false,
    round: runDue,
    failed: error => log.error({ err: error }, 'the anchors could not be scored'),
  });

  return {
    evaluators: judgeEvaluators(judge),
    state: stateNow,
    async configure(asked) {
      const { settings, apiKey } = await allowed(asked);
      const before = await readSettings(state, projectId);
      const at = new Date(clock.now()).toISOString();
      await writeJudgeSettings(state, {
        project_id: projectId,
        settings: keptSettings(settings),
        api_key: apiKey,
        updated_at: at,
      });
      const isOther =
        settings.model !== before.settings.model || settings.base_url !== before.settings.base_url;
      if (isOther) await makeAnchorsDue(state, projectId, at);
      return stateNow();
    },
    async try(rubric, example, settings) {
      const known = rubricNamed(rubric);
      return known && judge.judge(known, example, settings && (await allowed(settings)));
    },
    candidates: asked => anchorCandidates(deps, asked),
    async freeze(asked) {
      const { score, source, set, firstScores } = asked;
      return freeze(deps, judge, {
        score,
        examples: asked.examples ?? (await chosenExamples(asked)),
        source: asked.examples ? 'given' : source === 'golden' ? `golden ${set}` : source,
        firstScores,
        everyMs: await anchorsEveryMs(),
      });
    },
    async anchors(score) {
      const set = await mustHave(score);
      return { set, examples: await anchorsOf(deps, set) };
    },
    async unfreeze(score) {
      const set = await mustHave(score);
      await removeAnchorSet(state, set, new Date(clock.now()).toISOString());
    },
    async accept(score) {
      const set = await mustHave(score);
      const { source, first_scores: firstScores } = set;
      const again = { score, examples: examplesOf(set), source, firstScores };
      return freeze(deps, judge, { ...again, everyMs: await anchorsEveryMs() });
    },
    async run(score) {
      return runAnchors(deps, judge, await mustHave(score), await anchorsEveryMs());
    },
    runOnce: anchorsJob.runOnce,
    async stop() {
      judge.stop();
      await anchorsJob.stop();
      await judge.settled();
    },
  };
}

async function spendOf(
  { state, projectId, clock }: QualityDeps,
  { cap_usd_per_day: cap, base_url }: JudgeSettings,
): Promise<JudgeState['spend']> {
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const { spent_nanos, project_id: _, ...row } = await readJudgeSpend(state, projectId, day);
  const stopped = cap !== null && spent_nanos >= nanosOf(cap);
  const spent_usd = usdFromNanos(String(spent_nanos)) ?? '0.000000000';
  return {
    ...row,
    spent_usd,
    stopped,
    sentence: spendSentence({ ...row, spent_usd, stopped, cap, base_url }),
  };
}

interface Spent {
  spent_usd: string;
  stopped: boolean;
  cap: string | null;
  calls: number;
  unpriced_calls: number;
  base_url: string;
}

function spendSentence({ spent_usd, stopped, cap, calls, unpriced_calls, base_url }: Spent): string {
  const spent = `Today judges were asked ${calls} times for ${shown(spent_usd)} USD`;
  if (stopped)
    return `${spent}: the cap of ${cap} USD is reached, and nothing more is judged until midnight UTC.`;
  const limit = cap === null ? 'there is no cap' : `the cap is ${cap} USD`;
  const unknown =
    unpriced_calls > 0 && !isLocal(base_url)
      ? ` ${unpriced_calls} calls have no price and do not count towards it: add a price for this model.`
      : '';
  return `${spent}; ${limit}.${unknown}`;
}

const shown = (usd: string) => usd.replace(/0{1,7}$/, '');
