import type { RuleAlert } from '#contract/rule.ts';
import { StatusIcon } from '../../ui/status.tsx';

/** The state of a rule's alert in words, with whatever qualifies it. */
export function RuleAlertState({ alert, nowMs }: { alert: RuleAlert; nowMs: number }) {
  if (alert.state === 'resolved')
    return (
      <span className="inline-flex items-center gap-1">
        <StatusIcon status="good" size={14} /> Resolved
      </span>
    );
  const snoozed = alert.snoozed_until !== null && Date.parse(alert.snoozed_until) > nowMs;
  const said = [
    alert.no_data ? 'No data' : alert.recovering_since ? 'Recovering' : 'Firing',
    alert.flapping && 'flapping',
    alert.stale && 'data are late',
    snoozed && 'snoozed',
    alert.acknowledged_by && `taken by ${alert.acknowledged_by}`,
    alert.muted_by && `nobody is told (${alert.muted_by})`,
  ].filter(Boolean);
  return (
    <span className="inline-flex items-center gap-1">
      <StatusIcon status={alert.severity} size={14} /> {said.join(', ')}
    </span>
  );
}
