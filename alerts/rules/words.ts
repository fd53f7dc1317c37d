import type { RuleDefinition } from '#contract/rule.ts';
import { figure } from '../numbers.ts';
import { metricLabel } from '../words.ts';
import { measureOf, type Unit } from './measure.ts';

/** `45 s`, `5 min`, `4 h`, `3 days`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600 || (seconds % 3600 !== 0 && seconds < 86_400)) return `${round(seconds / 60)} min`;
  if (seconds < 86_400 || (seconds % 86_400 !== 0 && seconds < 3 * 86_400))
    return `${round(seconds / 3600)} h`;
  const days = round(seconds / 86_400);
  return days === '1' ? '1 day' : `${days} days`;
}

const round = (value: number) => String(Math.round(value * 10) / 10);

/** A value of a rule in its unit: `8.2 %`, `2.4 s`, `20×`. */
export function valueText(value: number, unit: Unit): string {
  if (unit === 'requests') return Math.round(value).toLocaleString('en-US');
  if (unit === 'min') return duration(value * 60);
  if (unit === 'x') return `${round(value)}×`;
  return figure(value, unit);
}

/** A threshold as it was written: `5 %`, not `5.0 %`. */
const limitText = (value: number, unit: Unit) =>
  unit === '%' ? `${value} %` : unit === 'points' ? String(value) : valueText(value, unit);

/** What a rule asks, in one line: `error rate above 5 % over 15 min`. */
export function summaryOf(rule: RuleDefinition): string {
  return `${conditionOf(rule)}${whereOf(rule)}`;
}

function conditionOf(rule: RuleDefinition): string {
  if (rule.kind === 'threshold') {
    const { label, unit } = measureOf(rule.metric);
    const side =
      rule.above === undefined
        ? `below ${limitText(rule.below!, unit)}`
        : `above ${limitText(rule.above, unit)}`;
    return `${label} ${side} over ${duration(rule.window_s)}`;
  }
  if (rule.kind === 'absence') return `Nothing received for ${duration(rule.silent_s)}`;
  if (rule.kind === 'budget') return `${rule.budget ?? 'Any budget'} reaches ${rule.percent} %`;
  const { indicator } = rule;
  const good =
    indicator.of === 'errors'
      ? 'of calls succeed'
      : indicator.of === 'latency'
        ? `of calls within ${figure(indicator.below_ms, 'ms')}`
        : `of quarters of an hour with ${metricLabel(`score:${indicator.score}`).toLowerCase()} of at least ${indicator.at_least}`;
  return `${rule.objective} % ${good} over ${duration(rule.period_s)}, by burn rate`;
}

function whereOf({ filter, group_by }: RuleDefinition): string {
  const only = Object.values(filter).filter(value => value !== undefined);
  const where = only.length > 0 ? `, ${only.map(value => value || '(none)').join(', ')}` : '';
  return group_by.length > 0 ? `${where}, for each ${group_by.join(' and ')}` : where;
}

/** `Error rate of support-bot is 8.2 %, above 5 %`; `whole`: what it is about when it has no labels. */
export function titleOf(
  rule: RuleDefinition,
  labels: Readonly<Record<string, string>>,
  at: { value: number | null; noData: boolean },
): string {
  const subject = subjectOf(rule, labels);
  if (at.noData) return cut(`${rule.name}: no data of ${subject}`);
  const { value } = at;
  if (rule.kind === 'absence')
    return cut(`Nothing received of ${subject}${value === null ? '' : ` for ${duration(value * 60)}`}`);
  if (rule.kind === 'budget')
    return cut(`Budget ${labels.budget ?? rule.budget ?? ''} has reached ${value ?? rule.percent} %`);
  if (rule.kind === 'slo') {
    const rate = value === null ? '' : ` ${valueText(value, 'x')} too fast`;
    return cut(
      `${subject} burns its error budget${rate} (${rule.objective} % over ${duration(rule.period_s)})`,
    );
  }
  const { label, unit } = measureOf(rule.metric);
  const side =
    rule.above === undefined
      ? `below ${limitText(rule.below!, unit)}`
      : `above ${limitText(rule.above, unit)}`;
  const are = unit === 'requests' ? 'are' : 'is';
  return cut(`${label} of ${subject} ${are} ${value === null ? 'unknown' : valueText(value, unit)}, ${side}`);
}

function subjectOf({ filter }: RuleDefinition, labels: Readonly<Record<string, string>>): string {
  const named = { ...filter, ...labels };
  const words = (['feature', 'model', 'environment'] as const)
    .filter(name => named[name] !== undefined)
    .map(name => named[name] || `(no ${name})`);
  return words.length > 0 ? words.join(', ') : 'everything';
}

const cut = (text: string) => (text.length > 240 ? `${text.slice(0, 239)}…` : text);
