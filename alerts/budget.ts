import { createHash } from 'node:crypto';
import { markAnnounced, type UnannouncedNotice, unannouncedNotices } from '#store/state/budgets.ts';
import { queueMessages } from '#store/state/outbox.ts';
import type { AlertsDeps } from './deps.ts';
import { channelsFor } from './lifecycle/routing.ts';
import { budgetPayload } from './notify/budget-message.ts';

/**
 * Tells the channels of its route about thresholds that budgets have crossed: one message a budget and period for the highest of those that
 * were crossed since the last look. Being told of is marked in the transaction that queues the message. Returns how many
 * messages were queued, before channels.
 */
export async function announceBudgets(
  { state, projectId, clock, log }: AlertsDeps,
  baseUrl: string,
): Promise<number> {
  const groups = new Map<string, UnannouncedNotice[]>();
  for (const notice of await unannouncedNotices(state, projectId)) {
    const key = incidentId(notice);
    groups.set(key, [...(groups.get(key) ?? []), notice]);
  }
  const at = new Date(clock.now()).toISOString();
  for (const [incident_id, notices] of groups) {
    const highest = notices.reduce((one, other) => (other.percent > one.percent ? other : one));
    const queued = await state.transaction().execute(async db => {
      // Another process may be at it: who marks the highest tells of it.
      if (!(await markAnnounced(db, highest, at))) return false;
      for (const notice of notices) await markAnnounced(db, notice, at);
      const event_id = `${incident_id}.${String(highest.percent).padStart(4, '0')}`;
      const payload = JSON.stringify(budgetPayload(highest, event_id, baseUrl));
      const severity = highest.percent >= 100 ? 'critical' : 'warning';
      const channelIds = await channelsFor(db, { kind: 'budget', rule: highest.name, severity });
      const message = { event_id, incident_id, event: 'firing', payload, created_at: at };
      await queueMessages(
        db,
        channelIds.map(channel_id => ({ ...message, channel_id })),
      );
      return true;
    });
    const { name, percent } = highest;
    if (queued) log.warn({ budget: highest.budget_id, percent }, `budget "${name}" has crossed ${percent} %`);
  }
  return groups.size;
}

/** Names a budget's period and amount: a changed amount crosses its thresholds anew. */
function incidentId({ budget_id, period_from, amount_nanos }: UnannouncedNotice): string {
  const hash = createHash('sha256').update(JSON.stringify([budget_id, period_from, amount_nanos]));
  return `bud_${hash.digest('hex').slice(0, 20)}`;
}
