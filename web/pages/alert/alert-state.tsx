import type { AlertSummary } from '#contract/alert.ts';
import { lasted, timeNear, viewerZone } from '../../clock.ts';
import { classes } from '../../ui/classes.ts';
import { type Status, StatusIcon, statusText } from '../../ui/status.tsx';
import { inboxTab } from '../alerts/inbox.ts';

/** Where an incident stands and for how long, by shape, word and colour. */
export function AlertState({ alert, nowMs }: { alert: AlertSummary; nowMs: number }) {
  const { status, words } = stateWords(alert, nowMs);
  return (
    <span
      className={classes(
        'inline-flex items-center gap-1.5 font-semibold whitespace-nowrap',
        statusText[status],
      )}
    >
      <StatusIcon status={status} />
      {words}
    </span>
  );
}

function stateWords(alert: AlertSummary, nowMs: number): { status: Status; words: string } {
  const zone = viewerZone();
  if (alert.retracted !== null) return { status: 'neutral', words: 'Retracted: late data do not support it' };
  if (alert.traffic_mix) return { status: 'good', words: 'Traffic mix changed, nobody was paged' };
  const age = lasted(nowMs - Date.parse(alert.opened_at));
  switch (inboxTab(alert, nowMs)) {
    case 'resolved': {
      const end = alert.resolved_at ? `, ${timeNear(Date.parse(alert.resolved_at), nowMs, zone)}` : '';
      return { status: 'good', words: `Resolved${end}` };
    }
    case 'snoozed':
      return {
        status: 'warning',
        words: `Snoozed until ${timeNear(Date.parse(alert.snoozed_until ?? ''), nowMs, zone)}`,
      };
    case 'acknowledged':
      return { status: 'warning', words: `Taken by ${alert.acknowledged_by ?? 'someone'}, firing ${age}` };
    case 'firing':
      return { status: 'critical', words: `Firing ${age}${alert.provisional ? ', provisional' : ''}` };
  }
}
