import type { AlertSummary } from '#contract/alert.ts';
import type { RuleAlert } from '#contract/rule.ts';
import { useAlerts } from '../../data/alerts.ts';
import { useRuleAlerts } from '../../data/rules.ts';
import { type InboxTab, inboxTab } from './inbox.ts';

/** An incident of the detector, or an alert of a plain rule. */
export type InboxItem =
  | { kind: 'incident'; id: string; alert: AlertSummary }
  | { kind: 'rule'; id: string; alert: RuleAlert };

/** What fires and is grave comes first: a page must not sink below warnings. */
const gravity = ({ kind, alert }: InboxItem) =>
  alert.state === 'firing' && (kind === 'incident' || alert.severity === 'critical') ? 1 : 0;

/** Everything somebody may have to look at, the grave and the newest first, whatever found it; and what is wrong with Driftline itself. */
export function useInbox() {
  const incidents = useAlerts();
  const fromRules = useRuleAlerts();
  const nowMs = Date.now();
  const items: InboxItem[] = [
    ...(incidents.data?.alerts ?? []).map(alert => ({ kind: 'incident' as const, id: alert.id, alert })),
    ...(fromRules.data?.alerts ?? []).map(alert => ({ kind: 'rule' as const, id: alert.id, alert })),
  ].sort(
    (one, other) => gravity(other) - gravity(one) || (one.alert.opened_at < other.alert.opened_at ? 1 : -1),
  );
  return {
    data: incidents.data,
    error: incidents.error ?? fromRules.error,
    refetch: () => Promise.all([incidents.refetch(), fromRules.refetch()]),
    itemsIn: (tab: InboxTab) => items.filter(({ alert }) => inboxTab(alert, nowMs) === tab),
    // Nobody takes or snoozes these: they fire, or they are over.
    internalIn: (tab: InboxTab) => (incidents.data?.internal ?? []).filter(({ state }) => state === tab),
  };
}
