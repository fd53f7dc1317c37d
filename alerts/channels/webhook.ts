import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { type Attempt, channel, type OutgoingEvent, type SendContext } from './channel.ts';
import { publicLookup, refusedHost } from './private-addresses.ts';
import { signedHeaders } from './standard-webhooks.ts';

const longestAnswerBytes = 64 * 1024;

const settings = z.object({
  url: z.url({ protocol: /^https?$/ }).describe('Receives a signed JSON POST for every incident'),
});

/**
 * POSTs the event, signed after Standard Webhooks. Any 2xx is delivered; redirects are not followed (a signed
 * event must not end up elsewhere) and count as failed; 410 means "stop". The answer's body is never looked at.
 */
export const webhook = channel({ label: 'Webhook', settings, send });

async function send(
  event: OutgoingEvent,
  { url }: z.output<typeof settings>,
  context: SendContext,
): Promise<Attempt> {
  const target = new URL(url);
  const refused = context.allowPrivateAddresses ? null : refusedHost(target.hostname);
  if (refused) return failed(refused);
  const timeout = AbortSignal.timeout(context.timeoutMs);
  try {
    return judge(
      await post(target, event, context, AbortSignal.any([timeout, context.signal])),
      context.now(),
    );
  } catch (error) {
    if (timeout.aborted) return failed(`no answer within ${context.timeoutMs / 1000} s`);
    return failed(error instanceof Error ? error.message : String(error));
  }
}

interface Answer {
  status: number;
  retryAfter: string | undefined;
}

function post(target: URL, event: OutgoingEvent, context: SendContext, signal: AbortSignal): Promise<Answer> {
  const body = Buffer.from(event.body);
  const timestamp = Math.floor(context.now() / 1000);
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'Driftline',
      ...signedHeaders({ id: event.id, timestamp, body: event.body }, context.secret),
    },
    ...(context.allowPrivateAddresses ? {} : { lookup: publicLookup }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options);
    outgoing.on('error', reject);
    outgoing.on('response', answer => {
      discard(answer);
      resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
    });
    outgoing.end(body);
  });
}

/** Reads the answer's body to nowhere, and hangs up on one that is too long or never ends (the signal sees to that). */
function discard(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > longestAnswerBytes) answer.destroy();
  });
  answer.on('error', () => {});
}

function judge({ status, retryAfter }: Answer, nowMs: number): Attempt {
  if (status >= 200 && status < 300) return { outcome: 'delivered', status };
  if (status === 410) return { outcome: 'gone', status, error: 'the receiver answered 410 Gone' };
  const what = status >= 300 && status < 400 ? 'a redirect, which is not followed' : 'an error';
  return {
    outcome: 'failed',
    status,
    error: `the receiver answered ${status}, ${what}`,
    retryAfterMs: retryAfterMs(retryAfter, nowMs),
  };
}

/** Retry-After (RFC 9110 10.2.3): seconds or an HTTP date; null when absent or unreadable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (!header) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

function failed(error: string): Attempt {
  return { outcome: 'failed', status: null, error, retryAfterMs: null };
}
