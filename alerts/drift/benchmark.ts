import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { BucketStat } from './baseline.ts';
import { alarmThreshold } from './detector.ts';
import { historyOf } from './history.ts';
import { type DriftMetric, driftMetrics } from './metrics.ts';
import { bucketMs, bucketsPerWeek } from './season.ts';
import { initialSeries, type SeriesContext, type SeriesState, stepSeries } from './series.ts';

/**
 * Scores the live detector on a folder of simulated LLM traffic: one file per stream with rows `scenario, bucket, then
 * n, sum, sumsq per metric`. `none` is 8 weeks without a change; each other scenario replaces the 672 buckets from the
 * stream's injection on. Weeks 0–3 are the reference, or with `rolling` the last 28 days, refitted daily as in
 * production. Delays run from the injection to the end of the first alarming bucket.
 */

const scenarios = ['q5', 'lat20', 'cost15', 'swap10'] as const;
type Scenario = (typeof scenarios)[number];

/** Columns of the files and the metrics they feed. The latency tail comes as 0/1 sums above a fixed cut. */
const columns: Record<string, DriftMetric> = {
  q: driftMetrics.quality,
  latx: driftMetrics.latency_tail,
  costlog: driftMetrics.cost,
  tok: driftMetrics.output_length,
  ref: driftMetrics.refusal,
  tpot: driftMetrics.pace,
};
const countingColumns: Record<Scenario, string[]> = {
  q5: ['q'],
  lat20: ['latx'],
  cost15: ['costlog'],
  swap10: Object.keys(columns),
};

const firstMonday = Date.UTC(2026, 0, 5);
const baselineBuckets = 4 * bucketsPerWeek;
const quietWeeks = 4;
const watchedSeries = 200;
const startOf = (bucket: number): number => firstMonday + bucket * bucketMs;

interface Stream {
  injectionBucket: number;
  /** scenario → column → buckets in time order. */
  rows: Map<string, Map<string, BucketStat[]>>;
}

interface ScenarioScore {
  /** Null when half the streams or more were not found within the 7 days. */
  median_h: number | null;
  within_24h: number;
  within_7d: number;
}

export type TrafficScore = {
  streams: number;
  series: number;
  false_alarms: number;
  false_alarms_per_week_per_200: number;
} & Record<Scenario, ScenarioScore>;

/** Reads and scores a folder in the llm-traffic format; throws a plain sentence when it is another format. */
export function scoreTraffic(folder: string, options: { rolling?: boolean } = {}): TrafficScore {
  const streams = readStreams(folder);
  const delaysH: Record<Scenario, number[]> = { q5: [], lat20: [], cost15: [], swap10: [] };
  let falseAlarms = 0;
  for (const stream of streams) {
    const found: Record<Scenario, number> = {
      q5: Infinity,
      lat20: Infinity,
      cost15: Infinity,
      swap10: Infinity,
    };
    for (const column of Object.keys(columns)) {
      const score = scoreSeries(stream, column, options.rolling ?? false);
      falseAlarms += score.falseAlarms;
      for (const scenario of scenarios) {
        if (countingColumns[scenario].includes(column)) {
          found[scenario] = Math.min(found[scenario], score.delayH[scenario]);
        }
      }
    }
    for (const scenario of scenarios) delaysH[scenario].push(found[scenario]);
  }
  const series = streams.length * Object.keys(columns).length;
  return {
    streams: streams.length,
    series,
    false_alarms: falseAlarms,
    false_alarms_per_week_per_200: (falseAlarms / quietWeeks) * (watchedSeries / series),
    q5: summary(delaysH.q5),
    lat20: summary(delaysH.lat20),
    cost15: summary(delaysH.cost15),
    swap10: summary(delaysH.swap10),
  };
}

