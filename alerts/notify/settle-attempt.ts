import { changeChannel, getChannel, listChannels } from '#store/state/channels.ts';
import type { StateDb } from '#store/state/open.ts';
import { markDelivered, markFailed, markRetry, type OutboxRow, queueMessages } from '#store/state/outbox.ts';
import type { Attempt } from '../channels/channel.ts';
import { readNotice } from '../channels/notice.ts';
import type { Sent } from './attempt.ts';
import { nextWaitMs } from './backoff.ts';
import { nameOfChannel } from './channel-name.ts';
import type { SenderDeps } from './outbox.ts';
import { undeliveredPayload } from './undelivered-message.ts';

/** Writes down how an attempt ended, when the next one is, and tells the other channels when there is none. */
export async function settleAttempt(
  deps: SenderDeps,
  row: OutboxRow,
  attempt: Sent,
  stopped: boolean,
): Promise<void> {
  const { state, log } = deps;
  const at = new Date(deps.clock.now()).toISOString();
  const about = { event: row.event_id, channel: row.channel_id, attempt: row.attempts };
  if (attempt.outcome === 'skipped') {
    await markDelivered(state, row, at, { outcome: 'skipped' });
  } else if (attempt.outcome === 'delivered') {
    await markDelivered(state, row, at, noteOf(attempt));
    log.info({ ...about, status: attempt.status }, 'event delivered');
  } else if (attempt.outcome === 'gone') {
    await giveUp(deps, row, attempt, at);
    log.warn({ ...about, error: attempt.error }, 'receiver is gone: channel switched off');
  } else {
    // A program that stops asks for the message again at once: nothing was wrong with the receiver.
    const wait = stopped
      ? 0
      : nextWaitMs(row.attempts - row.attempts_before, deps.random(), attempt.retryAfterMs);
    if (wait === null) await giveUp(deps, row, attempt, at);
    else {
      const nextAttemptAt = new Date(deps.clock.now() + wait).toISOString();
      await markRetry(state, row, { nextAttemptAt, error: attempt.error, at }, noteOf(attempt));
    }
    log.warn({ ...about, error: attempt.error, wait_ms: wait }, 'event not delivered');
  }
}

const noteOf = ({ outcome, status, answer = null }: Attempt) => ({ outcome, status, answer });

/** The end of a message, in one transaction with what the other channels are told of it. */
async function giveUp(
  { state }: SenderDeps,
  row: OutboxRow,
  attempt: Extract<Attempt, { error: string }>,
  at: string,
): Promise<void> {
  await state.transaction().execute(async db => {
    const settled = await markFailed(db, row, { at, error: attempt.error }, noteOf(attempt));
    // Another sender has it: that one will see.
    if (!settled) return;
    if (attempt.outcome === 'gone') {
      await changeChannel(db, row.channel_id, { enabled: 0, disabled_reason: attempt.error });
    }
    await tellOthers(db, row, attempt.error, at);
  });
}

/** News about news would have no end: only what is about an alert is passed on. */
async function tellOthers(db: StateDb, row: OutboxRow, error: string, at: string): Promise<void> {
  if (row.event === 'undelivered' || row.event === 'test') return;
  const failing = await getChannel(db, row.channel_id);
  const others = (await listChannels(db)).filter(
    ({ enabled, channel_id }) => enabled === 1 && channel_id !== row.channel_id,
  );
  const payload = undeliveredPayload(
    readNotice({ id: row.event_id, body: row.payload }),
    { id: row.channel_id, name: failing ? nameOfChannel(failing) : 'a removed channel' },
    error,
    at,
  );
  await queueMessages(
    db,
    others.map(({ channel_id }) => ({
      event_id: `${row.event_id}.undelivered.${row.channel_id}`,
      incident_id: payload.data.id,
      channel_id,
      event: 'undelivered',
      payload: JSON.stringify(payload),
      created_at: at,
    })),
  );
}
