import type { AlertSummary } from '#contract/alert.ts';

export const inboxTabs = ['firing', 'acknowledged', 'snoozed', 'resolved'] as const;
export type InboxTab = (typeof inboxTabs)[number];

/** Where an incident lies in the inbox. Resolved wins, then snoozed while it lasts, then acknowledged. */
export function inboxTab(
  alert: Pick<AlertSummary, 'state' | 'snoozed_until' | 'acknowledged_at'>,
  nowMs: number,
): InboxTab {
  if (alert.state === 'resolved') return 'resolved';
  if (alert.snoozed_until && Date.parse(alert.snoozed_until) > nowMs) return 'snoozed';
  return alert.acknowledged_at ? 'acknowledged' : 'firing';
}
