import type { AlertSummary } from '#contract/alert.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { AlertState } from '../alert/alert-state.tsx';
import { betweenWords } from '../alert/since.ts';
import { InboxRow } from './inbox-row.tsx';
import { IncidentActions } from './incident-actions.tsx';

interface AlertRowProps {
  alert: AlertSummary;
  nowMs: number;
  selected: boolean;
}

/** One incident: what, how much, since when, and who has it. */
export function AlertRow({ alert, nowMs, selected }: AlertRowProps) {
  const between = betweenWords(alert.changed_between, nowMs, viewerZone());
  return (
    <InboxRow
      to="/a/$id"
      id={alert.id}
      title={alert.title}
      state={<AlertState alert={alert} nowMs={nowMs} />}
      facts={[
        `Since ${timeNear(Date.parse(alert.changed_at), nowMs, viewerZone())}${between ? ` (between ${between})` : ''}`,
        alert.environment,
        alert.model,
        `${format.count(alert.calls)} requests`,
        alert.muted_by && `nobody is told (${alert.muted_by})`,
      ]}
      actions={<IncidentActions alert={alert} nowMs={nowMs} />}
      selected={selected}
    />
  );
}
