#!/usr/bin/env node
import { alarmThreshold } from '../dist/alerts/drift/detector.js';
import { historyOf } from '../dist/alerts/drift/history.js';
import { logBin } from '../dist/alerts/drift/latency-tail.js';
import { driftMetrics } from '../dist/alerts/drift/metrics.js';
import { initialSeries, stepSeries } from '../dist/alerts/drift/series.js';
import { simulateStream } from '../dist/alerts/drift/simulated-stream.js';
// Times the drift room: npm run bench:drift-speed. Figures are processor time (of Node, and of the engine where one takes part), so that
// other work on the machine counts little; of previews also how long a person waits, which is what their goal is about.
import { examplePairs } from '../dist/alerts/examples.js';
import { driftBacktest } from '../dist/alerts/rules/drift-backtest.js';
import { compareWindows } from '../dist/alerts/statistics/compare-windows.js';
import { gatherEvidence } from '../dist/alerts/where/evidence.js';
import { nearChanges } from '../dist/store/queries/near-changes.js';
import { insertCalls, insertSeries, monday, mondayBefore, startBenchEngine } from './bench-engine.js';

const dayMs = 86_400_000;

/** Deterministic uniforms in (0, 1). */
function uniforms(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Processor time of this process so far, in ms. */
function nodeMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median and worst of a few runs in milliseconds, after one to warm up. */
function timed(runs, work) {
  work();
  const times = Array.from({ length: runs }, () => {
    const from = nodeMs();
    work();
    return nodeMs() - from;
  }).sort((one, other) => one - other);
  return { median: times[Math.floor(runs / 2)], worst: times.at(-1) };
}

let failed = false;
function report(name, { median, worst }, goalMs) {
  const isMet = median <= goalMs;
  if (!isMet) failed = true;
  const figures = `${median.toFixed(1)} ms (worst ${worst.toFixed(1)} ms)`;
  console.log(`${name}: ${figures}, goal ${goalMs} ms: ${isMet ? 'met' : 'NOT met'}`);
}

// Section: comparison of two windows, 1 day against 28, from hourly roll-ups with about 200 latency bins each.
{
  const uniform = uniforms(11);
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const hour = shift => {
    const rollUp = { n: 0, sum: 0, sumSq: 0, bins: new Map() };
    for (let i = 0; i < 2000; i += 1) {
      const latency = Math.exp(7 + shift + 0.8 * normal());
      rollUp.n += 1;
      rollUp.sum += latency;
      rollUp.sumSq += latency * latency;
      rollUp.bins.set(logBin(latency), (rollUp.bins.get(logBin(latency)) ?? 0) + 1);
    }
    return rollUp;
  };
  const reference = Array.from({ length: 28 * 24 }, () => hour(0));
  const current = Array.from({ length: 24 }, () => hour(0.1));
  report(
    'window comparison, 24 h against 672 h (Welch, PSI, JS, W1, KS)',
    timed(20, () => compareWindows(reference, current)),
    50,
  );
}

// Section: one 15-minute bucket of 2,000 series through the live reducer, and the daily fit of 28 days of one.
{
  const fromMs = Date.UTC(2026, 0, 5);
  const metric = driftMetrics.quality;
  const threshold = alarmThreshold({ series: 2000 });
  const learned = Array.from({ length: 20 }, (_, seed) => {
    const buckets = simulateStream({
      seed,
      metric: 'quality',
      requestsPerMinute: 5,
      fromMs,
      days: 31,
      holidaysPerWeek: 0,
      outagesPerWeek: 0,
    });
    const history = historyOf(buckets, metric);
    const context = { metric, threshold, history };
    let state = initialSeries();
    const first = buckets.length - 97;
    for (const bucket of buckets.slice(first, -1)) state = stepSeries(state, bucket, context).state;
    return { state, context, next: buckets.at(-1) };
  });
  const series = Array.from({ length: 2000 }, (_, i) => learned[i % learned.length]);
  report(
    'one detector step of 2,000 series',
    timed(20, () => {
      for (const { state, next, context } of series) stepSeries(state, next, context);
    }),
    100,
  );
  const [{ state, context, next }] = learned;
  report(
    'daily fit of one series, 28 days',
    timed(20, () => stepSeries({ ...state, fitDayMs: null }, next, context)),
    10,
  );
}

// Section: previews of a drift rule over 60 days, and the explanation of an incident over a million calls, with their queries.
{
  const engine = await startBenchEngine();
  const nowMs = monday + 95 * dayMs;
  const deps = {
    ...{ clickhouse: engine.clickhouse, projectId: 'default' },
    ...{ log: { info() {}, warn() {} }, clock: { now: () => nowMs } },
  };
  const timedWithEngine = async (runs, work) => {
    await work();
    const times = [];
    for (let run = 0; run < runs; run += 1) {
      const from = { waited: performance.now(), node: nodeMs(), engine: engine.cpuMs() };
      await work();
      times.push({
        waited: performance.now() - from.waited,
        node: nodeMs() - from.node,
        engine: engine.cpuMs() - from.engine,
      });
    }
    times.sort((one, other) => one.node + one.engine - other.node - other.engine);
    return times[Math.floor(runs / 2)];
  };
  const reportBoth = (name, { waited, node, engine: ofEngine }, goalMs, judged = waited) => {
    const isMet = judged <= goalMs;
    if (!isMet) failed = true;
    const figures = `${waited.toFixed(0)} ms (processor: Node ${node.toFixed(0)} ms, engine ${ofEngine.toFixed(0)} ms)`;
    console.log(`${name}: ${figures}, goal ${goalMs} ms: ${isMet ? 'met' : 'NOT met'}`);
  };
  try {
    await insertSeries(engine.clickhouse, { features: 5, days: 95, uniform: uniforms(3) });
    const budget = { falseAlarmsPerWeek: 1, seriesAtLeast: 1 };
    const preview = (metric, filter) => () =>
      driftBacktest(deps, { metric, filter, fromMs: nowMs - 60 * dayMs, toMs: nowMs, budget });
    for (const [name, metric] of [
      ['quality', 'score:answer_quality'],
      ['latency tail', 'latency_tail'],
    ]) {
      const one = { feature: 'feature-0', model: 'model-0' };
      reportBoth(
        `preview over 60 days, ${name} of 1 series`,
        await timedWithEngine(3, preview(metric, one)),
        2000,
      );
      reportBoth(
        `preview over 60 days, ${name} of 20 series`,
        await timedWithEngine(3, preview(metric, {})),
        2000,
      );
    }
    // Spans are kept for 90 days: regions and languages are only there in calls of late.
    const fromMs = mondayBefore(Date.now() - 20 * dayMs);
    const changedMs = fromMs + 14 * dayMs;
    await insertCalls(engine.clickhouse, { calls: 1e6, fromMs, changedMs });
    const at = { ...deps, clock: { now: () => fromMs + 17 * dayMs } };
    const explained = await timedWithEngine(3, () => explain(at, fromMs, changedMs));
    reportBoth('explanation of 1,000,000 calls (goal: of the engine)', explained, 1000, explained.engine);
  } finally {
    await engine.stop();
  }
}

/** What an alert page asks for: the evidence, what came near the change, and the examples. */
async function explain(deps, fromMs, changedMs) {
  const baseline = {
    ...{
      model: 'day',
      coefficients: [0.01, 0, 0, 0, 0, 0, 0, 0, 0],
      fromMs,
      toMs: changedMs,
      days: 14,
    },
    ...{ requests: 8e5, mean: 0.01, withinVariance: 0.0099, betweenVariance: 0, inflation: 1.2 },
    ...{ shortInflation: 1.1, bucketVarianceFloor: 6e-6, excess: [0, 0, 0, 0, 0, 0], dayInformation: 1e6 },
    ...{ seenWeekdays: '1111111', seenHours: '1'.repeat(48) },
  };
  const series = { feature: 'support-bot', model: 'gpt-5-mini', environment: 'production' };
  const finding = {
    ...{
      ...series,
      metric: 'error',
      direction: 'up',
      verdict: 'worse',
      baseline,
      p95: null,
      latencyCutBin: null,
    },
    ...{ changedAtMs: changedMs, openedAtMs: changedMs + 10_800_000, closedAtMs: null, logEvidence: 14 },
    ...{ chanceOfNoise: 0.001, threshold: 12.8, before: 0.01, after: 0.025, low: 0.01, high: 0.02 },
    ...{ requests: 1e5, scoreSize: 1 },
  };
  const { projectId, clickhouse } = deps;
  const evidence = await gatherEvidence(deps, 'bench', finding);
  await Promise.all([
    nearChanges(clickhouse, {
      ...{ projectId, feature: series.feature, environment: series.environment, changedMs },
      ...{ fromMs: changedMs - dayMs, toMs: changedMs + dayMs / 4, shareToMs: changedMs + dayMs },
    }),
    examplePairs(deps, finding, evidence.statistics.where.causes[0], true),
  ]);
}

process.exit(failed ? 1 : 0);
