import { messagesAbout } from '#store/state/notifications.ts';
import type { StateDb } from '#store/state/open.ts';
import { type OutboxRow, queueMessages } from '#store/state/outbox.ts';

/**
 * Tells the channels that were told of an incident or alert that somebody has taken it, in the transaction that notes it:
 * services for on-call stop calling, and a thread says who. It goes where the last message about it went, in its words.
 */
export async function queueAcknowledged(
  db: StateDb,
  { id, by, at }: { id: string; by: string; at: string },
): Promise<void> {
  const told = new Map<string, OutboxRow>();
  for (const row of await messagesAbout(db, id)) {
    // Given up or never for this channel: it has not heard of it.
    if (row.failed_at === null) told.set(`${row.incident_id} ${row.channel_id}`, row);
  }
  for (const row of told.values()) {
    if (row.event === 'resolved' || row.event === 'acknowledged' || isOfSeveral(row.payload)) continue;
    await queueMessages(db, [
      {
        event_id: `${row.event_id}.acknowledged`,
        incident_id: row.incident_id,
        channel_id: row.channel_id,
        event: 'acknowledged',
        payload: payloadOf(row.payload, by, at),
        created_at: at,
      },
    ]);
  }
}

/** Of alerts that are told together one being taken does not mean that all are. */
function isOfSeveral(payload: string): boolean {
  const { data } = JSON.parse(payload) as { data?: { alerts?: unknown[] } };
  return (data?.alerts?.length ?? 0) > 1;
}

function payloadOf(payload: string, by: string, at: string): string {
  const { type, data } = JSON.parse(payload) as { type: string; data: object };
  const kind = type.slice(0, type.indexOf('.'));
  return JSON.stringify({
    type: `${kind}.acknowledged`,
    timestamp: at,
    data: { ...data, acknowledged_by: by.slice(0, 200), detail: `Acknowledged by ${by.slice(0, 200)}.` },
  });
}
