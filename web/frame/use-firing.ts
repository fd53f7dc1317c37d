import { useAlerts } from '../data/alerts.ts';
import { inboxTab } from '../pages/alerts/inbox.ts';

/** How many incidents need someone: firing and neither taken nor snoozed. */
export function useFiring(): number {
  const { data } = useAlerts();
  const now = Date.now();
  return data?.alerts.filter(alert => inboxTab(alert, now) === 'firing').length ?? 0;
}
