import type { z } from 'zod';
import type { backtestRule, RuleDefinition } from '#contract/rule.ts';
import { listBudgetRows, listNotices } from '#store/state/budgets.ts';
import { readSetting } from '#store/state/settings.ts';
import type { AlertsDeps } from '../deps.ts';
import { dayMs } from '../drift/season.ts';
import type { Lifecycle } from '../lifecycle/state.ts';
import { type Backtest, backtest, sentenceOf } from './backtest.ts';
import { stepBudgets } from './budget-rule.ts';
import { readRuleData } from './data.ts';
import { type DriftBacktest, driftBacktest } from './drift-backtest.ts';
import type { Stepped } from './evaluate.ts';
import type { BudgetRule } from './measure.ts';
import { titleOf } from './words.ts';

type Asked = z.output<(typeof backtestRule)['request']>;
type Reply = z.output<(typeof backtestRule)['reply']>;

const completeAfterMs = 30_000;
const shown = 500;

/** When a rule would have fired in the last days, and how long it took to find out. */
export async function askBacktest(deps: AlertsDeps, asked: Asked): Promise<Reply> {
  const { days } = asked;
  const began = performance.now();
  const toMs = deps.clock.now() - completeAfterMs;
  const fromMs = toMs - days * dayMs;
  const { fired, judged, steps, progress = null, next = null } = await run(deps, asked, { fromMs, toMs });
  return {
    sentence: sentenceOf(fired.length, days),
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    fired: fired.slice(-shown),
    judged,
    steps,
    progress,
    next,
    took_ms: Math.round(performance.now() - began),
  };
}

async function run(
  deps: AlertsDeps,
  { rule, within_ms: withinMs, after }: Asked,
  range: { fromMs: number; toMs: number },
): Promise<Backtest & Partial<Pick<DriftBacktest, 'progress' | 'next'>>> {
  if (rule.kind === 'drift') {
    const settings = await readSetting(deps.state, 'drift');
    const budget = {
      falseAlarmsPerWeek: rule.false_alarms_per_week ?? settings?.false_alarms_per_week ?? 1,
      seriesAtLeast: settings?.series_at_least ?? 1,
    };
    return driftBacktest(deps, {
      metric: rule.metric,
      filter: rule.filter,
      ...range,
      budget,
      withinMs,
      after,
    });
  }
  if (rule.kind === 'budget') return budgetBacktest(deps, rule, range);
  return backtest(rule, await readRuleData(deps, rule, range.fromMs, range.toMs), range);
}

/** From the crossings the ledger noted when they happened; an hour is fine enough for them. */
async function budgetBacktest(
  { state, projectId }: AlertsDeps,
  rule: BudgetRule,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Backtest> {
  const at = {
    budgets: await listBudgetRows(state, projectId),
    notices: await listNotices(state, projectId),
  };
  const known = new Map<string, { labels: Stepped['labels']; state: Lifecycle }>();
  const fired: Backtest['fired'] = [];
  let steps = 0;
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 900_000) {
    steps += 1;
    for (const one of stepBudgets(rule, at, known, { nowMs, warmUp: false })) {
      known.set(one.key, one);
      for (const { kind, atMs } of one.events) {
        const time = new Date(atMs).toISOString();
        if (kind === 'fired') fired.push(firedOf(rule, one, time));
        const open = fired.findLast(({ labels }) => labels.budget === one.labels.budget);
        if (kind === 'resolved' && open) open.resolved_at = time;
      }
    }
  }
  return { fired, judged: at.budgets.length > 0 ? steps : 0, steps };
}

const firedOf = (
  rule: RuleDefinition,
  { labels, state }: Stepped,
  time: string,
): Backtest['fired'][number] => ({
  labels: { ...labels } as Record<string, string>,
  title: titleOf(rule, labels as Record<string, string>, state),
  fired_at: time,
  resolved_at: null,
  value: state.value,
});
