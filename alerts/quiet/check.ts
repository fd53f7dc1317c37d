import { type QuietKind, quietKinds } from '#contract/quiet-drift.ts';
import { shapeJob, shapesUnderWay } from '#store/shape-roll-up.ts';
import type { StateDb } from '#store/state/open.ts';
import { readProgress } from '#store/state/progress.ts';
import {
  dropQuietSeries,
  listQuietFindings,
  type QuietFindingRow,
  type QuietSeriesRow,
  readQuietSeries,
  writeQuietFindings,
  writeQuietSeries,
} from '#store/state/quiet-series.ts';
import type { AlertsDeps } from '../deps.ts';
import { alarmThreshold } from '../drift/detector.ts';
import { dayMs } from '../drift/season.ts';
import { readDriftSettings } from '../drift-settings.ts';
import { silentMs } from '../watch-list.ts';
import { announceQuiet, announceRetracted } from './announce.ts';
import { evaluateQuiet, freshQuietMemory, parseQuietMemory, quietPoints } from './evaluate.ts';
import { readFairnessSeries } from './fairness-series.ts';
import { rememberedDays } from './late-quiet.ts';
import { quietMetric } from './quiet-metric.ts';
import { readQuietFinding, toFindingRow, toSeriesRow } from './quiet-rows.ts';
import { type QuietSeriesData, quietSeriesId } from './quiet-series.ts';
import { readQuietDrift } from './settings.ts';
import { readUsageSeries } from './usage-series.ts';

const hourMs = 3_600_000;
/** Calls of an hour may arrive this long after it. */
const arrivalMs = 15 * 60_000;
/** The reference reaches back 28 days and ends a day ago, also for the days that are judged again; a new series is judged from its first day on. */
const referenceMs = (30 + rememberedDays) * dayMs;
const historyMs = 60 * dayMs;

interface Looked {
  states: QuietSeriesRow[];
  findings: QuietFindingRow[];
  /** Series nothing has been heard of for four weeks. */
  gone: string[];
}

/** Judges usage and gaps by what has become complete since the last look. Opens no incident and pages nobody unless the settings say so. */
export async function checkQuiet(deps: AlertsDeps, baseUrl: string): Promise<void> {
  const untilMs = await completeUntil(deps);
  if (untilMs === null) return;
  const settings = await readQuietDrift(deps.state);
  for (const kind of quietKinds) {
    const looked = await look(deps, kind, untilMs);
    const { notify } = settings[kind];
    if (looked.states.length + looked.gone.length === 0 && !notify) continue;
    await deps.state.transaction().execute(async db => {
      await writeQuietSeries(db, looked.states);
      await writeQuietFindings(db, looked.findings);
      await announceRetracted(db, looked.findings, { nowMs: deps.clock.now(), baseUrl });
      await dropQuietSeries(db, {
        projectId: deps.projectId,
        ids: looked.gone,
        at: new Date(untilMs).toISOString(),
      });
      if (notify) await announce(db, deps, { kind, baseUrl });
    });
  }
}

async function announce(
  db: StateDb,
  { projectId, clock }: AlertsDeps,
  { kind, baseUrl }: { kind: QuietKind; baseUrl: string },
): Promise<void> {
  const nowMs = clock.now();
  const rows = await listQuietFindings(db, { projectId, kind, closedFrom: new Date(nowMs).toISOString() });
  await announceQuiet(
    db,
    rows.flatMap(row => readQuietFinding(row) ?? []),
    { nowMs, baseUrl },
  );
}

/** End of the last hour that is complete and rolled up; null before the first roll-up, and while history is rolled up from its end. */
async function completeUntil({ state, projectId, clock }: AlertsDeps): Promise<number | null> {
  const rolledUpUs = await readProgress(state, shapeJob(projectId));
  if (rolledUpUs === null || (await readProgress(state, shapesUnderWay(projectId)))) return null;
  // The engine stamps by its own clock; a replay of the past is as complete as what is stored.
  const rolledUpMs = Math.max(Number(rolledUpUs) / 1000, 0);
  return Math.floor((Math.min(clock.now(), rolledUpMs) - arrivalMs) / hourMs) * hourMs;
}

async function look(deps: AlertsDeps, kind: QuietKind, untilMs: number): Promise<Looked> {
  const { state, projectId } = deps;
  const rows = await readQuietSeries(state, { projectId, kind });
  const known = new Map(rows.map(row => [row.series_id, row]));
  const oldest = Math.min(
    untilMs,
    ...rows.flatMap(({ evaluated_until }) => (evaluated_until ? Date.parse(evaluated_until) : [])),
  );
  // A series that has appeared since needs no more than the others: it learns for 14 days first.
  const fromMs = Math.max(untilMs - historyMs, (rows.length === 0 ? 0 : oldest - referenceMs) || 0);
  const read = kind === 'usage' ? readUsageSeries : readFairnessSeries;
  const range = { fromMs: Math.floor(fromMs / dayMs) * dayMs, toMs: untilMs };
  const all = (await read(deps, range)).filter(({ buckets }) => lastHeardMs(buckets) >= untilMs - silentMs);
  const heard = new Set(all.map(quietSeriesId));
  const { false_alarms_per_week } = await readDriftSettings(state);
  const gone = [...known.keys()].filter(id => !heard.has(id));
  const looked: Looked = { states: [], findings: [], gone };
  for (const data of all) {
    const metric = quietMetric(data.metric);
    if (!metric || !hasNew(data, known.get(quietSeriesId(data)))) continue;
    const stored = known.get(quietSeriesId(data));
    const threshold = alarmThreshold({
      series: all.length,
      bucketsPerWeek: metric.bucketsPerWeek,
      falseAlarmsPerWeek: false_alarms_per_week,
    });
    const before = stored ? parseQuietMemory(stored.state) : freshQuietMemory();
    const { memory, findings } = evaluateQuiet(data, before, { metric, threshold });
    const points = quietPoints(data, memory, metric);
    looked.states.push(toSeriesRow(projectId, data, metric, { memory, points }));
    looked.findings.push(...findings.map(found => toFindingRow(projectId, data, metric, found)));
  }
  return looked;
}

/** Start of the last hour or day with anybody in it. */
const lastHeardMs = (buckets: QuietSeriesData['buckets']) =>
  buckets.findLast(({ count }) => count > 0)?.startMs ?? Number.NEGATIVE_INFINITY;

function hasNew({ buckets }: QuietSeriesData, stored: QuietSeriesRow | undefined): boolean {
  const last = buckets.at(-1);
  if (!last) return false;
  return !stored?.evaluated_until || last.startMs >= Date.parse(stored.evaluated_until);
}
