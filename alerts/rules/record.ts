import type { RuleView } from '#contract/rule.ts';
import { listRuleAlerts } from '#store/state/alert-rules.ts';
import { type AlertVerdictRow, listAlertVerdicts } from '#store/state/alert-verdicts.ts';
import { listPaged } from '#store/state/incidents.ts';
import type { AlertsDeps } from '../deps.ts';

const dayMs = 86_400_000;
const recordDays = 60;
/** Fewer verdicts than this prove nothing. */
const fewestVerdicts = 3;

type RuleRecord = RuleView['record'];

/** Names a metric of the drift detector as a rule. */
export const driftRuleId = (metric: string): string => `drift:${metric}`;

/** How often every rule fired and what people said of it, by rule id; incidents count for `drift:<metric>`. */
export async function readRecords({
  state,
  projectId,
  clock,
}: Pick<AlertsDeps, 'state' | 'projectId' | 'clock'>): Promise<(ruleId: string) => RuleRecord> {
  const nowMs = clock.now();
  const openedFrom = new Date(nowMs - recordDays * dayMs).toISOString();
  const alerts = await listRuleAlerts(state, { projectId, openedFrom });
  const incidents = await listPaged(state, projectId, openedFrom);
  const fires = [
    ...alerts.map(({ rule_id, opened_at, state: now }) => ({ ruleId: rule_id, opened_at, now })),
    ...incidents.map(({ metric, opened_at, state: now }) => ({
      ruleId: driftRuleId(metric),
      opened_at,
      now,
    })),
  ];
  const verdicts = await listAlertVerdicts(state, projectId, openedFrom);
  const weekAgo = new Date(nowMs - 7 * dayMs).toISOString();
  return ruleId => {
    const own = fires.filter(fire => fire.ruleId === ruleId);
    const given = verdicts.filter(({ rule_id }) => rule_id === ruleId);
    const count = (verdict: AlertVerdictRow['verdict']) =>
      given.filter(one => one.verdict === verdict).length;
    const counts = { real: count('real'), noise: count('noise'), expected: count('expected') };
    const judged = counts.real + counts.noise;
    const record = {
      fires_7d: own.filter(({ opened_at }) => opened_at >= weekAgo).length,
      fires_60d: own.length,
      firing: own.filter(({ now }) => now === 'firing').length,
      ...counts,
      precision: judged > 0 ? counts.real / judged : null,
    };
    return { ...record, proposal: proposalFor(record) };
  };
}

/** What a record suggests: to retire a rule nobody found useful, to retune one that is mostly noise. */
export function proposalFor(record: Omit<RuleRecord, 'proposal'>): RuleRecord['proposal'] {
  const { real, noise, expected, fires_60d: fires } = record;
  const given = real + noise + expected;
  if (given < fewestVerdicts) return null;
  if (real === 0 && noise + expected >= 5)
    return {
      kind: 'retire',
      text: `None of ${given} verdicts was real (${noise} noise, ${expected} expected): it could be switched off.`,
    };
  if (noise >= fewestVerdicts && noise > real)
    return {
      kind: 'retune',
      text: `${noise} of ${real + noise} verdicts were noise (fired ${fires} times in ${recordDays} days): a threshold further out, a longer "for" or a larger sample would page less.`,
    };
  if (expected >= fewestVerdicts && expected > real)
    return {
      kind: 'retune',
      text: `${expected} of ${given} alerts were expected: a maintenance window or a narrower filter would keep them quiet.`,
    };
  return null;
}
