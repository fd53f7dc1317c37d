import { readArrival, readScoreDelays } from '#store/queries/arrival.ts';
import { listAcceptedLevels } from '#store/state/accepted-levels.ts';
import { type DetectorStateRow, readDetectorStates } from '#store/state/detector-states.ts';
import { readProgress } from '#store/state/progress.ts';
import { inSteps } from '#store/turns.ts';
import { commit, jobs, type Outcome } from './commit.ts';
import type { AlertsDeps } from './deps.ts';
import { bucketMs, dayMs } from './drift/season.ts';
import { falseAlarmBudget } from './drift-settings.ts';
import { evaluationOf } from './evaluate.ts';
import { seriesKey } from './finding.ts';
import { groupBy } from './group-by.ts';
import { type Incident, leadOf } from './incident.ts';
import { holdBack, type JudgedScore, judgedUntil, readJudgedScores, startedAfresh } from './judged-scores.ts';
import { type DueSeries, type LoadedGroup, loadGroup } from './load-group.ts';
import { noteProvisional } from './provisional.ts';
import { freshMemory, noteLate, parseMemory, type SeriesMemory } from './series-memory.ts';
import { isWatched, type ListedSeries, readListed, thresholds } from './watch-list.ts';
import { scoreName } from './watched-metric.ts';
import { settleMix } from './where/settle-mix.ts';

export interface CheckOptions {
  /** B, over everything watched; default: what the settings say. */
  falseAlarmsPerWeek?: number;
  /** Where people reach the dashboard, for links in messages. */
  baseUrl: string;
}

export interface Checked {
  /** Incidents that changed. */
  incidentIds: string[];
  evaluatedUntilMs: number;
}

const shortestDelayMs = 30_000;
const longestDelayMs = 15 * 60_000;
const longestScoreDelayMs = dayMs;
/** Series with recent values are looked at on every check, the whole history once an hour or when it was added to. */
const recentMs = 2 * dayMs;
/** As long as the roll-up is kept. */
const keptMs = 400 * dayMs;
const hourMs = 3_600_000;

/** What a process keeps between checks, so that it need not be read again. */
interface Remembered {
  check: number;
  evaluatedUntilMs: number | null;
  memories: Map<string, SeriesMemory>;
  listed: Map<string, ListedSeries>;
  listedAtMs: number;
  scoreDelays: Map<string, number>;
  judged: ReadonlyMap<string, JudgedScore>;
  /** Ends of the last complete buckets that were evaluated, by metric, as text. */
  horizon: string;
}

/**
 * Evaluates what has become complete since the last check. `historyChanged` says that more than the newest buckets were
 * rolled up. Eight weeks or fifteen minutes make no difference to the result, only to the time it takes.
 */
export function createChecker(deps: AlertsDeps, options: CheckOptions) {
  let remembered: Remembered | null = null;

  async function check(historyChanged: boolean): Promise<Checked> {
    const known = remembered ?? (await recall(deps));
    // Forgotten until the outcome is written: a check that fails halfway starts again from what is stored.
    remembered = null;
    const nowMs = deps.clock.now();
    const arrival = await readArrival(deps.clickhouse, { projectId: deps.projectId, nowMs });
    const delayMs = Math.min(longestDelayMs, Math.max(shortestDelayMs, arrival.delayMs ?? 0));
    const untilMs = Math.max(known.evaluatedUntilMs ?? 0, completeUntil(nowMs, delayMs));
    await list(known, nowMs, historyChanged);
    known.judged = await readJudgedScores(deps);
    const untilFor = (metric: string) => {
      const score = scoreName(metric);
      const given = score === null ? 0 : Math.min(longestScoreDelayMs, known.scoreDelays.get(score) ?? 0);
      const complete = given > delayMs ? completeUntil(nowMs, given) : untilMs;
      return judgedUntil(known.judged, metric, complete);
    };
    const checked = { incidentIds: [] as string[], evaluatedUntilMs: untilMs };
    const [newest] = await listAcceptedLevels(deps.state, { projectId: deps.projectId, limit: 1 });
    const horizon = horizonOf(known, untilFor, newest?.acceptance_id ?? '');
    if (horizon !== known.horizon || historyChanged) {
      const outcome = await evaluate(known, dueGroups(known, untilFor), { nowMs, untilMs });
      await commit(deps.state, outcome);
      checked.incidentIds = [...new Set(outcome.changes.map(({ incident }) => incident.id))];
      known.check += 1;
      known.evaluatedUntilMs = untilMs;
      known.horizon = outcome.waits ? '' : horizon;
    }
    remembered = known;
    return checked;
  }

  async function list(known: Remembered, nowMs: number, historyChanged: boolean): Promise<void> {
    const whole = historyChanged || known.listed.size === 0 || nowMs - known.listedAtMs >= hourMs;
    const fromMs = nowMs - (whole ? keptMs : recentMs);
    for (const listed of await readListed(deps, fromMs, nowMs)) {
      const key = seriesKey(listed);
      const before = known.listed.get(key);
      const firstMs = Math.min(listed.firstMs, before?.firstMs ?? Number.POSITIVE_INFINITY);
      known.listed.set(key, { ...listed, firstMs });
    }
    if (!whole) return;
    known.listedAtMs = nowMs;
    const week = { projectId: deps.projectId, fromMs: nowMs - 7 * dayMs, toMs: nowMs };
    known.scoreDelays = await readScoreDelays(deps.clickhouse, week);
  }

  async function evaluate(
    known: Remembered,
    due: DueSeries[][],
    at: { nowMs: number; untilMs: number },
  ): Promise<Outcome & { waits: boolean }> {
    const budget = await falseAlarmBudget(deps.state, options.falseAlarmsPerWeek);
    const thresholdAt = thresholds([...known.listed.values()], budget);
    const outcome: Outcome & { waits: boolean } = {
      projectId: deps.projectId,
      basedOn: known.check,
      nowMs: at.nowMs,
      evaluatedUntilMs: at.untilMs,
      watching: { series: 0, learning: 0 },
      states: [],
      changes: [],
      incidents: [],
      baseUrl: options.baseUrl,
      waits: false,
    };
    for (const series of due) {
      const fromMs = Math.min(known.evaluatedUntilMs ?? at.untilMs, ...series.map(firstNew));
      const group = await loadGroup(deps, series, { fromMs, thresholdAt });
      if (await holdBack(deps, known.judged, group)) outcome.waits = true;
      for (const one of group.series) {
        const values = noteLate(one.memory, one.buckets);
        if (values > 0) deps.log.info({ ...one.series, metric: one.rollup, values }, 'values came late');
      }
      const changes = await inSteps(evaluationOf(group));
      await settleMix(deps, group.incidents, changes);
      await noteProvisional(deps, group.incidents, changes);
      outcome.changes.push(...changes);
      outcome.incidents.push(
        ...group.incidents.map(incident => ({ incident, calls: callsOf(incident, group) })),
      );
      for (const { listed, memory } of series) {
        known.memories.set(seriesKey(listed), memory);
        outcome.states.push(stateRow(deps.projectId, listed, memory));
      }
    }
    for (const memory of known.memories.values()) {
      if (!isWatched(memory, at.nowMs)) continue;
      outcome.watching[memory.detector.baseline ? 'series' : 'learning'] += 1;
    }
    outcome.changes.sort((one, other) => one.atMs - other.atMs);
    return outcome;
  }

  return { check };
}

