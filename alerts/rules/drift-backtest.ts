import type { WouldFire } from '#contract/rule.ts';
import { inSteps } from '#store/turns.ts';
import type { AlertsDeps } from '../deps.ts';
import { TooCoarseError } from '../drift/latency-tail.ts';
import { bucketMs, dayMs } from '../drift/season.ts';
import { evaluationOf, type Group, type WatchedSeries } from '../evaluate.ts';
import { groupBy } from '../group-by.ts';
import { type IncidentChange, leadOf } from '../incident.ts';
import { type FalseAlarmBudget, type ListedSeries, readListed, thresholds } from '../watch-list.ts';
import { watchedMetric } from '../watched-metric.ts';
import { title } from '../words.ts';
import type { Backtest } from './backtest.ts';
import { readReplaySeries } from './replay-series.ts';

/** What the detector learns from before the time that is asked about. */
const learningMs = 35 * dayMs;
/** Series that are read together: few enough for a few megabytes, enough to spare the engine many small reads. */
const readTogether = 8;
/** The first are waited for by everything else. */
const readFirst = 2;

export interface DriftQuestion {
  metric?: string | undefined;
  filter: { feature?: string | undefined; model?: string | undefined; environment?: string | undefined };
  fromMs: number;
  toMs: number;
  budget: FalseAlarmBudget;
  /** `next` of an answer that was not whole: goes on behind it. */
  after?: string | undefined;
  /** After about so long the answer tells of the series gone through so far; default: of all. */
  withinMs?: number | undefined;
}

export interface DriftBacktest extends Backtest {
  /** Series gone through by now, with those before `after`, and all that are meant. */
  progress: { done: number; of: number };
  /** To be given as `after` for the rest; null when there is none. */
  next: string | null;
}

/** What the drift detector would have paged: a replay from nothing through the evaluation that is live. */
export async function driftBacktest(deps: AlertsDeps, asked: DriftQuestion): Promise<DriftBacktest> {
  const dueMs = performance.now() + (asked.withinMs ?? Number.POSITIVE_INFINITY);
  const beginMs = asked.fromMs - learningMs;
  const untilMs = Math.floor(asked.toMs / bucketMs) * bucketMs;
  const all = await readListed(deps, beginMs, asked.toMs);
  const meant = all.filter(one => isMeant(one, asked));
  const groups = [...groupBy(meant, groupKey)].sort(([one], [other]) => (one < other ? -1 : 1));
  const rest = groups.filter(([key]) => asked.after === undefined || key > asked.after);
  let left = rest.reduce((sum, [, listed]) => sum + listed.length, 0);
  const steps = Math.floor((untilMs - asked.fromMs) / bucketMs);
  const fired: WouldFire[] = [];
  let judged = 0;
  let replayed = 0;
  let next: string | null = null;
  const at = {
    range: { projectId: deps.projectId, fromMs: beginMs, toMs: untilMs },
    thresholdAt: thresholds(all, asked.budget),
  };
  const batches = batchesOf(rest);
  const readBatch = readAhead(batches, batch =>
    readReplaySeries(
      deps,
      batch.flatMap(([, listed]) => listed),
      at.range,
    ),
  );
  for (const batch of batches) {
    const read = await readBatch(performance.now() < dueMs);
    for (const [key, listed] of batch) {
      const series = read.filter(one => groupKey(one.series) === key);
      const { changes, evaluated } = await replay(deps, { listed, series, ...at });
      fired.push(...changes.flatMap(change => firedBy(change, asked.fromMs)));
      judged += evaluated.reduce((sum, one) => sum + judgedSince(one, asked.fromMs), 0);
      replayed += listed.length;
      left -= listed.length;
      next = left > 0 ? key : null;
    }
    if (performance.now() >= dueMs) break;
  }
  fired.sort((one, other) => (one.fired_at < other.fired_at ? -1 : 1));
  return {
    fired,
    // Of the series together: a quarter of an hour counts as far as its series were judged.
    judged: Math.min(steps, Math.round(judged / Math.max(1, replayed))),
    steps,
    progress: { done: meant.length - left, of: meant.length },
    next,
  };
}

const isMeant = (one: ListedSeries, { metric, filter }: DriftQuestion): boolean =>
  (metric === undefined || watchedMetric(one.metric)?.name === metric) &&
  (filter.feature === undefined || one.feature === filter.feature) &&
  (filter.model === undefined || one.model === filter.model) &&
  (filter.environment === undefined || one.environment === filter.environment);

/** What one incident may be about. */
const groupKey = ({ feature, environment }: Pick<ListedSeries, 'feature' | 'environment'>): string =>
  JSON.stringify([feature, environment]);

function batchesOf<T>(groups: readonly (readonly [string, T[]])[]): (readonly [string, T[]])[][] {
  const batches: (readonly [string, T[]])[][] = [];
  let size = readTogether;
  for (const group of groups) {
    if (size >= (batches.length === 1 ? readFirst : readTogether)) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)!.push(group);
    size += group[1].length;
  }
  return batches;
}

/** Reads one after the other, and with `ahead` the next while the last is gone through: the engine is another process. */
function readAhead<Batch, Read>(
  batches: readonly Batch[],
  read: (batch: Batch) => Promise<Read>,
): (ahead: boolean) => Promise<Read> {
  let place = 0;
  let begun: Promise<Read> | null = null;
  return async ahead => {
    const result = await (begun ?? read(batches[place]!));
    place += 1;
    begun = ahead && place < batches.length ? read(batches[place]!) : null;
    // Nobody may come for it, when time is up or the replay fails; whoever does still sees the error.
    begun?.catch(() => {});
    return result;
  };
}

async function replay(
  deps: AlertsDeps,
  given: {
    listed: readonly ListedSeries[];
    series: WatchedSeries[];
    range: { projectId: string; fromMs: number; toMs: number };
    thresholdAt: Group['thresholdAt'];
  },
): Promise<{ changes: IncidentChange[]; evaluated: WatchedSeries[] }> {
  const { listed, range, thresholdAt } = given;
  const fromMs = Math.floor(range.fromMs / bucketMs) * bucketMs;
  const evaluate = async (evaluated: WatchedSeries[]) => ({
    changes: await inSteps(evaluationOf({ series: evaluated, incidents: [], fromMs, thresholdAt })),
    evaluated,
  });
  try {
    return await evaluate(given.series);
  } catch (error) {
    if (!(error instanceof TooCoarseError)) throw error;
    return evaluate(await readReplaySeries(deps, listed, range, { wholeBins: true }));
  }
}

// What got better is kept and never sent, also when it is over.
function firedBy({ incident, kind, atMs }: IncidentChange, fromMs: number): WouldFire[] {
  if (kind !== 'fired' || atMs < fromMs) return [];
  const lead = leadOf(incident);
  return [
    {
      labels: { feature: incident.feature, environment: incident.environment, metric: lead.metric },
      title: title(lead),
      fired_at: new Date(atMs).toISOString(),
      resolved_at: incident.resolvedAtMs === null ? null : new Date(incident.resolvedAtMs).toISOString(),
      value: null,
    },
  ];
}

const judgedSince = ({ buckets, memory }: WatchedSeries, fromMs: number): number =>
  memory.detector.baseline ? buckets.filter(({ startMs }) => startMs >= fromMs).length : 0;
