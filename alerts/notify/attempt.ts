import {
  type ChannelRow,
  getChannel,
  readChannelMemory,
  readSecrets,
  writeChannelMemory,
} from '#store/state/channels.ts';
import type { StateDb } from '#store/state/open.ts';
import type { OutboxRow } from '#store/state/outbox.ts';
import {
  type Attempt,
  failed,
  type Memory,
  type OutgoingEvent,
  type SendContext,
} from '../channels/channel.ts';
import { channelOf } from '../channels/index.ts';
import { readNotice } from '../channels/notice.ts';
import type { SenderDeps } from './outbox.ts';

const defaultTimeoutMs = 15_000;
/** A picture that takes longer is left out: the message is what matters, and its lease is a minute. */
const longestExtraMs = 10_000;

/** An attempt, or that the channel is not told of such events. */
export type Sent = Attempt | { outcome: 'skipped' };

/** Sends a message once. Whatever a channel does wrong is a failed attempt. */
export async function attemptOne(deps: SenderDeps, row: OutboxRow, signal: AbortSignal): Promise<Sent> {
  const stored = await getChannel(deps.state, row.channel_id);
  const kind = stored ? channelOf(stored.kind) : undefined;
  // Switched off or unknown: retried like any failure, so switching it on again within three days loses nothing.
  if (!stored || !kind) return failed(`there is no channel of kind "${stored?.kind ?? ''}"`);
  if (stored.enabled === 0) return failed('the channel is switched off');
  const event = { id: row.event_id, body: row.payload };
  if (!kind.wants(event)) return { outcome: 'skipped' };
  const { subject } = readNotice(event);
  const { about } = deps;
  const context: SendContext = {
    signing: signingOf(stored, deps.clock.now()),
    now: deps.clock.now,
    timeoutMs: deps.timeoutMs ?? defaultTimeoutMs,
    signal,
    allowPrivateAddresses: deps.allowPrivateAddresses,
    memory: memoryOf(deps.state, stored.channel_id, row.incident_id),
    smtp: deps.smtp,
    ...(about && {
      chart: () => orElse(deps, about.chartOf(subject), null),
      cases: () => orElse(deps, about.casesOf(subject), []),
    }),
  };
  // What is signed is sent as it was queued; what people read may say more by now.
  const told = kind.signed || !about ? event : await withSegment(deps, event, subject);
  await deps.crashPoint?.('sending');
  try {
    return await kind.send(told, configOf(stored), context);
  } catch (error) {
    deps.log.error({ err: error, channel: stored.channel_id, event: row.event_id }, 'a channel failed');
    return failed('the message could not be made; the log of Driftline says why');
  }
}

/** Settings and secrets as the one set of values a channel reads; what was left empty is not there. */
export function configOf({
  settings,
  secret,
}: Pick<ChannelRow, 'settings' | 'secret'>): Record<string, unknown> {
  const values: Record<string, unknown> = {
    ...(JSON.parse(settings) as Record<string, unknown>),
    ...readSecrets(secret).values,
  };
  return Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** What signs at this time: the newest secret, and the one before it until its day is over. */
export function signingOf({ secret }: Pick<ChannelRow, 'secret'>, nowMs: number): string[] {
  const { signing, previous_until } = readSecrets(secret);
  const both = previous_until !== null && Date.parse(previous_until) > nowMs;
  return signing.slice(0, both ? 2 : 1);
}

function memoryOf(state: StateDb, channelId: string, incidentId: string): Memory {
  return {
    read: () => readChannelMemory(state, channelId, incidentId),
    write: value => writeChannelMemory(state, channelId, incidentId, value),
  };
}

/** Adds which calls moved, which takes a look at the store and so is not known when the message is queued. */
async function withSegment(deps: SenderDeps, event: OutgoingEvent, subject: string): Promise<OutgoingEvent> {
  const where = await orElse(deps, deps.about?.whereOf(subject) ?? Promise.resolve(null), null);
  if (where === null) return event;
  const { data, ...envelope } = JSON.parse(event.body) as { data: object };
  return { id: event.id, body: JSON.stringify({ ...envelope, data: { ...data, ...where } }) };
}

/** What cannot be made, or not soon, must not keep the message back. */
async function orElse<Result>({ log }: SenderDeps, work: Promise<Result>, instead: Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it took too long')), longestExtraMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    work.catch(() => {});
    log.warn({ err: error }, 'a message goes without its chart, cases or segment');
    return instead;
  } finally {
    clearTimeout(timer);
  }
}