async function recall({ state, projectId }: AlertsDeps): Promise<Remembered> {
  const check = Number((await readProgress(state, jobs.check)) ?? 0);
  const until = await readProgress(state, jobs.evaluatedUntil);
  const rows = await readDetectorStates(state, projectId);
  return {
    check,
    evaluatedUntilMs: until === null ? null : Date.parse(until),
    memories: new Map(rows.map(row => [seriesKey(row), parseMemory(row.state)])),
    listed: new Map(),
    listedAtMs: Number.NEGATIVE_INFINITY,
    scoreDelays: new Map(),
    judged: new Map(),
    horizon: '',
  };
}

/** A bucket is complete when what belongs to it has had time to arrive. */
const completeUntil = (nowMs: number, delayMs: number) => Math.floor((nowMs - delayMs) / bucketMs) * bucketMs;

/** Nothing is due while this stays the same, unless history was added. */
function horizonOf(known: Remembered, untilFor: (metric: string) => number, accepted: string): string {
  const metrics = new Set([...known.listed.values()].map(({ metric }) => metric));
  return JSON.stringify([accepted, ...[...metrics].sort().map(metric => [metric, untilFor(metric)])]);
}

/** Series of each feature and environment in which something can have changed, in a fixed order. */
function dueGroups(known: Remembered, untilFor: (metric: string) => number): DueSeries[][] {
  const ordered = [...known.listed].sort(([one], [other]) => (one < other ? -1 : 1));
  const series = ordered.map(([key, listed]) => ({
    ...startedAfresh(known.judged, listed, known.memories.get(key) ?? freshMemory()),
    untilMs: untilFor(listed.metric),
  }));
  const groups = groupBy(series, ({ listed }) => JSON.stringify([listed.feature, listed.environment]));
  return [...groups.values()].filter(group =>
    group.some(one => hasNew(one) || one.memory.detector.open !== null),
  );
}

function hasNew({ listed, memory, untilMs }: DueSeries): boolean {
  const { lastStartMs } = memory.detector;
  // When the last bucket is not complete yet there may or may not be one before it.
  return Math.min(listed.lastMs, untilMs - bucketMs) > (lastStartMs ?? listed.firstMs - 1);
}

/** Start of the first bucket that may be new. */
const firstNew = ({ listed, memory }: DueSeries): number => {
  const { lastStartMs } = memory.detector;
  return lastStartMs === null ? listed.firstMs : lastStartMs + bucketMs;
};

/** Calls of the lead's model since its change. */
function callsOf(incident: Incident, group: LoadedGroup): number {
  const { model, changedAtMs, closedAtMs } = leadOf(incident);
  let calls = 0;
  for (const { startMs, n } of group.requests.get(model) ?? []) {
    if (startMs >= changedAtMs && startMs < (closedAtMs ?? Number.POSITIVE_INFINITY)) calls += n;
  }
  return calls;
}

function stateRow(projectId: string, listed: ListedSeries, memory: SeriesMemory): DetectorStateRow {
  const { feature, model, environment, metric } = listed;
  const evaluatedUntilMs = memory.detector.lastStartMs === null ? 0 : memory.detector.lastStartMs + bucketMs;
  return {
    project_id: projectId,
    feature,
    model,
    environment,
    metric,
    evaluated_until: new Date(evaluatedUntilMs).toISOString(),
    state: JSON.stringify(memory),
  };
}
