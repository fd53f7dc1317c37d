import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Attempt, failed, type SendContext } from './channel.ts';
import { publicLookup, refusedHost } from './private-addresses.ts';

const longestAnswerBytes = 64 * 1024;
const longestExcerpt = 300;

export interface Posting {
  url: string;
  method?: 'POST' | 'PUT' | 'GET';
  headers: Record<string, string>;
  body: string | Buffer;
}

export interface Answer {
  status: number;
  retryAfter: string | undefined;
  /** At most 64 KiB of it. */
  body: string;
}

/**
 * One request to a receiver. Redirects are not followed: what is signed or secret must not end up elsewhere. An answer of
 * any status is an answer; not reached, refused (an address inside) or too late is a failed attempt.
 */
export async function post(posting: Posting, context: SendContext): Promise<Answer | Attempt> {
  if (!URL.canParse(posting.url)) return failed('the address cannot be read');
  const target = new URL(posting.url);
  const refused = context.allowPrivateAddresses ? null : refusedHost(target.hostname);
  if (refused) return failed(refused);
  const timeout = AbortSignal.timeout(context.timeoutMs);
  try {
    return await exchange(target, posting, context, AbortSignal.any([timeout, context.signal]));
  } catch (error) {
    if (timeout.aborted) return failed(`no answer within ${context.timeoutMs / 1000} s`);
    return failed(error instanceof Error ? error.message : String(error));
  }
}

export const isAnswer = (result: Answer | Attempt): result is Answer => !('outcome' in result);

function exchange(
  target: URL,
  { method = 'POST', headers, body }: Posting,
  { allowPrivateAddresses }: SendContext,
  signal: AbortSignal,
): Promise<Answer> {
  const bytes = Buffer.from(body);
  const options: RequestOptions = {
    method,
    agent: false,
    signal,
    headers: {
      'user-agent': 'Driftline',
      ...(method !== 'GET' && { 'content-length': bytes.length }),
      ...headers,
    },
    ...(allowPrivateAddresses ? {} : { lookup: publicLookup }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options);
    outgoing.on('error', reject);
    outgoing.on('response', incoming => {
      const { statusCode: status = 0, headers } = incoming;
      readBody(incoming, signal).then(
        text => resolve({ status, retryAfter: headers['retry-after'], body: text }),
        reject,
      );
    });
    outgoing.end(bytes);
  });
}

/** As much as is looked at; hangs up on an answer that is longer. The status counts also when the rest never comes. */
function readBody(incoming: IncomingMessage, signal: AbortSignal): Promise<string> {
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = () => resolve(Buffer.concat(chunks).toString('utf8'));
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > longestAnswerBytes) incoming.destroy();
    });
    incoming.on('end', end);
    incoming.on('close', end);
    incoming.on('error', end);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** 2xx is delivered, 410 means "stop", everything else may be tried again. */
export function judge({ status, retryAfter, body }: Answer, nowMs: number): Attempt {
  const answer = excerpt(body);
  if (status >= 200 && status < 300) return { outcome: 'delivered', status, answer };
  if (status === 410) return { outcome: 'gone', status, error: 'the receiver answered 410, gone', answer };
  const what = status >= 300 && status < 400 ? 'a redirect, which is not followed' : 'an error';
  return {
    outcome: 'failed',
    status,
    error: `the receiver answered ${status}, ${what}`,
    retryAfterMs: retryAfterMs(retryAfter, nowMs),
    answer,
  };
}

/** POSTs JSON and judges by the status alone. */
export async function postJson(
  url: string,
  body: unknown,
  context: SendContext,
  headers: Record<string, string> = {},
): Promise<Attempt> {
  const result = await post(
    { url, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) },
    context,
  );
  return isAnswer(result) ? judge(result, context.now()) : result;
}

/** Retry-After (RFC 9110 10.2.3): seconds or an HTTP date; null when absent or unreadable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (!header) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** The beginning of an answer as one line of plain text; null when it says nothing. A page is not repeated. */
export function excerpt(body: string): string | null {
  if (/^\s*<(!doctype|html)/i.test(body)) return 'a web page';
  const text = body
    .slice(0, 4 * longestExcerpt)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  if (text === '') return null;
  return text.length > longestExcerpt ? `${text.slice(0, longestExcerpt - 1)}…` : text;
}
