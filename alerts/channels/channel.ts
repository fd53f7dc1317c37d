import type { z } from 'zod';

/** One event on its way out. `body` is JSON, rendered once when the incident changed, so every attempt says the same. */
export interface OutgoingEvent {
  /** Constant across retries. */
  id: string;
  body: string;
}

/** What happened to an attempt; the type says whether another one can help. */
export type Attempt =
  | { outcome: 'delivered'; status: number }
  | { outcome: 'failed'; status: number | null; error: string; retryAfterMs: number | null }
  /** The receiver says it is gone for good: the channel is switched off. */
  | { outcome: 'gone'; status: number; error: string };

export interface SendContext {
  secret: string;
  now: () => number;
  /** Longest time from connecting to the answer's status. */
  timeoutMs: number;
  /** Ends the attempt when the program stops. */
  signal: AbortSignal;
  /** Lets events go to loopback and private networks: for local mode, where the receiver is on the same machine. */
  allowPrivateAddresses: boolean;
}

/** A way to reach people: its settings as a schema (the form follows from it) and how to send one event. */
export interface Channel<Settings> {
  label: string;
  settings: z.ZodType<Settings>;
  /** Never throws for what a receiver or the network does: that is a failed attempt. */
  send(event: OutgoingEvent, settings: Settings, context: SendContext): Promise<Attempt>;
}

/** A channel whose settings are read from stored JSON; settings that no longer fit are a failed attempt. */
export interface StoredChannel {
  label: string;
  settings: z.ZodType;
  send(event: OutgoingEvent, settings: unknown, context: SendContext): Promise<Attempt>;
}

export function channel<Settings>(own: Channel<Settings>): StoredChannel {
  return {
    label: own.label,
    settings: own.settings,
    async send(event, settings, context) {
      const parsed = own.settings.safeParse(settings);
      if (parsed.success) return own.send(event, parsed.data, context);
      const error = `the settings of this channel cannot be used: ${parsed.error.issues[0]?.message}`;
      return { outcome: 'failed', status: null, error, retryAfterMs: null };
    },
  };
}
