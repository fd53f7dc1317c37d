import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { ChannelTable } from './schema.ts';

export type ChannelRow = Selectable<ChannelTable>;

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

export async function addChannel(db: StateDb, row: ChannelRow): Promise<void> {
  await db.insertInto('channels').values(row).execute();
}

/** False when there is no such channel. */
export async function enableChannel(db: StateDb, channelId: string, enabled: boolean): Promise<boolean> {
  const changed = await db
    .updateTable('channels')
    .set({ enabled: enabled ? 1 : 0 })
    .where('channel_id', '=', channelId)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

/** Removes a channel and gives up what was still to be sent there. False when there is no such channel. */
export async function removeChannel(db: StateDb, channelId: string, at: string): Promise<boolean> {
  return db.transaction().execute(async transaction => {
    const removed = await transaction
      .deleteFrom('channels')
      .where('channel_id', '=', channelId)
      .executeTakeFirst();
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
