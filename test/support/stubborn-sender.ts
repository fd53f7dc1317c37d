import { setTimeout as sleep } from 'node:timers/promises';
import type { CapturedBody } from './captures.ts';
import type { Seeded } from './seeded.ts';

/** Answers after which an OTLP exporter sends the same bytes again. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const BACK_OFF_MS = { first: 100, longest: 2_000, factor: 1.5, jitter: 0.2 };
const TRIES = 120;

export interface SendOptions {
  /** Asked before every try, since a restarted receiver may listen elsewhere. */
  endpoint: () => string;
  random: Seeded;
  /** Requests on their way at once. */
  lanes: number;
  pauseMs: number;
  /** Called with each body when its acknowledgement is here. */
  onAcknowledged?: (body: CapturedBody) => void;
  /** Called after every try that has to be repeated. */
  onTurnedAway?: () => void;
}

/** Sends all bodies, in order of their start; resolves to the number of tries once every one has been acknowledged. */
export async function sendStubbornly(
  bodies: Iterable<CapturedBody>,
  { endpoint, random, lanes, pauseMs, onAcknowledged, onTurnedAway = () => {} }: SendOptions,
): Promise<number> {
  const waiting = bodies[Symbol.iterator]();
  let tries = 0;
  const lane = async () => {
    // Not for…of: a lane that fails would close the iterator of the others.
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const needed = await sendUntilAcknowledged(next.value, { endpoint, random, onTurnedAway });
      tries += needed;
      onAcknowledged?.(next.value);
      await sleep(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return tries;
}

async function sendUntilAcknowledged(
  body: CapturedBody,
  { endpoint, random, onTurnedAway }: Required<Pick<SendOptions, 'endpoint' | 'random' | 'onTurnedAway'>>,
): Promise<number> {
  let backOffMs = BACK_OFF_MS.first;
  let last = '';
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { retry, outcome, retryAfterMs } = await attempt(endpoint(), body);
    if (!retry) {
      if (outcome !== 'accepted') throw new Error(`${body.file}: ${outcome}`);
      return tries;
    }
    last = outcome;
    onTurnedAway();
    const spread = 1 + random.between(-BACK_OFF_MS.jitter, BACK_OFF_MS.jitter);
    await sleep(retryAfterMs ?? backOffMs * spread);
    backOffMs = Math.min(backOffMs * BACK_OFF_MS.factor, BACK_OFF_MS.longest);
  }
  throw new Error(`${body.file}: given up after ${TRIES} tries, last: ${last}`);
}

interface Attempt {
  retry: boolean;
  outcome: string;
  retryAfterMs?: number;
}

async function attempt(otlpHttp: string, { signal, encoding, body }: CapturedBody): Promise<Attempt> {
  try {
    const response = await fetch(`${otlpHttp}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf' },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(60_000),
    });
    const answer = await response.text();
    if (response.status === 200) {
      const whole = encoding === 'protobuf' || answer === '{}';
      return { retry: false, outcome: whole ? 'accepted' : `partly refused: ${answer}` };
    }
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const wait = Number.isFinite(seconds) ? { retryAfterMs: Math.min(seconds, 2) * 1000 } : {};
    return { retry: RETRYABLE.has(response.status), outcome: `${response.status} ${answer}`, ...wait };
  } catch (error) {
    // No connection, connection lost, or no answer in time: nobody knows whether it was stored.
    return { retry: true, outcome: String(error) };
  }
}
