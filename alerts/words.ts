import { parseCustomMetric } from '#contract/drift.ts';
import type { DriftMetricId } from './drift/metrics.ts';
import { sureness } from './drift/shift.ts';
import { figuresOf } from './figures.ts';
import { changedBetween, type Finding } from './finding.ts';
import { beforeAfter, sizeOfMove } from './numbers.ts';
import { scoreName } from './watched-metric.ts';

const labels: Record<Exclude<DriftMetricId, 'quality'>, string> = {
  latency_tail: 'Latency (p95)',
  cost: 'Cost per call',
  output_length: 'Answer length',
  refusal: 'Refusal rate',
  error: 'Error rate',
  pace: 'Time per output token',
};

/** What a metric is called: `Answer quality`, `Cost per call`, for a score its own name in plain letters. */
export function metricLabel(metric: string): string {
  const score = scoreName(metric);
  const custom = parseCustomMetric(metric);
  if (custom) return plainName(custom.name);
  if (score === null) return labels[metric as keyof typeof labels] ?? metric;
  if (/^(answer[ _.-]?)?quality$/i.test(score)) return 'Answer quality';
  return plainName(score);
}

function plainName(name: string): string {
  const plain = name.replace(/[_.:/-]+/g, ' ').trim() || name;
  return plain[0]!.toUpperCase() + plain.slice(1);
}

/** `Answer quality of support-bot fell 9 points: 0.91 → 0.82`. Never more than a line: long names are cut. */
export function title(finding: Finding): string {
  const { before, after, unit } = figuresOf(finding);
  const slowCalls = finding.metric === 'latency_tail' && unit === '%';
  const what = slowCalls ? 'Share of slow calls' : metricLabel(finding.metric);
  const moved = after < before ? 'fell' : 'rose';
  const feature = finding.feature === '' ? 'calls without a feature' : cut(finding.feature, 80);
  const size = sizeOfMove(before, after, unit);
  return `${cut(what, 80)} of ${feature} ${moved} ${size}: ${beforeAfter(before, after, unit)}`;
}

/** `very sure`, from the bound on the chance that noise alone lifts the evidence so high. */
export const certainty = ({ chanceOfNoise }: Pick<Finding, 'chanceOfNoise'>): string =>
  sureness(chanceOfNoise);

/** Lines of an incident's timeline. */
export const says = {
  fired: (finding: Finding) => `Fired: ${title(finding)}, since about ${since(finding)}.`,
  improved: (finding: Finding) => `Changed for the better: ${title(finding)}, since about ${since(finding)}.`,
  mixed: (finding: Finding) =>
    `Traffic mix changed: ${title(finding)}, since about ${since(finding)}. Nobody was paged.`,
  beyondMix: (finding: Finding) => `Fired: more than other traffic. ${title(finding)}.`,
  joined: (finding: Finding) => `Also: ${title(finding)} (model ${finding.model || 'unknown'}).`,
  worsened: (finding: Finding) => `More serious: ${title(finding)} (model ${finding.model || 'unknown'}).`,
  renewed: (finding: Finding) => `Still so: ${title(finding)}.`,
  recovered: (finding: Finding) =>
    `${metricLabel(finding.metric)} is back to normal: the last 24 hours no longer differ.`,
  unreported: (finding: Finding) =>
    `${metricLabel(finding.metric)} is no longer reported: nothing was received for 48 hours.`,
  reversed: (finding: Finding) => `${metricLabel(finding.metric)} now moves the other way.`,
  accepted: (finding: Finding) =>
    `${metricLabel(finding.metric)}: the level of today was accepted as normal.`,
  retracted: (finding: Finding) =>
    `Retracted: ${metricLabel(finding.metric)} had not changed. Data that came late no longer support it.`,
  provisional: () =>
    'Provisional: not every sender has told everything of that time yet, and late data may take it back.',
  confirmed: () => 'No more data of that time are waited for: it stands.',
  retractedAlert: () => 'Retracted: data that came late do not support it.',
  muted: (reason: string) => `From now on nobody is told: "${reason}".`,
  unmuted: (reason: string) => `People are told again: "${reason}" is over.`,
  resolved: () => 'Resolved.',
  acknowledged: (by: string) => `Acknowledged by ${by}.`,
  snoozed: (untilMs: number) => `Snoozed until ${clockTime(untilMs)}.`,
};

/** `2 Nov 14:00 UTC (between 13:45 and 15:15)`. */
function since(finding: Finding): string {
  const between = changedBetween(finding);
  const at = clockTime(finding.changedAtMs);
  if (!between) return at;
  const [from, to] = [clockTime(between.fromMs), clockTime(between.toMs)];
  const day = at.slice(0, -10);
  const short = (text: string) => (text.startsWith(day) ? text.slice(-9, -4) : text);
  return `${at} (between ${short(from)} and ${short(to)})`;
}

/** `2 Nov 14:00 UTC`. */
function clockTime(ms: number): string {
  const text = new Date(ms).toUTCString(); // Mon, 02 Nov 2026 14:00:00 GMT
  return `${Number(text.slice(5, 7))} ${text.slice(8, 11)} ${text.slice(17, 22)} UTC`;
}

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
