import { enableChannel, getChannel } from '#store/state/channels.ts';
import type { StateDb } from '#store/state/open.ts';
import { claimDue, markDelivered, markFailed, markRetry, type OutboxRow } from '#store/state/outbox.ts';
import type { Attempt } from '../channels/channel.ts';
import { channels } from '../channels/index.ts';
import type { AlertsLog, Clock } from '../deps.ts';
import { nextWaitMs } from './backoff.ts';

export interface SenderDeps {
  state: StateDb;
  clock: Clock;
  log: AlertsLog;
  /** 0 to 1, for the jitter of retries. */
  random: () => number;
  allowPrivateAddresses: boolean;
  timeoutMs?: number;
  leaseMs?: number;
  /** Told after every attempt that changed something. */
  onAttempt?: (incidentId: string) => void;
}

export interface Sender {
  /**
   * Sends everything that is due now and resolves when each attempt has ended and is written down. May be called again
   * meanwhile, so that a receiver that hangs does not hold up later messages to others.
   */
  sendDue(): Promise<void>;
  /** Ends attempts under way (they are made again later) and waits until that is written down. */
  stop(): Promise<void>;
}

const parallel = 8;
const defaults = { timeoutMs: 15_000, leaseMs: 60_000 };

/**
 * Empties the outbox: each message at least once, in order per incident and channel. Any number of senders, also in
 * other processes, may run: a lease keeps them apart, and a message whose sender died is due again when it ends.
 */
export function createSender(deps: SenderDeps): Sender {
  const stopping = new AbortController();
  const underway = new Set<Promise<void>>();
  const rounds = new Set<Promise<void>>();

  async function claim(): Promise<OutboxRow[]> {
    const limit = parallel - underway.size;
    if (limit <= 0 || stopping.signal.aborted) return [];
    const now = new Date(deps.clock.now()).toISOString();
    return claimDue(deps.state, { now, leaseMs: deps.leaseMs ?? defaults.leaseMs, limit });
  }

  /** One slow receiver takes one place of eight; the others go on. */
  async function sendAll(): Promise<void> {
    const mine = new Set<Promise<void>>();
    for (;;) {
      for (const row of await claim()) {
        const attempt = deliver(deps, row, stopping.signal)
          // Not written down: the lease runs out and the message is sent again.
          .catch(error =>
            deps.log.error({ err: error, event: row.event_id }, 'outcome of an attempt is lost'),
          )
          .finally(() => {
            underway.delete(attempt);
            mine.delete(attempt);
          });
        underway.add(attempt);
        mine.add(attempt);
      }
      if (mine.size === 0) return;
      // The next message of an incident may be due as soon as the one before it has arrived.
      await Promise.race(mine);
    }
  }

  return {
    sendDue() {
      const round = sendAll().finally(() => rounds.delete(round));
      rounds.add(round);
      return round;
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...rounds, ...underway]);
    },
  };
}

async function deliver(deps: SenderDeps, row: OutboxRow, signal: AbortSignal): Promise<void> {
  const { state, log } = deps;
  const attempt = await attemptOne(deps, row, signal);
  const at = new Date(deps.clock.now()).toISOString();
  const about = { event: row.event_id, channel: row.channel_id, attempt: row.attempts };
  if (attempt.outcome === 'delivered') {
    await markDelivered(state, row, at);
    log.info(about, 'event delivered');
  } else if (attempt.outcome === 'gone') {
    await markFailed(state, row, { at, error: attempt.error });
    await enableChannel(state, row.channel_id, false);
    log.warn({ ...about, error: attempt.error }, 'receiver is gone: channel switched off');
  } else {
    const wait = signal.aborted ? 0 : nextWaitMs(row.attempts, deps.random(), attempt.retryAfterMs);
    if (wait === null) await markFailed(state, row, { at, error: attempt.error });
    else {
      const nextAttemptAt = new Date(deps.clock.now() + wait).toISOString();
      await markRetry(state, row, { nextAttemptAt, error: attempt.error });
    }
    log.warn({ ...about, error: attempt.error, wait_ms: wait }, 'event not delivered');
  }
  deps.onAttempt?.(row.incident_id);
}

async function attemptOne(deps: SenderDeps, row: OutboxRow, signal: AbortSignal): Promise<Attempt> {
  const stored = await getChannel(deps.state, row.channel_id);
  const kind = stored && channels[stored.kind];
  // Switched off or unknown: retried like any failure, so switching it on again within three days loses nothing.
  if (!kind) return failed(`there is no channel of kind "${stored?.kind ?? ''}"`);
  if (stored.enabled === 0) return failed('the channel is switched off');
  return kind.send({ id: row.event_id, body: row.payload }, JSON.parse(stored.settings), {
    secret: stored.secret,
    now: deps.clock.now,
    timeoutMs: deps.timeoutMs ?? defaults.timeoutMs,
    signal,
    allowPrivateAddresses: deps.allowPrivateAddresses,
  });
}

const failed = (error: string): Attempt => ({ outcome: 'failed', status: null, error, retryAfterMs: null });
