import type { Agreement, AnchorSet, JudgeDrift, JudgeHealth } from '#contract/judge.ts';
import {
  type JudgedAndLabelled,
  type JudgedDay,
  judgedScores,
  type LabelledCall,
  readJudgedAndLabelled,
} from '#store/queries/compare-judges.ts';
import { isoInZone } from '#store/queries/zone-time.ts';
import { type AnchorSetRow, judgeChangedSince, listAnchorSets } from '#store/state/judges.ts';
import type { QualityDeps } from '../deps.ts';
import { tQuantile } from '../sampling/student-t.ts';
import { type Bounded, kappa, spearman } from './agreement-statistics.ts';
import { driftOf } from './anchors.ts';
import { driftAlpha } from './drift.ts';
import { type Moments, predictionPowered } from './prediction-powered.ts';

export interface HealthQuestion {
  fromMs: number;
  toMs: number;
  /** Null: every score that a judge gives. */
  score: string | null;
  humanScore: string | null;
  /** IANA zone of the days. */
  zone: string;
}

const steps = 5;

/** Judges with what their anchors, and people, say of them. */
export async function judgeHealthOf(
  deps: Pick<QualityDeps, 'clickhouse' | 'state' | 'projectId'>,
  asked: HealthQuestion,
): Promise<JudgeHealth> {
  const { clickhouse, state, projectId } = deps;
  const range = { projectId, fromMs: asked.fromMs, toMs: asked.toMs };
  const [judged, sets] = await Promise.all([
    judgedScores(clickhouse, range),
    listAnchorSets(state, projectId),
  ]);
  const names = new Set([...judged.map(({ score }) => score), ...sets.map(({ score }) => score)]);
  const judges: JudgeHealth['judges'] = [];
  for (const score of names) {
    if (asked.score !== null && asked.score !== score) continue;
    const set = sets.find(one => one.score === score);
    const seen = judged.find(one => one.score === score);
    const humanScore = asked.humanScore ?? score;
    const both = await readJudgedAndLabelled(clickhouse, { ...range, score, humanScore, zone: asked.zone });
    judges.push({
      score,
      evaluators: seen?.evaluators ?? (set ? [set.evaluator] : []),
      scored: seen?.scored ?? 0,
      drift: set ? await judgeDriftOf(deps, set) : null,
      agreement: agreementOf(both.labelled),
      daily: dailyOf(both, asked.zone),
    });
  }
  return { judges };
}

/** The frozen sets of all judges. */
export async function anchorSetsOf(deps: Pick<QualityDeps, 'state' | 'projectId'>): Promise<AnchorSet[]> {
  const sets = await listAnchorSets(deps.state, deps.projectId);
  return Promise.all(
    sets.map(async set => ({
      score: set.score,
      evaluator: set.evaluator,
      version: set.version,
      source: set.source,
      judge: set.judge,
      first_scores: set.first_scores,
      drift: await judgeDriftOf(deps, set),
    })),
  );
}

async function judgeDriftOf(
  deps: Pick<QualityDeps, 'state' | 'projectId'>,
  set: AnchorSetRow,
): Promise<JudgeDrift> {
  const { drift, runs, first } = await driftOf(deps, set);
  const lasting = await judgeChangedSince(deps.state, deps.projectId, set.score);
  const shown = lasting ?? drift;
  const state = lasting ? ('changed' as const) : drift.state;
  return {
    state,
    difference: shown.difference,
    low: shown.low,
    high: shown.high,
    confidence: 1 - driftAlpha,
    anchors: drift.anchors,
    frozen_at: set.frozen_at,
    runs: runs.map(({ atMs, values }) => ({ time: iso(atMs), ...runMean(first, values) })),
    last_run: runs.length ? iso(runs.at(-1)!.atMs) : null,
    next_run: set.next_run,
    changed: lasting && { after: lasting.after_at, by: lasting.by_at, found_at: lasting.found_at },
    sentence: driftSentence(state, shown.difference, set),
  };
}

function runMean(first: readonly number[][], values: readonly (number | null)[]) {
  const differences = values.flatMap((value, at) => {
    const before = first[at];
    return value === null || !before?.length
      ? []
      : [value - before.reduce((a, b) => a + b, 0) / before.length];
  });
  const n = differences.length;
  return { scored: n, difference: n ? differences.reduce((a, b) => a + b, 0) / n : null };
}

