#!/usr/bin/env node
// Times the pure parts of the drift room: npm run bench:drift-speed
import { alarmThreshold } from '../dist/alerts/drift/detector.js';
import { logBin } from '../dist/alerts/drift/latency-tail.js';
import { driftMetrics } from '../dist/alerts/drift/metrics.js';
import { initialSeries, stepSeries } from '../dist/alerts/drift/series.js';
import { simulateStream } from '../dist/alerts/drift/simulated-stream.js';
import { compareWindows } from '../dist/alerts/statistics/compare-windows.js';

/** Deterministic uniforms in (0, 1). */
function uniforms(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Median and worst of a few runs in milliseconds, after one to warm up. */
function timed(runs, work) {
  work();
  const times = Array.from({ length: runs }, () => {
    const from = performance.now();
    work();
    return performance.now() - from;
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
    const history = (from, to) => buckets.filter(({ startMs }) => startMs >= from && startMs < to);
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

process.exit(failed ? 1 : 0);
