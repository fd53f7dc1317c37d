import type { Insertable, Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { ChannelTable } from './schema.ts';

export type ChannelRow = Selectable<ChannelTable>;

/** What a channel must know and nobody is shown. */
export interface ChannelSecrets {
  /** By the name of the field. */
  values: Record<string, string | string[]>;
  /** What signs, the newest first. */
  signing: string[];
  /** Until when the second one signs as well; ISO 8601. */
  previous_until: string | null;
}

/** Reads the `secret` of a row, of which older ones are a signing secret alone. */
export function readSecrets(secret: string): ChannelSecrets {
  if (!secret.startsWith('{')) return { values: {}, signing: secret ? [secret] : [], previous_until: null };
  return JSON.parse(secret) as ChannelSecrets;
}

/** Oldest first. */
export async function listChannels(db: StateDb): Promise<ChannelRow[]> {
  return db.selectFrom('channels').selectAll().orderBy('created_at').orderBy('channel_id').execute();
}

export async function getChannel(db: StateDb, channelId: string): Promise<ChannelRow | null> {
  const row = await db
    .selectFrom('channels')
    .selectAll()
    .where('channel_id', '=', channelId)
    .executeTakeFirst();
  return row ?? null;
}

export async function addChannel(db: StateDb, row: Insertable<ChannelTable>): Promise<void> {
  await db.insertInto('channels').values(row).execute();
}

/** Changes what is given; switching it on or off by hand forgets why it was switched off. Null when there is none. */
export async function changeChannel(
  db: StateDb,
  channelId: string,
  change: Partial<Pick<ChannelRow, 'name' | 'settings' | 'secret' | 'enabled' | 'disabled_reason'>>,
): Promise<ChannelRow | null> {
  const row = await db
    .updateTable('channels')
    .set({ ...('enabled' in change && { disabled_reason: null }), ...change })
    .where('channel_id', '=', channelId)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Removes a channel and gives up what was still to be sent there. False when there is no such channel. */
export async function removeChannel(db: StateDb, channelId: string, at: string): Promise<boolean> {
  return db.transaction().execute(async transaction => {
    const removed = await transaction
      .deleteFrom('channels')
      .where('channel_id', '=', channelId)
      .executeTakeFirst();
    await transaction.deleteFrom('channel_memory').where('channel_id', '=', channelId).execute();
    await transaction
      .updateTable('outbox')
      .set({ failed_at: at, leased_until: null, next_attempt_at: null, error: 'the channel was removed' })
      .where('channel_id', '=', channelId)
      .where('delivered_at', 'is', null)
      .where('failed_at', 'is', null)
      .execute();
    return removed.numDeletedRows > 0n;
  });
}

/** What a channel has kept about an incident; null when nothing. */
export async function readChannelMemory(
  db: StateDb,
  channelId: string,
  incidentId: string,
): Promise<unknown> {
  const row = await db
    .selectFrom('channel_memory')
    .select('memory')
    .where('channel_id', '=', channelId)
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  return row ? JSON.parse(row.memory) : null;
}

/** Replaces what a channel keeps about an incident. */
export async function writeChannelMemory(
  db: StateDb,
  channelId: string,
  incidentId: string,
  value: object,
): Promise<void> {
  const memory = JSON.stringify(value);
  await db
    .insertInto('channel_memory')
    .values({ channel_id: channelId, incident_id: incidentId, memory })
    .onConflict(conflict => conflict.columns(['channel_id', 'incident_id']).doUpdateSet({ memory }))
    .execute();
}
