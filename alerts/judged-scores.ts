import { listAnchorSets, listJudgeChanges, makeAnchorsDue } from '#store/state/judges.ts';
import { inSteps } from '#store/turns.ts';
import type { AlertsDeps } from './deps.ts';
import { bucketMs, dayMs } from './drift/season.ts';
import { evaluationOf, type Group } from './evaluate.ts';
import { freshMemory, type SeriesMemory } from './series-memory.ts';
import type { ListedSeries } from './watch-list.ts';
import { scoreName } from './watched-metric.ts';

/** What is known of the judge behind a score. */
export interface JudgedScore {
  /** Up to here its anchors say that it is as it was; Unix milliseconds. */
  checkedUntilMs: number;
  /** It changed, and nobody has accepted it yet. */
  isChanged: boolean;
  /** When it was last accepted after a change; null if never. */
  acceptedAtMs: number | null;
}

/** Anchors that nobody can score for so long do not silence alerts any more: perhaps there is no judge, only scores of its name. */
const patienceMs = 2 * dayMs;

/** By score; those without anchors are missing. */
export async function readJudgedScores({
  state,
  projectId,
  clock,
}: AlertsDeps): Promise<ReadonlyMap<string, JudgedScore>> {
  const [sets, changes] = await Promise.all([
    listAnchorSets(state, projectId),
    listJudgeChanges(state, projectId),
  ]);
  const judged = sets.map(({ score, checked_until }): [string, JudgedScore] => {
    const own = changes.filter(change => change.score === score);
    const accepted = own.flatMap(({ ended_at }) => (ended_at === null ? [] : [Date.parse(ended_at)]));
    return [
      score,
      {
        checkedUntilMs: Date.parse(checked_until),
        isChanged: own.some(({ ended_at }) => ended_at === null),
        acceptedAtMs: accepted.length > 0 ? Math.max(...accepted) : null,
      },
    ];
  });
  const isWatched = ({ checkedUntilMs, isChanged, acceptedAtMs }: JudgedScore) =>
    isChanged || acceptedAtMs !== null || clock.now() - checkedUntilMs < patienceMs;
  return new Map(judged.filter(([, score]) => isWatched(score)));
}

/** While its judge is changed, a score is evaluated no further than to where the judge was as before. */
export function judgedUntil(
  judged: ReadonlyMap<string, JudgedScore>,
  metric: string,
  untilMs: number,
): number {
  const known = judged.get(scoreName(metric) ?? '');
  return known?.isChanged ? Math.min(untilMs, bucketEnd(known.checkedUntilMs)) : untilMs;
}

const bucketEnd = (ms: number) => Math.floor(ms / bucketMs) * bucketMs;

/**
 * After a changed judge was accepted its scores before and after cannot be compared: the series learns anew from there, and nothing
 * older is part of a reference. One with an open finding goes on, so that its incident ends.
 */
export function startedAfresh(
  judged: ReadonlyMap<string, JudgedScore>,
  listed: ListedSeries,
  memory: SeriesMemory,
): { listed: ListedSeries; memory: SeriesMemory } {
  const accepted = judged.get(scoreName(listed.metric) ?? '')?.acceptedAtMs ?? null;
  const { lastStartMs } = memory.detector;
  if (accepted === null || memory.incidentId !== null) return { listed, memory };
  if (lastStartMs !== null && lastStartMs >= bucketEnd(accepted)) return { listed, memory };
  const fromMs = bucketEnd(accepted) + bucketMs;
  return {
    listed: { ...listed, firstMs: Math.max(fromMs, listed.firstMs) },
    memory: { ...freshMemory(), excluded: [{ fromMs: 0, toMs: fromMs }] },
  };
}

/**
 * Before a finding about a judge's score opens, the judge must be known to be as it was at that time. Evaluates the group on a copy; series
 * that would open a finding beyond what the anchors cover wait, and the anchors are made due. True when something waits.
 */
export async function holdBack(
  { state, projectId, clock }: AlertsDeps,
  judged: ReadonlyMap<string, JudgedScore>,
  group: Group,
): Promise<boolean> {
  const risky = group.series.filter(({ rollup, untilMs }) => {
    const known = judged.get(scoreName(rollup) ?? '');
    return known !== undefined && !known.isChanged && bucketEnd(known.checkedUntilMs) < untilMs;
  });
  if (risky.length === 0) return false;
  const copy = {
    ...group,
    series: group.series.map(one => ({ ...one, memory: structuredClone(one.memory) })),
    incidents: structuredClone(group.incidents),
  };
  await inSteps(evaluationOf(copy));
  let waits = false;
  for (const series of risky) {
    const after = copy.series[group.series.indexOf(series)]!;
    if (after.memory.incidentId === null || after.memory.incidentId === series.memory.incidentId) continue;
    const { checkedUntilMs } = judged.get(scoreName(series.rollup)!)!;
    series.untilMs = Math.min(series.untilMs, bucketEnd(checkedUntilMs));
    series.buckets = series.buckets.filter(({ startMs }) => startMs < series.untilMs);
    waits = true;
  }
  if (waits) await makeAnchorsDue(state, projectId, new Date(clock.now()).toISOString());
  return waits;
}
