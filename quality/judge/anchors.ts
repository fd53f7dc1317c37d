import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type AnchorRunRow,
  type AnchorSetRow,
  addAnchorRun,
  freezeAnchorSet,
  judgeChangedSince,
  listAnchorSets,
  readAnchorRuns,
} from '#store/state/judges.ts';
import type { QualityDeps } from '../deps.ts';
import { evaluatorId } from '../evaluators/evaluator.ts';
import type { AnchorExample } from './anchor-candidates.ts';
import { type AnchorDrift, type AnchorRun, anchorDrift } from './drift.ts';
import type { Judge } from './judge.ts';
import { AnchorProblem, rubricOf } from './rubrics.ts';
import { judgeName, readSettings } from './settings.ts';

const kept = z.array(
  z.object({
    example: z.object({
      input: z.string().optional(),
      output: z.string().optional(),
      reference: z.string().optional(),
      context: z.array(z.string()).optional(),
    }),
    first: z.array(z.number()),
  }),
);
const results = z.array(z.number().nullable());

export const fewestAnchors = 10;
const runsLookedAt = 60;

/**
 * Scores the examples `firstScores` times and keeps those that were scored every time; replaces what was frozen before. Fails with an
 * `AnchorProblem` when fewer than ten remain.
 */
export async function freeze(
  { state, projectId, clock }: QualityDeps,
  judge: Judge,
  asked: {
    score: string;
    examples: readonly AnchorExample[];
    source: string;
    firstScores: number;
    everyMs: number;
  },
): Promise<AnchorSetRow> {
  const rubric = rubricOf(asked.score);
  const fits = asked.examples.filter(example => rubric.needs.every(need => example[need] !== undefined));
  const scored = await Promise.all(
    fits.map(async example => {
      const repeats = Array.from({ length: asked.firstScores }, () => judge.judge(rubric, example));
      const first = (await Promise.all(repeats)).map(({ verdict }) => verdict);
      return { example, first };
    }),
  );
  const whole = scored.filter(({ first }) => first.every(({ value }) => value !== null));
  if (whole.length < fewestAnchors) {
    const why = scored.flatMap(({ first }) => first).find(({ value }) => value === null)?.explanation;
    throw new AnchorProblem(
      `${whole.length} of ${asked.examples.length} examples could be scored ${asked.firstScores} times by ${asked.score}; ${fewestAnchors} are needed${why ? ` (${why})` : ''}`,
    );
  }
  const anchors = whole.map(({ example, first }) => ({ example, first: first.map(({ value }) => value) }));
  const at = clock.now();
  return freezeAnchorSet(state, {
    project_id: projectId,
    score: asked.score,
    evaluator: evaluatorId(rubric),
    frozen_at: iso(at),
    first_scores: asked.firstScores,
    anchors: JSON.stringify(anchors),
    checked_until: iso(at),
    next_run: iso(at + asked.everyMs),
    source: asked.source,
    judge: judgeName((await readSettings(state, projectId)).settings),
  });
}

/** Scores every anchor once more, and keeps what that says of the judge. A run in which most failed says nothing. */
export async function runAnchors(
  { state, projectId, clock, log }: QualityDeps,
  judge: Judge,
  set: AnchorSetRow,
  everyMs: number,
): Promise<{ scored: number; failed: number; changed: boolean }> {
  const rubric = rubricOf(set.score);
  const anchors = kept.parse(JSON.parse(set.anchors));
  const judged = await Promise.all(anchors.map(({ example }) => judge.judge(rubric, present(example))));
  const values = judged.map(({ verdict }) => verdict.value);
  const scored = values.filter(value => value !== null).length;
  const failed = values.length - scored;
  const atMs = clock.now();
  const before = runsOf(await readAnchorRuns(state, { projectId, score: set.score, limit: runsLookedAt }));
  const first = anchors.map(anchor => anchor.first);
  const runs = [...before, { atMs, values }];
  const drift = anchorDrift(first, runs);
  const lasting = await judgeChangedSince(state, projectId, set.score);
  const isNew = drift.state === 'changed' && lasting === null;
  const isTold = scored >= fewestAnchors && failed <= scored;
  const change = isNew ? changeOf(set, drift, runs, atMs) : null;
  const isTrusted = isTold && drift.state === 'steady' && lasting === null;
  await addAnchorRun(
    state,
    { project_id: projectId, score: set.score, run_at: iso(atMs), results: JSON.stringify(values) },
    {
      checked_until: isTrusted ? iso(atMs) : (change?.after_at ?? set.checked_until),
      next_run: iso(atMs + everyMs),
    },
    change,
  );
  if (change) log.warn({ score: set.score, difference: drift.difference }, 'the judge changed');
  return { scored, failed, changed: isNew || lasting !== null };
}

function changeOf(set: AnchorSetRow, drift: AnchorDrift, runs: readonly AnchorRun[], atMs: number) {
  const since = drift.since ?? runs.length - 1;
  return {
    change_id: randomUUID(),
    project_id: set.project_id,
    score: set.score,
    after_at: since === 0 ? set.frozen_at : iso(runs[since - 1]!.atMs),
    by_at: iso(runs[since]!.atMs),
    found_at: iso(atMs),
    difference: drift.difference ?? 0,
    low: drift.low ?? 0,
    high: drift.high ?? 0,
    ended_at: null,
  };
}

/** What the kept runs say of the judge, newest runs last. */
export async function driftOf(
  { state, projectId }: Pick<QualityDeps, 'state' | 'projectId'>,
  set: AnchorSetRow,
): Promise<{ drift: AnchorDrift; runs: AnchorRun[]; first: number[][] }> {
  const runs = runsOf(await readAnchorRuns(state, { projectId, score: set.score, limit: runsLookedAt }));
  const first = kept.parse(JSON.parse(set.anchors)).map(anchor => anchor.first);
  return { drift: anchorDrift(first, runs), runs, first };
}

/** The examples of a frozen set. */
export const examplesOf = (set: AnchorSetRow): AnchorExample[] =>
  kept.parse(JSON.parse(set.anchors)).map(({ example }) => present(example));

/** Every example with its first scores and what the newest run said of it. */
export async function anchorsOf(
  { state, projectId }: Pick<QualityDeps, 'state' | 'projectId'>,
  set: AnchorSetRow,
) {
  const [newest] = runsOf(await readAnchorRuns(state, { projectId, score: set.score, limit: 1 }));
  return kept.parse(JSON.parse(set.anchors)).map(({ example, first }, at) => ({
    input: example.input ?? null,
    output: example.output ?? null,
    reference: example.reference ?? null,
    context: example.context ?? [],
    first,
    last: newest?.values[at] ?? null,
  }));
}

export async function anchorSet(
  { state, projectId }: Pick<QualityDeps, 'state' | 'projectId'>,
  score: string,
): Promise<AnchorSetRow | null> {
  return (await listAnchorSets(state, projectId)).find(set => set.score === score) ?? null;
}

const runsOf = (rows: readonly AnchorRunRow[]): AnchorRun[] =>
  rows.map(row => ({ atMs: Date.parse(row.run_at), values: results.parse(JSON.parse(row.results)) }));

/** Without the keys that are undefined: a part that is not known is absent. */
function present(example: z.infer<typeof kept>[number]['example']): AnchorExample {
  return Object.fromEntries(Object.entries(example).filter(([, value]) => value !== undefined));
}

const iso = (ms: number) => new Date(ms).toISOString();