function driftSentence(state: JudgeDrift['state'], difference: number | null, set: AnchorSetRow): string {
  if (state === 'learning') return 'The anchors were not scored again yet.';
  const points = ((difference ?? 0) * 100).toFixed(1);
  if (state === 'steady') return `The judge scores its anchors as it did on ${set.frozen_at.slice(0, 10)}.`;
  const direction = (difference ?? 0) > 0 ? 'higher' : 'lower';
  return `The judge changed: it scores the same anchors ${points.replace('-', '')} points ${direction}. Until it is accepted, changes of this score are not taken as changes of the product.`;
}

/** Good is 0.5 or more; steps are fifths of the scale. */
export function agreementOf(calls: readonly LabelledCall[]): Agreement {
  const table = Array.from({ length: steps }, () => new Array<number>(steps).fill(0));
  const good = [
    [0, 0],
    [0, 0],
  ];
  for (const { human, judge } of calls) {
    table[stepOf(human)]![stepOf(judge)]! += 1;
    good[human >= 0.5 ? 1 : 0]![judge >= 0.5 ? 1 : 0]! += 1;
  }
  const found = kappa(good);
  const bounds = ({ value, low, high }: Bounded) => ({ value, low, high });
  return {
    n: calls.length,
    kappa: bounds(found),
    weighted_kappa: bounds(kappa(table, 'quadratic')),
    spearman: spearman(calls.map(({ human, judge }) => [human, judge] as const)),
    bias: biasOf(calls),
    table,
    sentence: agreementSentence(calls.length, found.value),
  };
}

const stepOf = (value: number) => Math.min(steps - 1, Math.max(0, Math.floor(value * steps)));

/** Mean of judge - human with Student's interval. */
function biasOf(calls: readonly LabelledCall[]): Bounded {
  const n = calls.length;
  if (n === 0) return { value: null, low: null, high: null };
  const differences = calls.map(({ human, judge }) => judge - human);
  const value = differences.reduce((a, b) => a + b, 0) / n;
  if (n < 2) return { value, low: null, high: null };
  const square = differences.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1);
  const off = tQuantile(0.975, n - 1) * Math.sqrt(square / n);
  return { value, low: value - off, high: value + off };
}

/** The words of Landis and Koch, Biometrics 33 (1977) 159-174. */
function agreementSentence(n: number, value: number | null): string {
  if (n === 0) return 'No call was scored by this judge and by a person.';
  if (value === null)
    return `Of ${n} calls all were judged alike by one side: agreement cannot be told from chance.`;
  const words = [
    [0.8, 'almost perfect'],
    [0.6, 'substantial'],
    [0.4, 'moderate'],
    [0.2, 'fair'],
    [0, 'slight'],
  ] as const;
  const word = words.find(([least]) => value > least)?.[1] ?? 'poor';
  return `On ${n} calls the judge agrees with people beyond chance: ${word} (kappa ${value.toFixed(2)}).`.replace(
    'agrees with people beyond chance: poor',
    'agrees with people no more than by chance: poor',
  );
}

function dailyOf(
  { labelled, unlabelled }: JudgedAndLabelled,
  zone: string,
): JudgeHealth['judges'][number]['daily'] {
  const days = [...new Set([...labelled.map(({ day }) => day), ...unlabelled.map(({ day }) => day)])].sort(
    (a, b) => a - b,
  );
  return days.map(day => {
    const said = labelled.filter(one => one.day === day);
    const rest = unlabelled.find(one => one.day === day);
    const moments = momentsOfDay(rest);
    const weight = said.reduce((sum, one) => sum + one.weight, 0);
    const sum = said.reduce((total, one) => total + one.weight * one.judge, 0) + (rest?.wx ?? 0);
    const all = weight + (rest?.w ?? 0);
    const powered = predictionPowered(said, moments);
    return {
      time: isoInZone(1000 * day, zone),
      judged: said.length + moments.n,
      labelled: said.length,
      judge_mean: all > 0 ? sum / all : null,
      human_mean: weight > 0 ? said.reduce((total, one) => total + one.weight * one.human, 0) / weight : null,
      value: powered?.value ?? null,
      low: powered?.low ?? null,
      high: powered?.high ?? null,
      power: powered?.power ?? null,
    };
  });
}

function momentsOfDay(day: JudgedDay | undefined): Moments {
  if (!day || day.n === 0 || !(day.w > 0)) return { n: 0, mean: 0, square: 0 };
  const mean = day.wx / day.w;
  const square = Math.max(0, day.wwxx - 2 * mean * day.wwx + mean ** 2 * day.ww);
  const small = day.n > 1 ? day.n / (day.n - 1) : 1;
  return { n: day.n, mean, square: (day.n * square * small) / day.w ** 2 };
}

const iso = (ms: number) => new Date(ms).toISOString();
