import type { RuleAlert } from '#contract/rule.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { InboxRow } from './inbox-row.tsx';
import { RuleAlertActions } from './rule-alert-actions.tsx';
import { RuleAlertState } from './rule-alert-state.tsx';
import { VerdictMenu } from './verdict-menu.tsx';

interface RuleAlertRowProps {
  alert: RuleAlert;
  nowMs: number;
  selected: boolean;
}

/** One alert of a plain rule. */
export function RuleAlertRow({ alert, nowMs, selected }: RuleAlertRowProps) {
  return (
    <InboxRow
      to="/alerts/$id"
      id={alert.id}
      title={alert.title}
      state={<RuleAlertState alert={alert} nowMs={nowMs} />}
      facts={[
        `Since ${timeNear(Date.parse(alert.opened_at), nowMs, viewerZone())}`,
        `rule ${alert.rule}`,
        alert.flapping && 'flapping',
        alert.stale && 'data are late',
        alert.muted_by && `nobody is told (${alert.muted_by})`,
      ]}
      actions={alert.state === 'firing' ? <RuleAlertActions alert={alert} /> : <VerdictMenu id={alert.id} />}
      selected={selected}
    />
  );
}
