import type { RuleDefinition, RulePower } from '#contract/rule.ts';
import type { SeriesTraffic } from '#store/queries/rule-traffic.ts';
import { measureOf, neededBy } from './measure.ts';
import { duration } from './words.ts';

const quarterS = 900;
const weekHours = 168;
/** With more expected values than this in a window a Poisson count falls short of none. */
const certain = 1e-9;

/** Values of one group of a rule in the days before, by the hour. */
export interface GroupTraffic {
  group: string;
  perHour: number;
}

/** What the rule watches, by its filter and group_by, from what series brought until `toMs`; of new ones since they began. */
export function trafficOf(
  rule: RuleDefinition,
  series: readonly SeriesTraffic[],
  toMs: number,
): GroupTraffic[] {
  const { metrics } = neededBy(rule);
  const { filter, group_by: by } = rule;
  const sums = new Map<string, { values: number; firstMs: number }>();
  for (const one of series) {
    if (!metrics.includes(one.metric)) continue;
    if (
      (['feature', 'model', 'environment'] as const).some(name => (filter[name] ?? one[name]) !== one[name])
    )
      continue;
    const group = by.map(name => one[name] || `(no ${name})`).join(', ');
    const { values, firstMs } = sums.get(group) ?? { values: 0, firstMs: toMs };
    sums.set(group, { values: values + one.values, firstMs: Math.min(firstMs, one.firstMs) });
  }
  const hours = (firstMs: number) => Math.max(1, (toMs - firstMs) / 3_600_000);
  return [...sums].map(([group, { values, firstMs }]) => ({ group, perHour: values / hours(firstMs) }));
}

/**
 * What a plain rule can see at the traffic of the days before: how soon a lasting breach is told, and below which traffic it has no
 * verdict. Null for budgets, which are not judged from calls.
 */
export function rulePower(rule: RuleDefinition, traffic: readonly GroupTraffic[]): RulePower | null {
  if (rule.kind === 'budget') return null;
  if (rule.kind === 'slo' && sloNeeds(rule) === null) return neverFires;
  if (traffic.length === 0)
    return { text: 'Nothing of what it watches was received in the last 7 days.', blind: true };
  if (rule.kind === 'absence') return absencePower(rule.silent_s, rule.for_s, traffic);
  const judged = rule.kind === 'slo' ? sloNeeds(rule)! : thresholdNeeds(rule);
  const what = rule.kind === 'slo' ? 'An outage of everything' : 'A breach that lasts';
  const { blind, said } = blindness(traffic, judged.perHour, judged.values);
  return { text: `${what} is told within ${duration(judged.withinS)}${said}`, blind };
}

const neverFires: RulePower = {
  text: 'It can never fire: no window could burn that fast, even if every call were bad.',
  blind: true,
};

type Needs = { withinS: number; perHour: number; values: string };

function thresholdNeeds(rule: Extract<RuleDefinition, { kind: 'threshold' }>): Needs {
  const { needsSample, rollup } = measureOf(rule.metric);
  return {
    // A whole window of it, and what of a quarter of an hour was not under way.
    withinS: rule.window_s + quarterS + rule.for_s,
    perHour: needsSample ? (rule.min_requests * 3600) / rule.window_s : 0,
    values: rollup.startsWith('score:') ? 'scores' : 'calls',
  };
}

/** Null when the objective leaves more to burn than all calls of a window: no share of bad ones would be enough. */
function sloNeeds(rule: Extract<RuleDefinition, { kind: 'slo' }>): Needs | null {
  const allowed = 1 - rule.objective / 100;
  const possible = rule.windows.filter(({ burn }) => burn * allowed <= 1);
  if (possible.length === 0) return null;
  const soonest = possible.map(({ long_s, short_s, burn }) => burn * allowed * Math.max(long_s, short_s));
  return {
    withinS: quarterS * Math.ceil(Math.min(...soonest) / quarterS) + rule.for_s,
    perHour: Math.min(...possible.map(({ long_s }) => (rule.min_requests * 3600) / long_s)),
    values: rule.indicator.of === 'quality' ? 'scores' : 'calls',
  };
}

function blindness(traffic: readonly GroupTraffic[], least: number, values: string) {
  const few = traffic.filter(({ perHour }) => perHour < least);
  const limit = `${short(least)} ${values} an hour`;
  if (least === 0) return { blind: false, said: ', at any traffic.' };
  if (few.length === traffic.length)
    return {
      blind: true,
      said: `, but it takes ${limit}, and ${traffic.length === 1 ? `there are about ${short(traffic[0]!.perHour)}` : 'nothing that it watches brings as many'}: it is blind.`,
    };
  const known = `; below ${limit} it is blind`;
  if (few.length === 0) return { blind: false, said: `${known}, and all it watches brings more.` };
  return { blind: false, said: `${known}, as for ${listed(few)}.` };
}

/** With calls at random, how often a silence so long comes by chance, and the traffic at which that is once a week. */
function absencePower(silentS: number, forS: number, traffic: readonly GroupTraffic[]): RulePower {
  const hours = silentS / 3600;
  const chance = (perHour: number) => perHour * weekHours * Math.exp(-perHour * hours);
  let low = 1 / hours;
  let high = low + 60 / hours;
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (chance(middle) > 1) low = middle;
    else high = middle;
  }
  const told = `A silence is told within ${duration(silentS + quarterS + forS)}`;
  const noisy = traffic.filter(({ perHour }) => perHour < high && chance(perHour) > certain);
  const limit = `below ${short(high)} calls an hour a silence of ${duration(silentS)} comes by chance`;
  const whom = noisy.length === 0 ? '.' : `, as for ${listed(noisy)}.`;
  return { text: `${told}; ${limit} more than once a week${whom}`, blind: false };
}

/** `search-rag (12 an hour) and 3 more`. */
function listed(groups: readonly GroupTraffic[]): string {
  const [first, ...more] = groups.toSorted((one, other) => other.perHour - one.perHour);
  const name = `${first!.group || 'what it watches'} (${short(first!.perHour)} an hour)`;
  return more.length === 0 ? name : `${name} and ${more.length} more`;
}

/** Two digits are enough for a rule of thumb. */
const short = (value: number): string =>
  Number(value.toPrecision(2)).toLocaleString('en-US', { maximumFractionDigits: value < 1 ? 2 : 1 });
