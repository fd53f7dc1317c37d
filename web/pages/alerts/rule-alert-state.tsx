import type { RuleAlert } from '#contract/rule.ts';
import { lasted, timeNear, viewerZone } from '../../clock.ts';
import { classes } from '../../ui/classes.ts';
import { type Status, StatusIcon, statusText } from '../../ui/status.tsx';
import { inboxTab } from './inbox.ts';

/** Where a rule's alert stands and for how long, by shape, word and colour. */
export function RuleAlertState({ alert, nowMs }: { alert: RuleAlert; nowMs: number }) {
  const { status, words } = stateWords(alert, nowMs);
  return (
    <span className={classes('inline-flex items-center gap-1.5 font-semibold', statusText[status])}>
      <StatusIcon status={status} />
      {words}
    </span>
  );
}

function stateWords(alert: RuleAlert, nowMs: number): { status: Status; words: string } {
  const near = (at: string | null) => timeNear(Date.parse(at ?? ''), nowMs, viewerZone());
  if (alert.retracted) return { status: 'neutral', words: 'Retracted: late data do not support it' };
  const age = lasted(nowMs - Date.parse(alert.opened_at));
  switch (inboxTab(alert, nowMs)) {
    case 'resolved':
      return { status: 'good', words: `Resolved${alert.resolved_at ? `, ${near(alert.resolved_at)}` : ''}` };
    case 'snoozed':
      return { status: 'warning', words: `Snoozed until ${near(alert.snoozed_until)}` };
    case 'acknowledged':
      return { status: 'warning', words: `Taken by ${alert.acknowledged_by ?? 'someone'}, firing ${age}` };
    case 'firing': {
      const what = alert.no_data ? 'No data' : alert.recovering_since ? 'Recovering, firing' : 'Firing';
      return { status: alert.severity, words: `${what} ${age}${alert.provisional ? ', provisional' : ''}` };
    }
  }
}
