import type { RuleChart, RuleDefinition } from '#contract/rule.ts';
import type { AlertsDeps } from '../deps.ts';
import { readRuleData } from './data.ts';
import { verdictOf } from './judge.ts';
import { measureOf, neededBy, type Unit } from './measure.ts';

const quarterMs = 900_000;
const hourMs = 3_600_000;
/** As many points as a chart has room for; a longer alert is looked at less often. */
const mostPoints = 400;

/**
 * What a rule looked at for one alert, by the judgement that runs live: some windows before it fired up to some after it was over.
 * Null for budgets, which have a page of their own.
 */
export async function alertChart(
  deps: AlertsDeps,
  rule: RuleDefinition,
  alert: { labels: Readonly<Record<string, string>>; openedMs: number; resolvedMs: number | null },
): Promise<RuleChart | null> {
  if (rule.kind === 'budget') return null;
  const one: RuleDefinition = { ...rule, filter: { ...rule.filter, ...alert.labels }, group_by: [] };
  const aroundMs = Math.max(6 * hourMs, 4 * neededBy(rule).windowMs);
  const toMs = Math.min(deps.clock.now(), (alert.resolvedMs ?? Number.POSITIVE_INFINITY) + aroundMs / 2);
  const fromMs = Math.ceil((alert.openedMs - aroundMs) / quarterMs) * quarterMs;
  const [group] = (await readRuleData(deps, one, fromMs, toMs)).values();
  const stepMs = quarterMs * Math.max(1, Math.ceil((toMs - fromMs) / quarterMs / mostPoints));
  const points: RuleChart['points'] = [];
  // The last one is what was seen at the end, however full its quarter of an hour.
  for (let endMs = fromMs; group && endMs < toMs + stepMs; endMs += stepMs) {
    const at = Math.min(endMs, toMs);
    const verdict = verdictOf(one, group, at);
    points.push({
      time: new Date(at).toISOString(),
      value: 'value' in verdict ? verdict.value : null,
    });
  }
  return { ...scaleOf(rule), points };
}

function scaleOf(rule: Exclude<RuleDefinition, { kind: 'budget' }>): Omit<RuleChart, 'points'> {
  if (rule.kind === 'threshold') {
    const { label, unit }: { label: string; unit: Unit } = measureOf(rule.metric);
    const threshold = rule.above ?? rule.below!;
    const side = rule.above === undefined ? 'below' : 'above';
    return { label, unit, threshold, resolve_at: rule.resolve_at ?? null, side };
  }
  if (rule.kind === 'absence') {
    const label = 'Nothing received for';
    return { label, unit: 'min', threshold: rule.silent_s / 60, resolve_at: null, side: 'above' };
  }
  const [only, ...more] = rule.windows;
  const threshold = more.length === 0 ? only!.burn : Math.min(...rule.windows.map(({ burn }) => burn));
  return { label: 'Error budget burns', unit: 'x', threshold, resolve_at: null, side: 'above' };
}
