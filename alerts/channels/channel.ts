import type { z } from 'zod';
import type { ChannelField } from '#contract/channel.ts';
import { maskSecrets } from './mask-secrets.ts';
import type { Notice } from './notice.ts';
import { readNotice } from './notice.ts';

/** One event on its way out. `body` is JSON, rendered once when the incident changed, so every attempt says the same. */
export interface OutgoingEvent {
  /** Constant across retries. */
  id: string;
  body: string;
}

/** What happened to an attempt; the type says whether another one can help. `answer` is what the receiver said, short. */
export type Attempt =
  | { outcome: 'delivered'; status: number | null; answer?: string | null }
  | {
      outcome: 'failed';
      status: number | null;
      error: string;
      retryAfterMs: number | null;
      answer?: string | null;
    }
  /** The receiver says it is gone for good: the channel is switched off. */
  | { outcome: 'gone'; status: number | null; error: string; answer?: string | null };

/** What a channel keeps about one incident between two messages, such as the message that opened a thread. Plain JSON. */
export interface Memory {
  read(): Promise<unknown>;
  write(value: object): Promise<void>;
}

/** A call that went wrong, for those who want to learn from it. Ids and figures, no text. */
export interface FailingCase {
  trace_id: string;
  span_id: string;
  start_time: string;
  value: number | null;
  model: string;
  prompt: string;
}

export interface SendContext {
  /** Secrets that sign, the newest first; two while one replaces the other. */
  signing: readonly string[];
  now: () => number;
  /** Longest time from connecting to the answer's status. */
  timeoutMs: number;
  /** Ends the attempt when the program stops. */
  signal: AbortSignal;
  /** Lets events go to loopback and private networks: for local mode, where the receiver is on the same machine. */
  allowPrivateAddresses: boolean;
  memory?: Memory;
  /** Picture of the incident as PNG; null when there is none to show. */
  chart?: () => Promise<Buffer | null>;
  cases?: () => Promise<FailingCase[]>;
  /** Where e-mail is handed over when a channel names no server of its own. */
  smtp?: { url: string; from: string } | undefined;
}

/** A way to reach people: what there is to set (the form follows from it) and how to send one event. */
export interface Channel<Config> {
  label: string;
  /** What arrives there, in a sentence. */
  about: string;
  /** Events carry a Standard Webhooks signature. */
  signed?: boolean;
  /** What there is to fill in; the secret ones are written and never read back. */
  fields: readonly ChannelField[];
  /** Reads the values of all fields, secret or not. */
  config: z.ZodType<Config>;
  /** Where it leads, without what is secret. */
  target(config: Config): string;
  /** Whether it is told of this; without it, of everything. */
  takes?(notice: Notice): boolean;
  /** Never throws for what a receiver or the network does: that is a failed attempt. */
  send(event: OutgoingEvent, config: Config, context: SendContext): Promise<Attempt>;
}

/** A channel whose values are read from stored JSON; values that no longer fit are a failed attempt. */
export interface StoredChannel extends Omit<Channel<unknown>, 'takes' | 'target'> {
  target(config: unknown): string;
  /** Says what is wrong with the values; null when nothing is. */
  problem(config: unknown): string | null;
  wants(event: OutgoingEvent): boolean;
}

export function channel<Config>(own: Channel<Config>): StoredChannel {
  return {
    label: own.label,
    about: own.about,
    signed: own.signed ?? false,
    fields: own.fields,
    config: own.config,
    target(config) {
      const parsed = own.config.safeParse(config);
      return parsed.success ? own.target(parsed.data) : '';
    },
    problem(config) {
      const parsed = own.config.safeParse(config);
      return parsed.success ? null : wording(parsed.error);
    },
    wants: event => own.takes?.(readNotice(event)) ?? true,
    async send(event, config, context) {
      const parsed = own.config.safeParse(config);
      if (!parsed.success) {
        return failed(`the settings of this channel cannot be used: ${wording(parsed.error)}`);
      }
      const secrets = own.fields
        .filter(({ secret }) => secret)
        .flatMap(({ name }) => secretText(config, name))
        .concat(context.signing);
      return maskSecrets(await own.send(event, parsed.data, context), secrets);
    },
  };
}

/** An attempt that did not get as far as an answer. */
export function failed(error: string): Attempt {
  return { outcome: 'failed', status: null, error, retryAfterMs: null, answer: null };
}

/** A field of the form, with what is the same for most. */
export function field(
  name: string,
  label: string,
  more: Partial<Omit<ChannelField, 'name' | 'label'>> = {},
): ChannelField {
  return {
    name,
    label,
    type: 'text',
    secret: false,
    required: false,
    help: '',
    placeholder: '',
    options: [],
    default: '',
    ...more,
  };
}

/** Names the field, as the API calls it. */
function wording(error: z.ZodError): string {
  const [issue] = error.issues;
  const name = issue?.path[0];
  return name === undefined ? (issue?.message ?? 'not complete') : `${String(name)}: ${issue?.message}`;
}

function secretText(config: unknown, name: string): string[] {
  const value = (config as Record<string, unknown>)[name];
  return typeof value === 'string' ? [value] : [];
}
