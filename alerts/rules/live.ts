import type { Condition } from '#contract/dimension.ts';
import { type RuleDefinition, type RuleDimension, ruleDefinition, ruleDimensions } from '#contract/rule.ts';
import { readArrival } from '#store/queries/arrival.ts';
import {
  type AlertRuleRow,
  type AlertStateRow,
  listAlertRules,
  readAlertStates,
  writeAlertStates,
} from '#store/state/alert-rules.ts';
import type { StateDb } from '#store/state/open.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { OvertakenError } from '../commit.ts';
import type { AlertsDeps } from '../deps.ts';
import { advanceGroups } from '../lifecycle/groups.ts';
import { tellRetracted } from '../lifecycle/retracted.ts';
import { initialLifecycle, type Lifecycle, step } from '../lifecycle/state.ts';
import { completeUntilWhere } from '../provisional.ts';
import { stepBudgetRule } from './budget-rule.ts';
import { readRuleData } from './data.ts';
import { type Stepped, settingsOf, stepRule, wholeKey } from './evaluate.ts';
import { mayBeLate } from './late-verdict.ts';
import { neededBy } from './measure.ts';
import { writeAlerts } from './write-alerts.ts';

/** Where the evaluation of rules stands, by job name in the progress table. */
export const ruleJobs = {
  /** Counts evaluations: two processes cannot both write the next one. */
  check: 'alerts.rules',
  /** ISO time of the last evaluation. */
  at: 'alerts.rules_at',
} as const;

export interface KnownGroup {
  labels: Stepped['labels'];
  state: Lifecycle;
  alertId: string | null;
}
/** A rule with where its groups stand. */
export interface LiveRule {
  row: AlertRuleRow;
  rule: RuleDefinition;
  known: Map<string, KnownGroup>;
}

const shortestDelayMs = 30_000;
/** For two evaluations after a start nothing is resolved: what looks clear may be what has not arrived. */
const warmUpMs = 2 * 60_000;

/** Evaluates plain rules. `startedAtMs`: when this process began. */
export function createRuleChecker(deps: AlertsDeps, options: { baseUrl: string; startedAtMs: number }) {
  const { state, projectId, clock, log } = deps;

  /** One evaluation of every rule; the ids of the alerts that changed. */
  async function check(): Promise<string[]> {
    const basedOn = Number((await readProgress(state, ruleJobs.check)) ?? 0);
    const live = await readLive(state, projectId);
    const nowMs = clock.now();
    if (live.length === 0) return [];
    const delayMs = await delayOf(deps, nowMs);
    const outcomes: { one: LiveRule; stepped: Stepped[] }[] = [];
    for (const one of live) outcomes.push({ one, stepped: await evaluate(one, { nowMs, delayMs }) });
    return state.transaction().execute(async db => {
      const written = Number((await readProgress(db, ruleJobs.check)) ?? 0);
      if (written !== basedOn) throw new OvertakenError('another process has evaluated the rules meanwhile');
      const changed: string[] = [];
      const retracted: string[] = [];
      for (const { one, stepped } of outcomes) {
        const alertIds = await writeAlerts(db, { ...one, projectId, stepped, nowMs });
        changed.push(...alertIds.changed);
        retracted.push(...alertIds.retracted);
        await writeAlertStates(db, stateRows(one, stepped, alertIds.open, nowMs));
      }
      await writeProgress(db, ruleJobs.check, String(basedOn + 1));
      await writeProgress(db, ruleJobs.at, new Date(nowMs).toISOString());
      const context = { projectId, nowMs, baseUrl: options.baseUrl };
      await tellRetracted(db, retracted, context);
      await advanceGroups(db, context);
      return changed;
    });
  }

  async function evaluate(
    { row, rule, known }: LiveRule,
    { nowMs, delayMs }: { nowMs: number; delayMs: number | Error },
  ): Promise<Stepped[]> {
    const warmUp = nowMs - options.startedAtMs < warmUpMs;
    try {
      if (rule.kind === 'budget')
        return await stepBudgetRule(state, { rule, known, projectId, nowMs, warmUp });
      if (delayMs instanceof Error) throw delayMs;
      // What there is to judge is older than what the rule asks about.
      if (delayMs > neededBy(rule).windowMs)
        return everyGroup(rule, known, { kind: 'stale' }, { nowMs, warmUp });
      const endMs = nowMs - Math.max(shortestDelayMs, delayMs);
      const fromMs = Math.min(
        endMs,
        ...[...known.values()].flatMap(({ state: at }) => judgedAgain(at, endMs)),
      );
      const data = await readRuleData(deps, rule, fromMs, endMs);
      const stepped = stepRule(rule, data, known, { endMs, nowMs, warmUp });
      for (const one of stepped) await noteProvisional(deps, rule, one, nowMs);
      return stepped;
    } catch (error) {
      log.error({ err: error, rule: row.name }, 'rule could not be evaluated; it is evaluated again');
      const message = error instanceof Error ? error.message : String(error);
      const groups = known.size > 0 ? known : new Map([[wholeKey, { labels: {}, state: null }]]);
      return everyGroup(rule, groups, { kind: 'error', message }, { nowMs, warmUp });
    }
  }

  return { check };
}

