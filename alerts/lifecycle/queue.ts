import type { RuleAlertRow } from '#store/state/alert-rules.ts';
import type { StateDb } from '#store/state/open.ts';
import { markFailed, messagesOf, queueMessages } from '#store/state/outbox.ts';
import { fromRow } from '../incident-rows.ts';
import { alertPayload } from '../notify/alert-message.ts';
import { incidentPayload } from '../notify/message.ts';
import { eventId } from './ids.ts';
import type { Planned } from './plan.ts';
import type { Subject } from './subjects.ts';

const events = {
  firing: 'firing',
  // To its channels it is the first they hear.
  escalated: 'firing',
  updated: 'updated',
  repeated: 'updated',
  resolved: 'resolved',
} as const satisfies Record<Planned['kind'], string>;

const mostQuiet = 10;

/** Puts one message about a group into the outbox; newer state replaces what was not sent yet, but never a first message. */
export async function queueGroupMessage(
  db: StateDb,
  at: {
    groupId: string;
    planned: Planned;
    members: readonly Subject[];
    /** What the members keep quiet: it is said with them. */
    keptQuiet: readonly Subject[];
    nowMs: number;
    baseUrl: string;
  },
): Promise<void> {
  const { groupId, planned, nowMs } = at;
  const event = events[planned.kind];
  const now = new Date(nowMs).toISOString();
  if (event !== 'firing') await replaceOlder(db, groupId, planned.channelIds, now);
  const payload = payloadOf(at, event);
  if (payload === null) return;
  payload.data.also.push(...at.keptQuiet.slice(0, mostQuiet).map(({ title }) => `not told apart: ${title}`));
  await queueMessages(
    db,
    planned.channelIds.map(channel_id => ({
      event_id: eventId(groupId, planned.message),
      incident_id: groupId,
      channel_id,
      event,
      payload: JSON.stringify(payload),
      created_at: now,
    })),
  );
}

async function replaceOlder(
  db: StateDb,
  groupId: string,
  channelIds: readonly string[],
  now: string,
): Promise<void> {
  for (const row of await messagesOf(db, groupId)) {
    const underway = row.leased_until !== null && row.leased_until > now;
    if (row.event === 'firing' || row.delivered_at || row.failed_at || underway) continue;
    if (!channelIds.includes(row.channel_id)) continue;
    await markFailed(db, row, { at: now, error: 'replaced by newer state' });
  }
}

function payloadOf(
  { groupId, planned, members, nowMs, baseUrl }: Parameters<typeof queueGroupMessage>[1],
  event: 'firing' | 'updated' | 'resolved',
): { data: { also: string[] } } | null {
  const [first] = members;
  if (!first) return null;
  if ('incident' in first.row) {
    const { incident } = fromRow(first.row.incident);
    const atMs =
      planned.kind === 'firing'
        ? incident.openedAtMs
        : (event === 'resolved' && incident.resolvedAtMs) || nowMs;
    return incidentPayload(incident, event, atMs, baseUrl);
  }
  const alerts = members.flatMap(({ row }): RuleAlertRow[] => ('alert' in row ? [row.alert] : []));
  return alertPayload(groupId, alerts, {
    type: `alert.${event}`,
    atMs: nowMs,
    changedTimes: planned.changedTimes,
    repeated: planned.kind === 'repeated',
    baseUrl,
  });
}
