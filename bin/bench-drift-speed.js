#!/usr/bin/env node
// Times the pure parts of the drift room: npm run bench:drift-speed
import { logBin } from '../dist/alerts/drift/latency-tail.js';
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

process.exit(failed ? 1 : 0);