/** One series: its alarms in the quiet weeks and its delay in each scenario, branching off the quiet run. */
function scoreSeries(stream: Stream, column: string, rolling: boolean) {
  const quiet = stream.rows.get('none')!.get(column)!;
  const context: SeriesContext = {
    metric: columns[column]!,
    threshold: alarmThreshold({ series: watchedSeries, bucketsPerWeek, falseAlarmsPerWeek: 1 }),
    history: historyOf(quiet, columns[column]!),
  };
  if (!rolling) context.reference = { fromMs: startOf(0), toMs: startOf(baselineBuckets) };

  let state = initialSeries();
  let falseAlarms = 0;
  const delayH: Record<Scenario, number> = {
    q5: Infinity,
    lat20: Infinity,
    cost15: Infinity,
    swap10: Infinity,
  };
  for (let bucket = rolling ? 0 : baselineBuckets; bucket < quiet.length; bucket++) {
    if (bucket === stream.injectionBucket) {
      for (const scenario of scenarios) delayH[scenario] = delayOf(state, stream, scenario, column, context);
    }
    const step = stepSeries(state, quiet[bucket]!, context);
    state = step.state;
    // An alarm that renews an alert still open is an alarm all the same here.
    if (bucket >= baselineBuckets) falseAlarms += step.events.filter(isAlarm).length;
  }
  return { falseAlarms, delayH };
}

const isAlarm = ({ kind }: { kind: string }): boolean => kind === 'opened' || kind === 'renewed';

function delayOf(
  from: SeriesState,
  stream: Stream,
  scenario: Scenario,
  column: string,
  quiet: SeriesContext,
): number {
  const rows = stream.rows.get(scenario)!.get(column)!;
  const before = stream.rows.get('none')!.get(column)!.slice(0, stream.injectionBucket);
  const context = { ...quiet, history: historyOf([...before, ...rows], quiet.metric) };
  let state = from;
  for (const [i, row] of rows.entries()) {
    const step = stepSeries(state, row, context);
    state = step.state;
    if (step.events.some(isAlarm)) return ((i + 1) * bucketMs) / 3_600_000;
  }
  return Infinity;
}

function summary(delaysH: readonly number[]): ScenarioScore {
  const sorted = [...delaysH].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  const within = (hours: number) => sorted.filter(delay => delay <= hours).length / sorted.length;
  return {
    median_h: Number.isFinite(median) ? median : null,
    within_24h: within(24),
    within_7d: within(7 * 24),
  };
}

function readStreams(folder: string): Stream[] {
  let listing: { file: string; injection_bucket: number }[];
  try {
    listing = JSON.parse(readFileSync(join(folder, 'streams.json'), 'utf8'));
  } catch (cause) {
    throw new Error(`not supported yet: ${folder} has no readable streams.json (llm-traffic format)`, {
      cause,
    });
  }
  return listing.map(({ file, injection_bucket }) => ({
    injectionBucket: injection_bucket,
    rows: readRows(gunzipSync(readFileSync(join(folder, file))).toString('utf8'), file),
  }));
}

function readRows(csv: string, file: string): Stream['rows'] {
  const [header, ...lines] = csv.trimEnd().split('\n');
  const names = header!.trim().split(',');
  const positions = Object.keys(columns).map(column => [column, names.indexOf(`${column}_n`)] as const);
  const missing = positions.find(([, at]) => at < 0);
  if (missing) throw new Error(`${file}: column ${missing[0]}_n is missing`);
  const rows: Stream['rows'] = new Map();
  for (const line of lines) {
    const [scenario, bucket, ...values] = line.split(',');
    const byColumn = rows.get(scenario!) ?? new Map<string, BucketStat[]>();
    rows.set(scenario!, byColumn);
    for (const [column, at] of positions) {
      const [n, sum, sumSq] = values.slice(at - 2, at + 1).map(Number);
      const series = byColumn.get(column) ?? [];
      byColumn.set(column, series);
      series.push({ startMs: startOf(Number(bucket)), n: n!, sum: sum!, sumSq: sumSq! });
    }
  }
  return rows;
}