/** The times by which alerts fired that late data may still take back. */
const judgedAgain = (at: Lifecycle, endMs: number): number[] =>
  [...(mayBeLate(at, endMs) ? [at.firedOn!] : []), ...(at.ended ?? []).map(({ firedOn }) => firedOn)].map(
    on => on.endMs,
  );

/** Says of what fires whether its senders have told everything of that time, and when they have. */
async function noteProvisional(
  deps: AlertsDeps,
  { filter }: RuleDefinition,
  { labels, state, events }: Stepped,
  nowMs: number,
): Promise<void> {
  const on = state.firedOn;
  const fired = events.some(({ kind }) => kind === 'fired');
  if (!on || !(fired || on.provisional)) return;
  const where = Object.entries({ ...filter, ...labels }).flatMap(([dimension, value]): Condition[] =>
    isRuleDimension(dimension) && value !== undefined ? [{ dimension, value }] : [],
  );
  const until = await completeUntilWhere(deps, where);
  const provisional = until !== null && on.endMs > Date.parse(until) && mayBeLate(state, nowMs);
  state.firedOn = { ...on, provisional };
  if (on.provisional && !provisional) events.push({ kind: 'confirmed', atMs: nowMs, reason: null });
}

const isRuleDimension = (name: string): name is RuleDimension =>
  (ruleDimensions as readonly string[]).includes(name);

async function delayOf(deps: AlertsDeps, nowMs: number): Promise<number | Error> {
  try {
    return (await readArrival(deps.clickhouse, { projectId: deps.projectId, nowMs })).delayMs ?? 0;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Rules that are switched on, with their states. A rule that cannot be read any more is left out. */
export async function readLive(db: StateDb, projectId: string): Promise<LiveRule[]> {
  const rows = await listAlertRules(db, projectId);
  const states = await readAlertStates(
    db,
    rows.map(({ rule_id }) => rule_id),
  );
  return rows.flatMap((row): LiveRule[] => {
    const parsed = ruleDefinition.safeParse(JSON.parse(row.definition));
    if (!parsed.success || !parsed.data.enabled) return [];
    const own = states.filter(({ rule_id }) => rule_id === row.rule_id);
    return [{ row, rule: parsed.data, known: new Map(own.map(one => [one.group_key, groupOf(one)])) }];
  });
}

const groupOf = ({ group_key, state, alert_id }: AlertStateRow): KnownGroup => ({
  labels: Object.fromEntries(JSON.parse(group_key) as [string, string][]),
  state: JSON.parse(state) as Lifecycle,
  alertId: alert_id,
});

function everyGroup(
  rule: RuleDefinition,
  known: ReadonlyMap<string, { labels: Stepped['labels']; state: Lifecycle | null }>,
  verdict: Stepped['verdict'] & { kind: 'stale' | 'error' },
  { nowMs, warmUp }: { nowMs: number; warmUp: boolean },
): Stepped[] {
  const settings = settingsOf(rule);
  return [...known].map(([key, { labels, state }]) => ({
    key,
    labels,
    verdict,
    ...step(state ?? initialLifecycle(), verdict, { nowMs, warmUp, settings }),
  }));
}

function stateRows(
  { row }: LiveRule,
  stepped: readonly Stepped[],
  open: ReadonlyMap<string, string>,
  nowMs: number,
): AlertStateRow[] {
  return stepped.map(({ key, state }) => ({
    rule_id: row.rule_id,
    group_key: key,
    alert_id: open.get(key) ?? null,
    state: JSON.stringify(state),
    evaluated_at: new Date(nowMs).toISOString(),
  }));
}
