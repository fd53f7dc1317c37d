import type { RuleDefinition, RuleDimension } from '#contract/rule.ts';
import type { GroupStats } from '#store/queries/rule-stats.ts';
import { labelKey } from '../lifecycle/ids.ts';
import {
  type EndedAlert,
  initialLifecycle,
  type Lifecycle,
  type LifecycleEvent,
  type LifecycleSettings,
  step,
  type Verdict,
} from '../lifecycle/state.ts';
import { verdictOf } from './judge.ts';
import { endedAfter, firedOn, isTakenBack, isTakenBackLater } from './late-verdict.ts';
import { type GroupWindows, groupWindows, neededBy } from './measure.ts';

/** What a rule watches, by label key. */
export type RuleData = ReadonlyMap<string, GroupWindows>;

export function ruleData(rule: RuleDefinition, stats: readonly GroupStats[]): RuleData {
  return new Map(
    stats.map(({ labels, buckets }) => [labelKey(labels), groupWindows(rule, labels, buckets)] as const),
  );
}

/** Where one group of a rule stands after a step. */
export interface Stepped {
  key: string;
  labels: Partial<Record<RuleDimension | 'budget', string>>;
  verdict: Verdict;
  state: Lifecycle;
  events: LifecycleEvent[];
  /** The transitions that fired alerts which are over and which late data take back; missing: none. */
  takenBack?: number[];
}

/** The group that stands for the whole rule. */
export const wholeKey = labelKey({});

export function settingsOf(rule: RuleDefinition): LifecycleSettings {
  const noData =
    'no_data' in rule
      ? { afterMs: rule.no_data.after_s * 1000, state: rule.no_data.state }
      : ({ afterMs: 900_000, state: 'keep' } as const);
  return {
    forMs: rule.for_s * 1000,
    keepFiringMs: rule.keep_firing_s * 1000,
    windowMs: neededBy(rule).windowMs,
    noData,
  };
}

/** One evaluation of a rule: what is live, and what a backtest repeats. */
export interface Moment {
  /** Data are taken to be complete up to here. */
  endMs: number;
  nowMs: number;
  warmUp: boolean;
}

/**
 * Takes every group of a rule one step further. `known` are the groups with a state. With group_by a group that is silent has
 * vanished while others report; when none does, that is told once, for the rule.
 */
export function stepRule(
  rule: RuleDefinition,
  data: RuleData,
  known: ReadonlyMap<string, { labels: Stepped['labels']; state: Lifecycle }>,
  { endMs, nowMs, warmUp }: Moment,
): Stepped[] {
  const settings = settingsOf(rule);
  const verdicts = new Map<string, Verdict>();
  for (const [key, group] of data) {
    const verdict = verdictOf(rule, group, endMs);
    // A group begins with its first data.
    const isSilent = verdict.kind === 'no_data' || verdict.kind === 'vanished';
    if (known.has(key) || !isSilent) verdicts.set(key, verdict);
  }
  for (const key of known.keys()) if (!verdicts.has(key)) verdicts.set(key, { kind: 'no_data' });
  const grouped = rule.group_by.length > 0 && rule.kind !== 'absence';
  if (grouped) settleSilence(verdicts);
  return [...verdicts].map(([key, verdict]) => {
    const labels = known.get(key)?.labels ?? data.get(key)?.labels ?? {};
    const before = known.get(key)?.state ?? initialLifecycle();
    const isPart = grouped && key !== wholeKey;
    const own = isPart ? { ...settings, noData: { ...settings.noData, state: 'keep' as const } } : settings;
    const group = data.get(key);
    const groups = grouped && !isPart ? [...data.values()] : group ? [group] : [];
    const retract = !warmUp && isTakenBack(rule, groups, { before, verdict, endMs });
    const { state, events } = step(before, verdict, { nowMs, warmUp, settings: own, retract });
    if (events.some(({ kind }) => kind === 'fired')) state.firedOn = firedOn(rule, groups, endMs);
    const ended = endedAfter(before, events, endMs);
    const isWrong = (one: EndedAlert) => !warmUp && isTakenBackLater(rule, groups, one);
    const takenBack = ended.filter(isWrong).map(({ transitions }) => transitions);
    const stillEnded = ended.filter(({ transitions }) => !takenBack.includes(transitions));
    if (stillEnded.length > 0) state.ended = stillEnded;
    else delete state.ended;
    return { key, labels, verdict, state, events, ...(takenBack.length > 0 && { takenBack }) };
  });
}

function settleSilence(verdicts: Map<string, Verdict>): void {
  verdicts.delete(wholeKey);
  if (verdicts.size === 0) return;
  const reporting = [...verdicts.values()].some(({ kind }) => kind !== 'no_data');
  for (const [key, { kind }] of verdicts) {
    if (kind === 'no_data' && reporting) verdicts.set(key, { kind: 'vanished' });
  }
  verdicts.set(wholeKey, reporting ? { kind: 'clear', value: null } : { kind: 'no_data' });
}
