import { randomUUID } from 'node:crypto';
import { getChannel } from '#store/state/channels.ts';
import type { StateDb } from '#store/state/open.ts';
import { channels } from '../channels/index.ts';
import type { Clock } from '../deps.ts';
import { testPayload } from './message.ts';

export interface TestResult {
  delivered: boolean;
  /** HTTP status, null when no answer came. */
  status: number | null;
  error: string | null;
}

/** Sends a test event once, now, past the outbox. Null when there is no such channel. */
export async function testChannel(
  deps: { state: StateDb; clock: Clock; baseUrl: string; allowPrivateAddresses: boolean },
  channelId: string,
): Promise<TestResult | null> {
  const stored = await getChannel(deps.state, channelId);
  const kind = stored && channels[stored.kind];
  if (!kind) return null;
  const id = `test_${randomUUID()}`;
  const body = JSON.stringify(testPayload(id, deps.clock.now(), deps.baseUrl));
  const attempt = await kind.send({ id, body }, JSON.parse(stored.settings), {
    secret: stored.secret,
    now: deps.clock.now,
    timeoutMs: 15_000,
    signal: new AbortController().signal,
    allowPrivateAddresses: deps.allowPrivateAddresses,
  });
  const { status } = attempt;
  return attempt.outcome === 'delivered'
    ? { delivered: true, status, error: null }
    : { delivered: false, status, error: attempt.error };
}
