import type { StateDb } from '#store/state/open.ts';
import { claimDue, type OutboxRow } from '#store/state/outbox.ts';
import type { AlertsLog, Clock } from '../deps.ts';
import type { AboutIncident } from './about-incident.ts';
import { attemptOne } from './attempt.ts';
import { settleAttempt } from './settle-attempt.ts';

/** Places where tests end the process, to see that nothing is lost, doubled or out of order. */
export const outboxCrashPoints = ['claimed', 'sending', 'answered', 'settled'] as const;
export type OutboxCrashPoint = (typeof outboxCrashPoints)[number];

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
  /** Chart, failing calls and segment of an incident. */
  about?: AboutIncident;
  /** Where e-mail is handed over when a channel names no server. */
  smtp?: { url: string; from: string } | undefined;
  crashPoint?: (name: OutboxCrashPoint) => void | Promise<void>;
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
const defaultLeaseMs = 60_000;

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
    return claimDue(deps.state, { now, leaseMs: deps.leaseMs ?? defaultLeaseMs, limit });
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
  await deps.crashPoint?.('claimed');
  const attempt = await attemptOne(deps, row, signal);
  await deps.crashPoint?.('answered');
  await settleAttempt(deps, row, attempt, signal.aborted);
  await deps.crashPoint?.('settled');
  deps.onAttempt?.(row.incident_id);
}
