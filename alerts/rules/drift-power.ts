import type { RulePower } from '#contract/rule.ts';
import type { KnownSeries } from '../drift-overview.ts';
import { powerOf } from '../power-label.ts';
import type { SeriesMemory } from '../series-memory.ts';
import { watchedMetric } from '../watched-metric.ts';

interface Watched {
  key: string;
  rollup: string;
  memory: SeriesMemory;
  perHour: number;
}

/** What was said of a series holds until its reference or the threshold changes: a day, mostly. */
const remembered = new Map<string, RulePower>();
const mostRemembered = 1000;

/**
 * The power label of each metric of the detector: that of its series of middling traffic, and how many series bring too little to be
 * seen. Metrics of which every series still learns are left out.
 */
export function driftPowers(known: readonly KnownSeries[], threshold: number): Map<string, RulePower> {
  const byMetric = new Map<string, Watched[]>();
  for (const { row, memory } of known) {
    const { project_id, feature, model, environment, metric: rollup } = row;
    const name = watchedMetric(rollup)!.name;
    const { baseline } = memory.detector;
    if (baseline === null) continue;
    const series = [project_id, feature, model, environment, rollup];
    const key = JSON.stringify([...series, baseline.toMs, threshold.toFixed(3)]);
    const perHour = baseline.requests / baseline.days / 24;
    byMetric.set(name, [...(byMetric.get(name) ?? []), { key, rollup, memory, perHour }]);
  }
  return new Map([...byMetric].map(([name, watched]) => [name, powerOfMetric(watched, threshold)]));
}

function powerOfMetric(known: readonly Watched[], threshold: number): RulePower {
  const ranked = known.toSorted((one, other) => one.perHour - other.perHour);
  const typical = ranked[ranked.length >> 1]!;
  const key = `${typical.key} ${ranked.length} ${ranked[0]!.key} ${ranked.at(-1)!.key}`;
  const before = remembered.get(key);
  if (before) return before;
  if (remembered.size >= mostRemembered) remembered.clear();
  const { memory, rollup } = typical;
  const {
    text,
    delay_hours,
    blind_below_requests_per_hour: least,
  } = powerOf(memory, watchedMetric(rollup, memory.scoreSize)!, threshold)!;
  const few = ranked.filter(({ perHour }) => perHour < (least ?? 0)).length;
  const blind = delay_hours === null;
  const power = { text: `${text}${others(ranked.length, few)}`, blind };
  remembered.set(key, power);
  return power;
}

function others(all: number, few: number): string {
  if (all === 1) return '';
  const typical = ` That is the median of ${all} series`;
  return few === 0
    ? `${typical}.`
    : `${typical}; ${few} of them ${few === 1 ? 'brings' : 'bring'} less than that.`;
}
